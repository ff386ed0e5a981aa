"""REST endpoints of teams, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from teams.api import views

app_name = "api_teams"
urlpatterns = [
    path("me/", views.Me.as_view(), name="me"),
    path("brands/", views.Brands.as_view(), name="brands"),
    path("brands/<slug:slug>/", views.OneBrand.as_view(), name="brand"),
    path("channels/", views.Channels.as_view(), name="channels"),
    path("channels/<int:pk>/", views.OneChannel.as_view(), name="channel"),
    path("roles/", views.Roles.as_view(), name="roles"),
    path("roles/<int:pk>/", views.OneRole.as_view(), name="role"),
    path("members/", views.Members.as_view(), name="members"),
    path("members/<int:pk>/", views.OneMember.as_view(), name="member"),
    path("invitations/", views.Invitations.as_view(), name="invitations"),
    path("assignments/", views.Assignments.as_view(), name="assignments"),
    path("assignments/<int:pk>/", views.OneAssignment.as_view(), name="assignment"),
]
