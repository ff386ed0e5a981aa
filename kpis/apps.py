from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"

    def ready(self) -> None:
        from kpis import navigation  # noqa: F401, PLC0415 -- apps must be loaded first
        from socialops.bench.registry import register as register_benchmark  # noqa: PLC0415 -- as above

        register_benchmark("dashboard", "kpis.bench:run")
