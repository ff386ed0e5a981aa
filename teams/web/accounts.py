"""How allauth behaves here: nobody signs up by themselves; an invitation opens the door."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never by oneself: the page of an invitation makes the account (`teams.web.views.people.accept`)."""
        return False
