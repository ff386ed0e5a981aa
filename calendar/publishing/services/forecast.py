"""What is planned will cost and count: said before a quota or a budget stops it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone

from publishing.models import Delivery
from publishing.selectors.usage import Room, budgets, cost_by_channel, rooms_of
from publishing.services.content import content_of
from publishing.states import WAITING
from socialops.networks.data import network_settings
from socialops.networks.registry import connector_for
from teams.models import Channel

AHEAD = dt.timedelta(hours=24)  # as far as any daily quota reaches
DELIVERIES_AT_MOST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One bucket of one channel, with what is planned within a day: of a shared bucket, by all of the organization's channels."""

    room: Room
    planned: int

    @property
    def is_short(self) -> bool:
        """The plan does not fit into what is left."""
        return self.planned > self.room.left


@dataclass(slots=True)
class Account:
    """One channel: what it has cost this month, what the next day's plan costs, and its quotas. Money in US dollars."""

    channel: Channel
    cost: Decimal
    planned_cost: Decimal
    lines: list[Line] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        return any(line.is_short for line in self.lines)


@dataclass(slots=True)
class NetworkAccount:
    """One network of the organization."""

    network: str
    channels: list[Account]
    budget: Decimal | None

    @property
    def cost(self) -> Decimal:
        return sum((account.cost for account in self.channels), Decimal(0))

    @property
    def planned_cost(self) -> Decimal:
        return sum((account.planned_cost for account in self.channels), Decimal(0))

    @property
    def is_over(self) -> bool:
        """What is planned within a day goes beyond the month's budget."""
        return self.budget is not None and self.cost + self.planned_cost > self.budget


def accounts_of(channels: Sequence[Channel]) -> list[Account]:
    """Each channel's month and next day. A constant number of queries."""
    now = timezone.now()
    units: dict[tuple[int, str], int] = defaultdict(int)
    together: dict[tuple[str, str], int] = defaultdict(int)
    money: dict[int, Decimal] = defaultdict(Decimal)
    waiting = Delivery.objects.filter(channel__in=channels, state__in=WAITING, due_at__lt=now + AHEAD).order_by(
        "due_at"
    )
    networks = {channel.pk: channel.network for channel in channels}
    for delivery in waiting[:DELIVERIES_AT_MOST]:
        for charge in connector_for(networks[delivery.channel_id]).charges(content_of(delivery)):
            units[delivery.channel_id, charge.bucket] += charge.units
            together[networks[delivery.channel_id], charge.bucket] += charge.units
            money[delivery.channel_id] += charge.amount
    apps = {network: network_settings(network)["client_id"] for network in set(networks.values())}
    rooms, costs = rooms_of(channels, apps), cost_by_channel(channels)
    return [
        Account(
            channel,
            costs.get(channel.pk, Decimal(0)),
            money[channel.pk],
            [
                Line(room, together[channel.network, room.bucket] if room.shared else units[channel.pk, room.bucket])
                for room in rooms[channel.pk]
            ],
        )
        for channel in channels
    ]


def by_network(accounts: Sequence[Account]) -> list[NetworkAccount]:
    """Grouped, those that bill or are short first. One query."""
    grouped: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        grouped[account.channel.network].append(account)
    ceilings = budgets()
    found = [
        NetworkAccount(network, own, ceilings[network].monthly if network in ceilings else None)
        for network, own in grouped.items()
    ]
    return sorted(found, key=lambda one: (-one.cost, not any(a.is_short for a in one.channels), one.network))
