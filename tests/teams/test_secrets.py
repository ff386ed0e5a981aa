"""Keys come and go; what they protect stays readable, and unreadable without them."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from socialops import secrets_at_rest
from socialops.secrets_at_rest import is_newest
from socialops.tenancy.scope import system
from teams.models import ChannelCredential, Organization
from teams.services.secrets import rotate_secrets
from tests.factories.teams import CredentialFactory, UserFactory


@pytest.fixture
def keys(settings: Any):
    def use(*keys: str) -> None:
        settings.SOCIALOPS_ENCRYPTION_KEYS = list(keys)
        secrets_at_rest._fernet.cache_clear()

    yield use
    secrets_at_rest._fernet.cache_clear()


def _sealed() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM teams_channelcredential ORDER BY channel_id")
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_rotation_leaves_nothing_under_the_old_key(organization: Organization, keys: Any, capsys: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys(old)
    for number in range(5):
        CredentialFactory(secret={"access_token": f"jeton-{number}"})
    user = UserFactory()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert secret not in str(Authenticator.objects.get(user=user).data)
    before = _sealed()
    assert not any(b"jeton" in sealed for sealed in before)

    keys(new, old)
    assert rotate_secrets(batch=2) == 6
    after = _sealed()
    assert all(is_newest(sealed) for sealed in after)
    assert rotate_secrets(batch=2) == 0
    assert _sealed() == after

    keys(new)
    tokens = {row.secret["access_token"] for row in ChannelCredential.objects.all()}
    assert tokens == {f"jeton-{number}" for number in range(5)}
    assert TOTP(Authenticator.objects.get(user=user)).instance.wrap().validate_code("000000") is False


def test_a_withdrawn_key_is_said(organization: Organization, keys: Any) -> None:
    keys(Fernet.generate_key().decode())
    CredentialFactory()
    keys(Fernet.generate_key().decode())
    with pytest.raises(CommandError, match="put that key back"):
        call_command("rotate_secrets")
    with system("test"):
        assert len(_sealed()) == 1
