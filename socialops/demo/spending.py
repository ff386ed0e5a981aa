"""What this month's calls counted and cost, and how much X may cost: the network that bills each post and each answer it gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from django.conf import settings

from publishing.models import Delivery, Usage
from publishing.selectors.usage import month_start, slot_of
from publishing.services.allowance import set_budget
from publishing.services.content import content_of
from socialops.demo.cast import Cast
from socialops.demo.posts import Channels
from socialops.networks.data import network_data
from socialops.networks.ports import Charge
from socialops.networks.registry import connector_for
from teams.models import Channel

_BILLED: Final = "x"
_MONTHLY: Final = Decimal(15)  # US dollars
_READ_A_DAY: Final = 40  # posts that listening and measuring bring


def write_spending(published: list[Delivery], cast: Cast, channels: Channels, now: dt.datetime) -> None:
    """By the connectors' own count. Only this month: no screen looks further back."""
    since = month_start(now)
    usage: dict[tuple[int, str, dt.datetime], Usage] = {}
    for delivery in published:
        assert delivery.published_at is not None
        if delivery.published_at >= since:
            for charge in connector_for(delivery.channel.network).charges(content_of(delivery)):
                _add(usage, delivery.channel, charge, slot_of(delivery.published_at))
    for (_slug, network), channel in channels.items():
        for at, charge in _reading(network, since, now):
            _add(usage, channel, charge, at)
    Usage.objects.bulk_create(usage.values())
    set_budget(organization=cast.organization, network=_BILLED, monthly=_MONTHLY, actor=cast.actors["claire"])


def _reading(network: str, since: dt.datetime, now: dt.datetime) -> Iterator[tuple[dt.datetime, Charge]]:
    if network != _BILLED:
        return
    price = Decimal(network_data(network)["prices"]["post_read"])
    for day in range((now - since).days):
        yield slot_of(since + dt.timedelta(days=day, hours=9)), Charge("reads", _READ_A_DAY, price * _READ_A_DAY)


def _app(channel: Channel) -> str:
    client_id: str = settings.NETWORKS[channel.network].get("client_id", "")
    return client_id


def _add(usage: dict[tuple[int, str, dt.datetime], Usage], channel: Channel, charge: Charge, slot: dt.datetime) -> None:
    row = usage.setdefault(
        (channel.pk, charge.bucket, slot),
        Usage(
            channel=channel,
            network=channel.network,
            app=_app(channel),
            bucket=charge.bucket,
            slot_at=slot,
            units=0,
            amount=0,
        ),
    )
    row.units += charge.units
    row.amount += charge.amount
