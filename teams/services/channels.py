"""Writes of channels."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.networks.ports import Account, Credentials, Target
from socialops.networks.registry import connector_for
from socialops.notifications.services import notify
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.errors import RuleRefused
from teams.models import Brand, Channel, ChannelCredential, Member
from teams.selectors.channels import accounts_known, held_credential, target_with
from teams.selectors.members import users_with_right
from teams.signals import channel_connected, channel_disconnected

_SUCCESS_PRECISION = timedelta(minutes=1)
_REFRESH = "refresh_token"
_LONGEST_URL, _LONGEST_AVATAR_URL = 500, 1000  # the columns'


@transaction.atomic
def connect_channel(
    *, brand: Brand, network: str, base_url: str, account: Account, actor: Actor, client_id: str = ""
) -> Channel:
    """Connect an account to a brand, or reconnect it: the row, and with it the history, stays the same. `client_id` is the developer app
    that the access was given to, where it is known.
    """
    actor.require(Right.MANAGE_CHANNEL, brand)
    if account.credentials is None:
        raise ValueError("an account without credentials can't be connected")
    base_url = base_url.rstrip("/")
    known = accounts_known(network=network, base_url=base_url, external_ids=[account.external_id])
    channel = known.get(account.external_id)
    if channel is not None:
        channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    if channel is not None and channel.brand_id != brand.pk and channel.status != Channel.Status.DISCONNECTED:
        raise RuleRefused(
            _("%(handle)s is already connected to another brand of your organization.") % {"handle": account.handle},
            code="connected_elsewhere",
        )
    is_new = channel is None
    if channel is None:
        channel = Channel(brand=brand, network=network, base_url=base_url, external_id=account.external_id)
    before = None if is_new else channel.status
    _describe(channel, account)
    channel.brand, channel.base_url = brand, base_url
    channel.status, channel.status_reason = Channel.Status.CONNECTED, ""
    channel.limits_fetched_at = None  # another access may allow something else
    channel.save()
    _keep(channel, account.credentials, client_id=client_id)
    record(
        actor=actor,
        action="channel.connected" if is_new else "channel.reconnected",
        target=channel,
        changes={"status": [before, channel.status]},
    )
    channel_connected.send(sender=Channel, channel=channel)
    return channel


@transaction.atomic
def store_credentials(*, channel: Channel, credentials: Credentials) -> None:
    """Keep what a refresh gave. A refresh token that came back empty never replaces the kept one."""
    held = ChannelCredential.objects.select_for_update().filter(channel=channel).first()
    values = dict(credentials.values)
    if held is not None and not values.get(_REFRESH) and held.secret.get(_REFRESH):
        values[_REFRESH] = held.secret[_REFRESH]
    _keep(channel, Credentials(values=values, expires_at=credentials.expires_at, scopes=credentials.scopes))


def mark_broken(*, channel: Channel, code: str) -> None:
    """A person must reconnect; `code` is the NetworkError's. Tells those who manage the channel, once."""
    with transaction.atomic():
        changed = (
            Channel.objects.filter(pk=channel.pk)
            .exclude(status=Channel.Status.DISCONNECTED)
            .exclude(status=Channel.Status.NEEDS_RECONNECTION, status_reason=code)
        )
        if not changed.update(status=Channel.Status.NEEDS_RECONNECTION, status_reason=code):
            return
        before, channel.status, channel.status_reason = channel.status, Channel.Status.NEEDS_RECONNECTION, code
        record(
            actor=Actor.system("channels", organization_id=channel.organization_id),
            action="channel.broken",
            target=channel,
            changes={"status": [before, channel.status]},
            reason=code,
        )
        notify(
            users=users_with_right(Right.MANAGE_CHANNEL, channel),
            kind="channel.broken",
            params={"channel": str(channel)},
            url=reverse("teams:channel", args=[channel.organization.slug, channel.pk]),
            severity="danger",
            group_key=f"channel.broken:{channel.pk}",
        )


def mark_healthy(*, channel: Channel) -> None:
    """The network answered as this channel. Cheap: writes at most once a minute unless the status changes."""
    now = timezone.now()
    fresh = channel.last_success_at and now - channel.last_success_at < _SUCCESS_PRECISION
    if channel.status == Channel.Status.CONNECTED and fresh:
        return
    with transaction.atomic():
        rows = Channel.objects.filter(pk=channel.pk)
        rows.exclude(status=Channel.Status.DISCONNECTED).update(last_success_at=now)
        healed = rows.filter(status=Channel.Status.NEEDS_RECONNECTION).update(
            status=Channel.Status.CONNECTED, status_reason=""
        )
        channel.last_success_at = now
        if healed:
            channel.status, channel.status_reason = Channel.Status.CONNECTED, ""
            record(
                actor=Actor.system("channels", organization_id=channel.organization_id),
                action="channel.healed",
                target=channel,
                changes={"status": [Channel.Status.NEEDS_RECONNECTION, Channel.Status.CONNECTED]},
            )


@transaction.atomic
def disconnect_channel(*, channel: Channel, actor: Actor) -> None:
    """Stop using a channel. Its posts and figures stay; its token is given back to the network and forgotten after commit."""
    actor.require(Right.MANAGE_CHANNEL, channel)
    channel = Channel.objects.select_for_update(of=("self",)).select_related("brand").get(pk=channel.pk)
    if channel.status == Channel.Status.DISCONNECTED:
        return
    before, channel.status, channel.status_reason = channel.status, Channel.Status.DISCONNECTED, ""
    channel.save(update_fields=["status", "status_reason"])
    record(actor=actor, action="channel.disconnected", target=channel, changes={"status": [before, channel.status]})
    channel_disconnected.send(sender=Channel, channel=channel, actor=actor)


@transaction.atomic
def take_access(*, channel: Channel) -> tuple[Target, ChannelCredential] | None:
    """Remove and hand over the secret of a disconnected channel, so that it can be given back; None when there is none (any more)."""
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    held = held_credential(channel)
    if held is None or channel.status != Channel.Status.DISCONNECTED:
        return None
    ChannelCredential.objects.filter(pk=held.pk).delete()
    return target_with(channel, held), held


@transaction.atomic
def set_ownership(*, channel: Channel, owner: Member | None, recovery: str, actor: Actor) -> Channel:
    """Who answers for the account itself, and how it is recovered. The audit log names the owner; of the recovery only whether it is written down."""
    actor.require(Right.MANAGE_CHANNEL, channel)
    channel = Channel.objects.select_for_update(of=("self",)).select_related("brand", "owner__user").get(pk=channel.pk)
    recovery = recovery.strip()
    if owner is not None and owner.pk != channel.owner_id and not owner.is_active:
        raise RuleRefused(
            _("%(name)s is no longer active here: choose somebody else.") % {"name": owner}, code="inactive"
        )
    changes: dict[str, Any] = {}
    if (owner and owner.pk) != channel.owner_id:
        changes["owner"] = [channel.owner and str(channel.owner), owner and str(owner)]
    if recovery != channel.recovery:
        changes["recovery"] = [bool(channel.recovery), bool(recovery)]
    if not changes:
        return channel
    channel.owner, channel.recovery = owner, recovery
    channel.full_clean(exclude={f.name for f in Channel._meta.fields} - {"recovery"}, validate_unique=False)
    channel.save(update_fields=["owner", "recovery"])
    record(actor=actor, action="channel.ownership_changed", target=channel, changes=changes)
    return channel


def _describe(channel: Channel, account: Account) -> None:
    channel.handle, channel.name = account.handle[:255], (account.name or account.handle)[:255]
    channel.url = account.url if len(account.url) <= _LONGEST_URL else ""
    channel.avatar_url = account.avatar_url if len(account.avatar_url) <= _LONGEST_AVATAR_URL else ""
    channel.missing_scopes = list(account.missing_scopes)


def _keep(channel: Channel, credentials: Credentials, *, client_id: str | None = None) -> None:
    """`client_id` None: the same app as before, as after a refresh."""
    consent = connector_for(channel.network).consent(credentials)
    values: dict[str, Any] = {
        "organization_id": channel.organization_id,
        "secret": dict(credentials.values),
        "consent": hashlib.sha256(consent.encode()).hexdigest() if consent else "",
        "scopes": list(credentials.scopes),
        "expires_at": credentials.expires_at,
    }
    if client_id is not None:
        values["client_id"] = client_id[:255]
    ChannelCredential.objects.update_or_create(channel=channel, defaults=values)
