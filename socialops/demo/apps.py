from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "socialops.demo"
    label = "demo"
