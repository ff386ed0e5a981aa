from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "socialops.api"
    label = "api"
