"""Screens of editorial, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from editorial.web.views import reviews

app_name = "editorial"
urlpatterns = [
    path("posts/<int:pk>/", reviews.post, name="post"),
    path("approvals/", reviews.approvals, name="approvals"),
]
