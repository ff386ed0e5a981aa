from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "editorial"

    def ready(self) -> None:
        from editorial import receivers  # noqa: F401, PLC0415 -- connects them
        from editorial.kinds import register_kinds  # noqa: PLC0415 -- apps are ready only now

        register_kinds()
        from editorial.web.rail import register_places  # noqa: PLC0415 -- as above
        from socialops.bench.registry import register as register_benchmark  # noqa: PLC0415 -- as above

        register_places()
        register_benchmark("calendar", "editorial.benchmarks.month:run")
