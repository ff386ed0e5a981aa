"""What one page asks more than once (the rail and the screen), also for the apps to the left: read once a request."""

from __future__ import annotations

from typing import Any

from teams.models import Brand, Channel
from teams.selectors.brands import list_brands
from teams.selectors.channels import visible_channels


def brands_seen(request: Any) -> list[Brand]:
    """The actor's brands."""
    if not hasattr(request, "brands_seen"):
        request.brands_seen = list_brands(request.actor)
    return list(request.brands_seen)


def channels_seen(request: Any, *, disconnected: bool = False) -> list[Channel]:
    """The channels that the actor sees, with their brand; disconnected ones only when asked for."""
    if not hasattr(request, "channels_seen"):
        request.channels_seen = list(visible_channels(request.actor, disconnected=True))
    found: list[Channel] = request.channels_seen
    return [channel for channel in found if disconnected or channel.status != Channel.Status.DISCONNECTED]
