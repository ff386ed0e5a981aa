"""How allauth behaves here: nobody signs up by themselves; an invitation opens the door."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from socialops.secrets_at_rest import decrypt, encrypt


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never by oneself: the page of an invitation makes the account (`teams.web.views.people.accept`)."""
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """The secret of an authenticator app and the seed of recovery codes are encrypted like every other secret at rest."""

    def encrypt(self, text: str) -> str:
        return encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(decrypt(encrypted_text.encode()))
