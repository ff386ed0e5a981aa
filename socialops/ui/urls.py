"""The theme and language switches, and the style guide."""

from __future__ import annotations

from django.urls import path

from socialops.ui import views

urlpatterns = [
    path("preferences/theme/", views.choose_theme, name="theme"),
    path("preferences/language/", views.choose_language, name="language"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
