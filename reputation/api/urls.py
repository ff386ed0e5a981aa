"""REST endpoints of reputation, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
