"""REST endpoint of the audit log."""

from __future__ import annotations

from django.urls import path

from socialops.audit.api import Events

app_name = "api_audit"
urlpatterns = [path("audit/", Events.as_view(), name="events")]
