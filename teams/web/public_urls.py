"""Outside of any organization: home, invitations, the way back from a network, what networks tell, one's own account."""

from __future__ import annotations

from django.urls import path

from teams.web.views import connect, home, people, webhooks

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", people.account, name="account"),
    path("invitations/<str:token>/", people.accept, name="accept_invitation"),
    path("connect/<slug:network>/callback/", connect.callback, name="connect_callback"),
    path("webhooks/<slug:network>/", webhooks.webhook, name="webhook"),
]
