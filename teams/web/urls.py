"""Screens of teams, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from teams.web.views import apps, audit, channels, choose, connect, home, members, roles, settings

app_name = "teams"
urlpatterns = [
    path("", home.landing, name="home"),
    path("team/", members.team, name="team"),
    path("members/", members.member_list, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/<int:pk>/", members.detail, name="member"),
    path("members/<int:pk>/assign/", members.assign, name="assign"),
    path("members/<int:pk>/active/", members.activate, name="member_active"),
    path("assignments/<int:pk>/dates/", members.dates, name="assignment_dates"),
    path("assignments/<int:pk>/end/", members.end, name="assignment_end"),
    path("invitations/<int:pk>/", members.invitation, name="invitation"),
    path("roles/", roles.role_list, name="roles"),
    path("roles/new/", roles.create, name="role_create"),
    path("roles/<int:pk>/", roles.detail, name="role"),
    path("roles/<int:pk>/archive/", roles.archive, name="role_archive"),
    path("channels/", channels.channel_list, name="channels"),
    path("channels/connect/", connect.choose_network, name="connect"),
    path("channels/connect/choose/<str:state>/", choose.choose_accounts, name="choose_accounts"),
    path("channels/connect/<slug:network>/", connect.connect, name="connect_network"),
    path("channels/apps/<slug:network>/", apps.network_app, name="network_app"),
    path("channels/apps/<slug:network>/check/", apps.check, name="network_app_check"),
    path("channels/apps/<slug:network>/remove/", apps.remove, name="network_app_remove"),
    path("channels/apps/<slug:network>/restore/", apps.restore, name="network_app_restore"),
    path("channels/<int:pk>/", channels.detail, name="channel"),
    path("channels/<int:pk>/ownership/", channels.ownership, name="channel_ownership"),
    path("channels/<int:pk>/reconnect/", connect.reconnect, name="reconnect"),
    path("channels/<int:pk>/disconnect/", channels.disconnect, name="disconnect"),
    path("settings/", settings.organization_settings, name="settings"),
    path("settings/brands/new/", settings.brand_create, name="brand_create"),
    path("settings/brands/<slug:brand>/", settings.brand_settings, name="brand_settings"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export, name="audit_export"),
]
