"""Reads of channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404

from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Credentials, Target
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel, ChannelCredential
from teams.signals import channel_dependents


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
    """One channel, disconnected ones included: their history stays. 404 alike for absent and not visible."""
    try:
        channel = visible_channels(actor, right=right, disconnected=True).filter(pk=int(pk)).first()
    except (ValueError, OverflowError):
        channel = None
    if channel is None:
        raise Http404
    return channel


def target_for(channel: Channel) -> Target:
    """What a connector needs to act for this channel. AuthError(token_missing) when it is not connected. One query."""
    credential = ChannelCredential.objects.filter(channel=channel).first()
    if credential is None or channel.status == Channel.Status.DISCONNECTED:
        raise AuthError(Code.TOKEN_MISSING)
    return Target(
        network=channel.network,
        base_url=channel.base_url,
        external_id=channel.external_id,
        handle=channel.handle,
        credentials=Credentials(
            values=credential.secret, expires_at=credential.expires_at, scopes=tuple(credential.scopes)
        ),
        limits=channel.limits,
    )


def expiry_of(channels: list[Channel]) -> dict[int, datetime]:
    """When each channel's access ends, where it lasts days: shorter ones are refreshed by the software alone. One query, no secret loaded."""
    lasting = F("refreshed_at") + timedelta(days=1)
    rows: Any = ChannelCredential.objects.filter(channel__in=channels, expires_at__gt=lasting)
    return dict(rows.values_list("channel_id", "expires_at"))


def dependents_of(channel: Channel) -> int:
    """How many scheduled publications count on this channel, as the apps to the left tell."""
    answers: list[tuple[Any, Any]] = channel_dependents.send(sender=Channel, channel=channel)
    return sum(int(answer) for _receiver, answer in answers)
