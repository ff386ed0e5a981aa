"""The roof's map: each app brings its own web and API urls."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("socialops.health.urls")),
    path("", include("socialops.ui.urls")),
    path("", include("socialops.networks.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("teams.web.public_urls")),
    path("", include("publishing.web.public_urls")),
    path("o/<slug:organization>/", include("teams.web.urls")),
    path("o/<slug:organization>/", include("publishing.web.urls")),
    path("o/<slug:organization>/", include("editorial.web.urls")),
    path("o/<slug:organization>/", include("reputation.web.urls")),
    path("o/<slug:organization>/", include("kpis.web.urls")),
    path("o/<slug:organization>/", include("socialops.notifications.urls")),
    path("api/v1/", include("socialops.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("teams.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("publishing.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("editorial.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("reputation.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("kpis.api.urls")),
    path("api/v1/organizations/<slug:organization>/", include("socialops.audit.urls")),
]
