"""Pages outside of any organization: home, invitations, the way back from a network, one's own account."""

from __future__ import annotations

from django.urls import path

from teams.web.views import connect, home, people

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", people.account, name="account"),
    path("invitations/<str:token>/", people.accept, name="accept_invitation"),
    path("connect/<slug:network>/callback/", connect.callback, name="connect_callback"),
]
