"""Addresses that networks fetch, outside of any organization."""

from __future__ import annotations

from django.urls import path

from publishing.web.views import files

urlpatterns = [path("files/<str:token>/<str:name>", files.hosted_file, name="hosted_file")]
