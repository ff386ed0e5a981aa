from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    name = "socialops.permissions"
    label = "permissions"
