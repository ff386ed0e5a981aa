"""Pages outside of any organization: home, invitations, one's own account."""

from __future__ import annotations

from django.urls import path

from teams.web.views import home

urlpatterns = [path("", home.home, name="home")]
