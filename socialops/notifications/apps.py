from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "socialops.notifications"
    label = "notifications"
