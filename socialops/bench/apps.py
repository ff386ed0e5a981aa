from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "socialops.bench"
    label = "bench"
