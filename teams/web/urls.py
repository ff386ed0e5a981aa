"""Screens of teams, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from teams.web.views import home

app_name = "teams"
urlpatterns = [path("", home.landing, name="home")]
