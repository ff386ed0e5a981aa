"""Channels: their health, who can do what there, and taking one out of use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from socialops.http import TenantRequest
from socialops.networks.registry import networks
from socialops.permissions.actor import Actor
from socialops.permissions.rights import CHANNEL_RIGHTS, Right
from socialops.ui.networks import NETWORK_NAMES
from teams.errors import reason_sentence
from teams.models import Brand, Channel
from teams.selectors.access import access_to, publishers_of
from teams.selectors.brands import get_brand, list_brands
from teams.selectors.channels import dependents_of, expiry_of, get_channel, visible_channels
from teams.selectors.seen import brands_seen
from teams.services.channels import disconnect_channel
from teams.web.answers import or_toast

_EXPIRES_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """A channel as the list shows it. `tone` and `shape` are a badge's; `note` says what is wrong and what to do, "" when all is well."""

    channel: Channel
    label: str
    tone: str
    shape: str
    note: str
    expires_at: datetime | None
    can_manage: bool
    publishers: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not self.note


def health_of(
    channel: Channel, *, actor: Actor, expires_at: datetime | None, publishers: tuple[str, ...] = ()
) -> Health:
    """What is known of a channel's access to its network, in words."""
    label, tone, shape, note = _("Connected"), "success", "check", ""
    if channel.status == Channel.Status.DISCONNECTED:
        label, tone, shape = _("Disconnected"), "neutral", "dash"
    elif channel.status == Channel.Status.NEEDS_RECONNECTION:
        label, tone, shape = _("Reconnect"), "danger", "warning"
        note = reason_sentence(channel.status_reason, network=NETWORK_NAMES[channel.network])
        note = note or _("Reconnect the channel.")
    elif channel.missing_scopes:
        label, tone, shape = _("Permissions missing"), "warning", "warning"
        note = _("Reconnect and accept: %(scopes)s.") % {"scopes": ", ".join(channel.missing_scopes)}
    elif expires_at is not None and expires_at - timezone.now() < _EXPIRES_SOON:
        label, tone, shape = _("Expires soon"), "warning", "warning"
        note = _("Reconnect before its access ends.")
    can_manage = bool(actor.can(Right.MANAGE_CHANNEL, channel))
    return Health(channel, label, tone, shape, note, expires_at, can_manage, publishers)


def attention_needed(channels: list[Channel], *, actor: Actor) -> list[Health]:
    """Those that need a person. One query."""
    expiry = expiry_of(channels)
    health = (health_of(channel, actor=actor, expires_at=expiry.get(channel.pk)) for channel in channels)
    return [one for one in health if not one.well]


@require_safe
def channel_list(request: TenantRequest, organization: str) -> HttpResponse:
    asked = request.GET
    brands = brands_seen(request)
    brand = get_brand(request.actor, asked["brand"]) if asked.get("brand") else None
    channels = visible_channels(request.actor, brand=brand, disconnected=asked.get("disconnected") == "1")
    if asked.get("network") in networks():
        channels = channels.filter(network=asked["network"])
    found = list(channels.order_by("brand__name", "network", "name"))
    expiry, publishers = expiry_of(found), publishers_of(found)
    rows = [
        health_of(
            channel, actor=request.actor, expires_at=expiry.get(channel.pk), publishers=tuple(publishers[channel.pk])
        )
        for channel in found
    ]
    context = {
        "rows": rows,
        "brands": brands,
        "asked": asked,
        "networks": [(name, NETWORK_NAMES[name]) for name in networks()],
        "can_connect": any(request.actor.can(Right.MANAGE_CHANNEL, brand) for brand in brands),
        "now": timezone.now(),
    }
    return render(request, "teams/channels.html", context)


@require_safe
def detail(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    channel = get_channel(request.actor, pk)
    health = health_of(channel, actor=request.actor, expires_at=expiry_of([channel]).get(channel.pk))
    context = {
        "channel": channel,
        "health": health,
        "network_label": NETWORK_NAMES[channel.network],
        "access": access_to(channel),
        "rights": CHANNEL_RIGHTS,
        "dependents": dependents_of(channel) if health.can_manage else 0,
        "now": timezone.now(),
    }
    return render(request, "teams/channel.html", context)


@require_POST
def disconnect(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    channel = get_channel(request.actor, pk)
    done = _("%(channel)s is disconnected. Its posts and figures stay.") % {"channel": channel.name}
    or_toast(request, lambda: disconnect_channel(channel=channel, actor=request.actor), done)
    return redirect("teams:channels", organization)


def brand_choices(actor: Actor) -> list[Brand]:
    """Brands to which this actor may connect a channel."""
    return [brand for brand in list_brands(actor) if actor.can(Right.MANAGE_CHANNEL, brand)]
