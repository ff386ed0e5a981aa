"""Screens of publishing, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from publishing.web.views import deliveries

app_name = "publishing"
urlpatterns = [
    path("deliveries/<int:pk>/", deliveries.delivery, name="delivery"),
]
