"""Two urls for the machinery."""

from __future__ import annotations

from django.urls import path

from socialops.health import views

urlpatterns = [path("healthz", views.healthz, name="healthz"), path("readyz", views.readyz, name="readyz")]
