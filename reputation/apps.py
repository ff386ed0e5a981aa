from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReputationConfig(AppConfig):
    name = "reputation"

    def ready(self) -> None:
        from reputation import receivers  # noqa: F401, PLC0415 -- connects, once apps are loaded
        from reputation.web.rail import open_count  # noqa: PLC0415 -- once apps are loaded
        from socialops.bench.registry import register as register_benchmark  # noqa: PLC0415 -- as above
        from socialops.ui import navigation  # noqa: PLC0415 -- as above

        register_benchmark("ingest", "reputation.bench:run")
        navigation.register(
            navigation.NavItem(
                key="mentions",
                label=_("Mentions"),
                url_name="reputation:mentions",
                icon="messages",
                section="listen",
                personas=("manager", "director"),
                order=10,
                right="view",
                count=open_count,
            )
        )
