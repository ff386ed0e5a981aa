from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"

    def ready(self) -> None:
        from kpis import navigation  # noqa: F401, PLC0415 -- apps must be loaded first
