from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "socialops.ui"
    label = "ui"
