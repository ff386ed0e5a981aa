from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "socialops.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        # shared_task binds to the application loaded here; not in the package's __init__, which the sandbox and the supervisor import too
        from socialops import celery  # noqa: F401, PLC0415 -- settings must be ready first
