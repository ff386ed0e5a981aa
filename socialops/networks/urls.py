"""Addresses that networks fetch, outside of any organization."""

from __future__ import annotations

from django.urls import path

from socialops.networks import views

urlpatterns = [
    path("oauth/bluesky/client-metadata.json", views.bluesky_client_metadata, name="bluesky_client_metadata")
]
