"""Screens of reputation, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from reputation.web.views import mentions

app_name = "reputation"
urlpatterns = [
    path("mentions/", mentions.mention_list, name="mentions"),
    path("mentions/export.csv", mentions.export, name="export"),
    path("mentions/<int:pk>/", mentions.mention, name="mention"),
    path("mentions/<int:pk>/sentiment/", mentions.sentiment, name="sentiment"),
    path("mentions/<int:pk>/done/", mentions.done, name="done"),
    path("mentions/<int:pk>/reopen/", mentions.reopen, name="reopen"),
]
