from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "socialops.notifications"
    label = "notifications"

    def ready(self) -> None:
        from socialops.notifications.views import bell, unread  # noqa: PLC0415 -- apps must be loaded first
        from socialops.ui.navigation import (  # noqa: PLC0415 -- as above
            NOTIFICATIONS,
            register_count,
            register_rail_provider,
        )

        register_rail_provider(NOTIFICATIONS, bell)
        register_count("notifications", unread)
