from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "editorial"

    def ready(self) -> None:
        from editorial import receivers  # noqa: F401, PLC0415 -- connects them
        from editorial.kinds import register_kinds  # noqa: PLC0415 -- apps are ready only now

        register_kinds()
