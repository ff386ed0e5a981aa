"""Tokens that still work: refreshed ahead of their end, by one worker at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from publishing.services.quotas import metered
from socialops.networks.errors import AuthError, Code, NetworkError, OutageError
from socialops.networks.ports import Target
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.selectors.channels import target_for
from teams.services.channels import mark_broken, store_credentials

AHEAD = dt.timedelta(minutes=5)  # longer than any one call to a network takes
_LOCK_SPACE = 0x50B0  # first half of PostgreSQL's two-part advisory key; the second is the channel


def fresh_target(channel: Channel) -> Target:
    """What a connector needs to act for this channel, its token refreshed when it ends within five minutes.

    Talks to the network only in that case, and then must not be called inside a transaction (RuntimeError). Of many callers at
    once one refreshes, the others wait and read its result. Raises AuthError when a person must reconnect (the channel is marked),
    other NetworkErrors when the refresh itself failed.
    """
    return ensure_fresh(channel, _read(channel))


def ensure_fresh(channel: Channel, target: Target) -> Target:
    """`fresh_target` for who has just read the target."""
    return refresh_target(channel, seen=target) if _ends_soon(target, AHEAD) else target


def renew_refused(channel: Channel, target: Target, error: AuthError) -> NetworkError:
    """The network ended a token before its time. With a new one it is worth another try: an OutageError then, else the error itself."""
    if error.code != Code.TOKEN_EXPIRED:
        return error
    try:
        renewed = refresh_target(channel, seen=target)
    except NetworkError:
        return error
    return OutageError(error.code, raw=error.raw) if renewed.credentials.values != target.credentials.values else error


def refresh_target(channel: Channel, *, seen: Target) -> Target:
    """Refresh now, unless the credentials are no longer those that were `seen`: somebody else just did. No open transaction; errors as
    `fresh_target`.
    """
    with _one_at_a_time(channel):
        target = _read(channel)
        if target.credentials.values != seen.credentials.values:
            return target
        try:
            credentials = connector_for(channel.network).refresh(target)
        except AuthError as error:
            with tenant(channel.organization_id):
                mark_broken(channel=channel, code=error.code)
            raise
        if credentials is None:
            return target
        with tenant(channel.organization_id):
            store_credentials(channel=channel, credentials=credentials)
        return _read(channel)


def _read(channel: Channel) -> Target:
    with tenant(channel.organization_id):
        return metered(target_for(channel), channel)


def _ends_soon(target: Target, ahead: dt.timedelta) -> bool:
    ends_at = target.credentials.expires_at
    return ends_at is not None and ends_at - timezone.now() < ahead


@contextmanager
def _one_at_a_time(channel: Channel) -> Iterator[None]:
    """A session lock, because a network call happens under it and no transaction may be open then. It ends with the connection too."""
    if connection.in_atomic_block:
        raise RuntimeError("a token can't be refreshed inside a transaction: call fresh_target() before opening one")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s::bigint::int)", [_LOCK_SPACE, channel.pk % 2**31])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s::bigint::int)", [_LOCK_SPACE, channel.pk % 2**31])
