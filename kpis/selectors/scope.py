"""Which channels' figures somebody may see."""

from __future__ import annotations

from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel
from teams.selectors.channels import visible_channels


def channels_with_figures(actor: Actor, right: Right = Right.SEE_KPIS) -> list[Channel]:
    """Disconnected ones included: their history stays. One query, with brands."""
    return list(visible_channels(actor, right=right, disconnected=True).order_by("brand__name", "network", "name"))


def brands_of(channels: list[Channel]) -> list[Brand]:
    """The brands of these channels, in order, once each."""
    return list({channel.brand_id: channel.brand for channel in channels}.values())
