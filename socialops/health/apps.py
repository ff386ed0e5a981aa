from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "socialops.health"
    label = "health"
