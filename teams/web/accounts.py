"""How allauth behaves here: nobody signs up by themselves; an invitation opens the door."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

INVITATION_SESSION_KEY = "accepting_invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only with an invitation being accepted in this browser."""
        return INVITATION_SESSION_KEY in request.session

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 -- allauth's signature
        user = super().save_user(request, user, form, commit=False)
        user.language = request.LANGUAGE_CODE[:2]
        if commit:
            user.save()
        return user
