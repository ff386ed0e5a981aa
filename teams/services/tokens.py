"""API tokens of members."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from teams.errors import RuleRefused
from teams.models import ApiToken, Member

_PREFIX = "so_"
_SHOWN = 9  # of the secret, enough to tell one's tokens apart


@transaction.atomic
def create_token(
    *, member: Member, name: str, actor: Actor, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token of one's own, and its secret: shown once, kept as a hash."""
    if actor.user_id not in {None, member.user_id}:
        raise RuleRefused("A token can only be made by the person it belongs to.", code="not_yours")
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        member=member,
        name=name,
        prefix=secret[:_SHOWN],
        token_hash=hashlib.sha256(secret.encode()).hexdigest(),
        expires_at=expires_at,
    )
    record(actor=actor, action="token.created", target=token, label=f"{name} ({token.prefix}…)")
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: Actor) -> None:
    """It stops working at once."""
    if token.revoked_at is not None:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(actor=actor, action="token.revoked", target=token, label=f"{token.name} ({token.prefix}…)")
