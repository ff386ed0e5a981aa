from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        from socialops.notifications.kinds import register_kind  # noqa: PLC0415 -- once apps are loaded
        from teams import receivers  # noqa: F401, PLC0415 -- connects them
        from teams.web.navigation import register_all  # noqa: PLC0415 -- as above

        register_kind(
            "channel.broken",
            title=_("%(channel)s must be reconnected: nothing can go out there."),
            label=_("A channel must be reconnected"),
            by_mail=True,
        )
        register_all()
