from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReputationConfig(AppConfig):
    name = "reputation"

    def ready(self) -> None:
        from editorial.panels import register_panel  # noqa: PLC0415 -- once apps are loaded
        from reputation import receivers  # noqa: F401, PLC0415 -- connects, once apps are loaded
        from reputation.web.rail import KEY, REPLIES, open_rows, replies_panel, reply_rows  # noqa: PLC0415 -- once apps are loaded
        from socialops.bench.registry import register as register_benchmark  # noqa: PLC0415 -- as above
        from socialops.notifications.kinds import register_kind  # noqa: PLC0415 -- as above
        from socialops.ui import navigation  # noqa: PLC0415 -- as above

        register_kind(
            "mention.action_failed",
            title=_("The network did not do what you asked about a mention. %(reason)s"),
            label=_("An action on a mention failed"),
        )
        register_benchmark("ingest", "reputation.bench:run")
        register_panel(replies_panel)
        navigation.register_count(REPLIES, reply_rows)
        navigation.register(
            navigation.NavItem(
                key=KEY,
                label=_("Mentions"),
                url_name="reputation:mentions",
                icon="messages",
                section="listen",
                personas=("manager", "director"),
                order=10,
                right="view",
                count=open_rows,
            )
        )
