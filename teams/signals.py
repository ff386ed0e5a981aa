"""News from teams, for the apps to its left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """What is left of one limit of a channel. `bucket` is the network's name of it; `remaining` and `limit` None where it does not say."""

    bucket: str
    limit: int | None
    remaining: int | None
    resets_at: datetime | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What publishing knows about a channel. `dependents`: publications still waiting for their time; `cost` in US dollars since the
    first of the month, None where nobody counts it.
    """

    dependents: int = 0
    quotas: tuple[QuotaLeft, ...] = ()
    cost: Decimal | None = None


channel_connected = Signal()
"""sender=Channel, channel=; in the transaction that connected or reconnected it."""

channel_disconnected = Signal()
"""sender=Channel, channel=, actor=; in the transaction of the disconnection."""

channel_facts = Signal()
"""sender=Channel, channels=[…]; a receiver answers {channel id: ChannelFacts} for all of them at once."""

network_event = Signal()
"""sender=Channel, channel=, event=networks.ports.WebhookEvent; what a network told by itself, inside tenant(). It may come twice, late, or never:
a receiver changes nothing the second time and asks the network before it believes. No network call here.
"""

invitation_issued = Signal()
"""sender=Invitation, invitation=; in the transaction that made its link (again)."""
