"""REST endpoints of reputation, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from reputation.api import views

app_name = "api_reputation"
urlpatterns = [
    path("mentions/", views.Mentions.as_view(), name="mentions"),
    path("mentions/<int:pk>/", views.OneMention.as_view(), name="mention"),
]
