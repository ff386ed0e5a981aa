from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "socialops.tenancy"
    label = "tenancy"
