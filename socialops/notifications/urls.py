"""Screens of notifications, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from socialops.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications/", views.notification_list, name="list"),
    path("notifications/read-all/", views.read_all, name="read_all"),
    path("notifications/preferences/", views.preferences, name="preferences"),
    path("notifications/<int:pk>/open/", views.open_notification, name="open"),
]
