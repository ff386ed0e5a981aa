from django.apps import AppConfig


class I18nConfig(AppConfig):
    name = "socialops.i18n"
    label = "i18n"
