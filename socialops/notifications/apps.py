from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "socialops.notifications"
    label = "notifications"

    def ready(self) -> None:
        from socialops.notifications.views import bell  # noqa: PLC0415 -- apps must be loaded first
        from socialops.ui.navigation import NOTIFICATIONS, register_rail_provider  # noqa: PLC0415 -- as above

        register_rail_provider(NOTIFICATIONS, bell)
