"""Screens of figures, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from kpis.web.views import figures, overview

app_name = "kpis"
urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("figures/", figures.figures, name="figures"),
    path("figures/export/", figures.export, name="export"),
    path("figures/refresh/", figures.refresh, name="refresh"),
]
