"""What one page asks more than once (the rail and the screen): read once a request."""

from __future__ import annotations

from typing import Any

from teams.models import Brand, Channel
from teams.selectors.brands import list_brands
from teams.selectors.channels import list_channels


def brands_seen(request: Any) -> list[Brand]:
    """The actor's brands."""
    if not hasattr(request, "brands_seen"):
        request.brands_seen = list_brands(request.actor)
    return list(request.brands_seen)


def channels_seen(request: Any) -> list[Channel]:
    """The channels in use that the actor sees."""
    if not hasattr(request, "channels_seen"):
        request.channels_seen = list_channels(request.actor)
    return list(request.channels_seen)
