"""Reads of channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404

from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Credentials, Target
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system
from teams.models import Brand, Channel, ChannelCredential, NetworkApp
from teams.selectors.apps import app_behind, installation_app, own_app
from teams.signals import ChannelFacts, channel_facts


def visible_channels(
    actor: Actor, *, right: Right = Right.VIEW, brand: Brand | None = None, disconnected: bool = False
) -> QuerySet[Channel]:
    """Channels on which the actor holds the right, with their brand; disconnected ones only when asked for."""
    channels = Channel.objects.filter(actor.channels_q(right)).select_related("brand")
    if brand is not None:
        channels = channels.filter(brand=brand)
    return channels if disconnected else channels.exclude(status=Channel.Status.DISCONNECTED)


def list_channels(actor: Actor, right: Right = Right.VIEW, brand: Brand | None = None) -> list[Channel]:
    """Channels in use on which the actor holds the right, with their brand. One query."""
    return list(visible_channels(actor, right=right, brand=brand))


def get_channel(actor: Actor, pk: int | str, right: Right = Right.VIEW) -> Channel:
    """One channel with its owner, disconnected ones included: their history stays. 404 alike for absent and not visible."""
    try:
        rows = visible_channels(actor, right=right, disconnected=True).select_related("owner__user")
        channel = rows.filter(pk=int(pk)).first()
    except (ValueError, OverflowError):
        channel = None
    if channel is None:
        raise Http404
    return channel


def target_for(channel: Channel) -> Target:
    """What a connector needs to act for this channel. AuthError(token_missing) when it is not connected. One query."""
    credential = held_credential(channel)
    if credential is None or channel.status == Channel.Status.DISCONNECTED:
        raise AuthError(Code.TOKEN_MISSING)
    return target_with(channel, credential)


def held_credential(channel: Channel) -> ChannelCredential | None:
    """The channel's secrets and, as `own_app`, those of the organization's app where the network needs one. One query."""
    rows = ChannelCredential.objects.filter(channel=channel)
    if connector_for(channel.network).needs_app:
        own = NetworkApp.objects.filter(
            network=channel.network, removed_at=None, organization_id=OuterRef("organization_id")
        )
        rows = rows.annotate(own_app=Subquery(own.values("secret")[:1]))
    found: ChannelCredential | None = rows.first()
    return found


def target_with(channel: Channel, credential: ChannelCredential) -> Target:
    """The target of a channel with what `held_credential` gave. No query."""
    return Target(
        network=channel.network,
        base_url=channel.base_url,
        external_id=channel.external_id,
        handle=channel.handle,
        credentials=Credentials(
            values=credential.secret, expires_at=credential.expires_at, scopes=tuple(credential.scopes)
        ),
        limits=channel.limits,
        app=app_behind(channel.network, credential.client_id, getattr(credential, "own_app", None)),
    )


def consent_is_used(held: ChannelCredential) -> bool:
    """Whether other channels are connected by the same consent, in any organization: giving its token back would end theirs. Outside of any scope."""
    if not held.consent:
        return False
    with system("channels of the same consent, in every organization"):
        others = ChannelCredential.objects.filter(consent=held.consent, client_id=held.client_id)
        return bool(others.exclude(channel__status=Channel.Status.DISCONNECTED).exists())


def expiry_of(channels: list[Channel]) -> dict[int, datetime]:
    """When each channel's access ends, where it lasts days: shorter ones are refreshed by the software alone. One query, no secret loaded."""
    lasting = F("refreshed_at") + timedelta(days=1)
    rows: Any = ChannelCredential.objects.filter(channel__in=channels, expires_at__gt=lasting)
    return dict(rows.values_list("channel_id", "expires_at"))


def app_is_gone(channel: Channel) -> bool:
    """Whether the channel was connected through a developer app that is declared here no more: its access can't be renewed. Two queries at most."""
    if not connector_for(channel.network).needs_app:
        return False
    known = ChannelCredential.objects.filter(channel=channel).values_list("client_id", flat=True).first()
    if not known or known == installation_app(channel.network).get("client_id"):
        return False
    own = own_app(channel.network)
    return own is None or own.secret["client_id"] != known


def accounts_known(*, network: str, base_url: str, external_ids: Iterable[str]) -> dict[str, Channel]:
    """Which accounts the organization in scope already has as channels, disconnected ones included, by external id. One query."""
    rows = Channel.objects.filter(network=network, external_id__in=list(external_ids)).select_related("brand")
    if connector_for(network).needs_base_url:  # ids are each server's own; elsewhere they are the network's
        rows = rows.filter(base_url=base_url.rstrip("/"))
    return {channel.external_id: channel for channel in rows}


def facts_of(channels: Iterable[Channel]) -> dict[int, ChannelFacts]:
    """What the apps to the left know about these channels, by id; as many queries for a hundred as for one."""
    channels = list(channels)
    answers: Any = channel_facts.send(sender=Channel, channels=channels)
    told: dict[int, ChannelFacts] = {}
    for _receiver, answer in answers:
        told |= answer
    return {channel.pk: told.get(channel.pk, ChannelFacts()) for channel in channels}
