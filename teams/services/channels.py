"""Writes of channels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.networks.ports import Account, Credentials
from socialops.networks.registry import connector_for
from socialops.notifications.services import notify
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.errors import RuleRefused
from teams.models import Brand, Channel, ChannelCredential
from teams.selectors.members import users_with_right
from teams.signals import channel_disconnected

_SUCCESS_PRECISION = timedelta(minutes=1)
_REFRESH = "refresh_token"
_LONGEST_URL, _LONGEST_AVATAR_URL = 500, 1000  # the columns'


@transaction.atomic
def connect_channel(*, brand: Brand, network: str, base_url: str, account: Account, actor: Actor) -> Channel:
    """Connect an account to a brand, or reconnect it: the row, and with it the history, stays the same."""
    actor.require(Right.MANAGE_CHANNEL, brand)
    if account.credentials is None:
        raise ValueError("an account without credentials can't be connected")
    base_url = base_url.rstrip("/")
    known = Channel.objects.select_for_update(of=("self",)).filter(network=network, external_id=account.external_id)
    if connector_for(network).needs_base_url:  # ids are each server's own; elsewhere they are the network's
        known = known.filter(base_url=base_url)
    channel = known.first()
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
    channel.save()
    _keep(channel, account.credentials)
    record(
        actor=actor,
        action="channel.connected" if is_new else "channel.reconnected",
        target=channel,
        changes={"status": [before, channel.status]},
    )
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
def take_credentials(*, channel: Channel) -> Credentials | None:
    """Remove and hand over the secret of a disconnected channel, so that it can be given back; None when there is none (any more)."""
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    held = ChannelCredential.objects.filter(channel=channel).first()
    if held is None or channel.status != Channel.Status.DISCONNECTED:
        return None
    credentials = Credentials(values=held.secret, expires_at=held.expires_at, scopes=tuple(held.scopes))
    held.delete()
    return credentials


def _describe(channel: Channel, account: Account) -> None:
    channel.handle, channel.name = account.handle[:255], (account.name or account.handle)[:255]
    channel.url = account.url if len(account.url) <= _LONGEST_URL else ""
    channel.avatar_url = account.avatar_url if len(account.avatar_url) <= _LONGEST_AVATAR_URL else ""
    channel.missing_scopes = list(account.missing_scopes)


def _keep(channel: Channel, credentials: Credentials) -> None:
    values: dict[str, Any] = {
        "organization_id": channel.organization_id,
        "secret": dict(credentials.values),
        "scopes": list(credentials.scopes),
        "expires_at": credentials.expires_at,
    }
    ChannelCredential.objects.update_or_create(channel=channel, defaults=values)
