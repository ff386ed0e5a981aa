"""REST endpoints of figures, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from kpis.api import views

app_name = "api_kpis"
urlpatterns = [
    path("metrics/", views.MetricList.as_view(), name="metrics"),
    path("kpis/", views.Kpis.as_view(), name="kpis"),
    path("dashboards/", views.Dashboards.as_view(), name="dashboards"),
]
