"""Channels: their health, who can do what there, and taking one out of use."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socialops.http import TenantRequest
from socialops.networks.registry import connector_for, networks
from socialops.permissions.actor import Actor
from socialops.permissions.rights import CHANNEL_RIGHTS, Right
from socialops.ui.messages import toast
from socialops.ui.networks import NETWORK_NAMES
from teams.errors import reason_sentence
from teams.models import Brand, Channel
from teams.selectors.access import access_to, publishers_of
from teams.selectors.brands import get_brand, list_brands
from teams.selectors.channels import app_is_gone, expiry_of, facts_of, get_channel, visible_channels
from teams.selectors.seen import brands_seen
from teams.services.channels import disconnect_channel, set_ownership
from teams.web.answers import into_form, or_toast
from teams.web.forms import OwnershipForm
from teams.web.present import Health, health_of, missing_scopes


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
    found = list(channels.select_related("owner__user").order_by("brand__name", "network", "name"))
    expiry, publishers, facts = expiry_of(found), publishers_of(found), facts_of(found)
    rows = [
        health_of(
            channel,
            actor=request.actor,
            expires_at=expiry.get(channel.pk),
            facts=facts[channel.pk],
            publishers=tuple(publishers[channel.pk]),
        )
        for channel in found
    ]
    context = {
        "rows": rows,
        "any_cost": any(row.cost is not None for row in rows),
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
    return _channel_page(request, channel)


@require_http_methods(["GET", "POST"])
def ownership(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Who answers for the account, and how it is recovered. For those who manage the channel."""
    channel = get_channel(request.actor, pk)
    request.actor.require(Right.MANAGE_CHANNEL, channel)
    form = OwnershipForm(request.POST if request.method == "POST" else None, channel=channel)
    if request.method == "POST" and form.is_valid():
        kept = into_form(form, lambda: set_ownership(channel=channel, actor=request.actor, **form.cleaned_data))
        if kept is not None:
            toast(request, _("Kept: who answers for this account, and how it is recovered."))
            return redirect("teams:channel", organization, pk)
    return render(request, "teams/channel_ownership.html", {"channel": channel, "form": form})


@require_POST
def disconnect(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    channel = get_channel(request.actor, pk)
    done = _("%(channel)s is disconnected. Its posts and figures stay.") % {"channel": channel.name}
    or_toast(request, lambda: disconnect_channel(channel=channel, actor=request.actor), done)
    return redirect("teams:channels", organization)


def brand_choices(actor: Actor) -> list[Brand]:
    """Brands to which this actor may connect a channel."""
    return [brand for brand in list_brands(actor) if actor.can(Right.MANAGE_CHANNEL, brand)]


def _channel_page(request: TenantRequest, channel: Channel) -> HttpResponse:
    health = health_of(
        channel,
        actor=request.actor,
        expires_at=expiry_of([channel]).get(channel.pk),
        facts=facts_of([channel])[channel.pk],
    )
    connector = connector_for(channel.network)
    network_label = NETWORK_NAMES[channel.network]
    context = {
        "channel": channel,
        "health": health,
        "network_label": network_label,
        "missing": missing_scopes(channel.network, channel.missing_scopes),
        "has_webhooks": connector.has_webhooks,
        "subscription_problem": reason_sentence(channel.subscription_error, network=network_label),
        "app_is_gone": health.can_manage and app_is_gone(channel),
        "access": access_to(channel),
        "rights": CHANNEL_RIGHTS,
        "now": timezone.now(),
    }
    return render(request, "teams/channel.html", context)
