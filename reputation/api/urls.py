"""REST endpoints of reputation, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from reputation.api import views

app_name = "api_reputation"
urlpatterns = [
    path("mentions/", views.Mentions.as_view(), name="mentions"),
    path("mentions/<int:pk>/", views.OneMention.as_view(), name="mention"),
    path("mentions/<int:pk>/replies/", views.Replies.as_view(), name="replies"),
    path("mentions/<int:pk>/hide/", views.Act.as_view(), {"action": "hide"}, name="hide"),
    path("mentions/<int:pk>/unhide/", views.Act.as_view(), {"action": "unhide"}, name="unhide"),
    path("mentions/<int:pk>/delete/", views.Act.as_view(), {"action": "delete"}, name="delete"),
    path("mentions/<int:pk>/like/", views.Act.as_view(), {"action": "like"}, name="like"),
    path("mentions/<int:pk>/unlike/", views.Act.as_view(), {"action": "unlike"}, name="unlike"),
]
