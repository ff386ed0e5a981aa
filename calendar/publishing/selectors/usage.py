"""What is left of the networks' quotas by our own count, and what a month has cost.

A network's data file lists its buckets: `[quotas.<bucket>]` with `limit` (units), `window` (a `Window`) and `per` ("channel", or "app" for all channels that share our app there).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min, Q, Sum
from django.utils import timezone

from publishing.models import Budget, Usage
from socialops.networks.data import network_data
from socialops.tenancy.scope import system
from teams.models import Channel

FRESH = dt.timedelta(hours=1)  # how long what a network said of a bucket without a reset time is believed
PACIFIC = ZoneInfo("America/Los_Angeles")  # where Google's days end


class Window(StrEnum):
    """Over which time a network counts."""

    ROLLING_15MIN = "rolling_15min"
    ROLLING_24H = "rolling_24h"
    UTC_DAY = "utc_day"
    PACIFIC_DAY = "pacific_day"
    MONTH = "month"


_ROLLING = {Window.ROLLING_15MIN: dt.timedelta(minutes=15), Window.ROLLING_24H: dt.timedelta(hours=24)}


def starts_at(window: Window, now: dt.datetime) -> dt.datetime:
    """Since when units count that are spent at `now`."""
    if window in _ROLLING:
        return now - _ROLLING[window]
    local = now.astimezone(PACIFIC if window == Window.PACIFIC_DAY else dt.UTC)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(day=1) if window == Window.MONTH else midnight


def ends_at(window: Window, now: dt.datetime, first: dt.datetime | None) -> dt.datetime:
    """When units come back: the end of a fixed window; of a rolling one, when its `first` spending falls out of it (five minutes late at most)."""
    if window in _ROLLING:
        return (first or now) + _ROLLING[window]
    start = starts_at(window, now)
    if window == Window.MONTH:
        return (start + dt.timedelta(days=32)).replace(day=1)
    tomorrow = (start + dt.timedelta(hours=30)).date()  # a day may have 23 or 25 hours
    return dt.datetime.combine(tomorrow, dt.time(), tzinfo=start.tzinfo)


@dataclass(frozen=True, slots=True)
class Room:
    """One bucket as it stands. `used` and `limit` in the bucket's units; `shared` with all channels of our app."""

    bucket: str
    limit: int
    used: int
    resets_at: dt.datetime
    shared: bool

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


def buckets_of(network: str) -> Mapping[str, Mapping[str, Any]]:
    """The buckets that we count, {} where there are none."""
    found: Mapping[str, Mapping[str, Any]] = network_data(network).get("quotas", {})
    return found


def rooms_of(channels: Sequence[Channel], apps: Mapping[str, str]) -> dict[int, list[Room]]:
    """Every counted bucket of these channels; `apps` is our client id by network. Two queries at most, whatever their number."""
    now = timezone.now()
    own, shared = Q(pk__in=()), Q(pk__in=())
    rules = {network: buckets_of(network) for network in {channel.network for channel in channels}}
    for network, buckets in rules.items():
        for bucket, rule in buckets.items():
            since = Q(network=network, bucket=bucket, slot_at__gte=slot_of(starts_at(Window(rule["window"]), now)))
            if rule["per"] == "app":
                shared |= since & Q(app=apps.get(network, ""))
            else:
                own |= since & Q(channel__in=[c.pk for c in channels if c.network == network])
    spent: dict[tuple[Any, str], tuple[int, dt.datetime | None]] = {
        (channel_id, bucket): (units, first)
        for channel_id, bucket, units, first in Usage.objects.filter(own)
        .values_list("channel_id", "bucket")
        .annotate(units=Sum("units"), first=Min("slot_at"))
    }
    if any(rule["per"] == "app" for buckets in rules.values() for rule in buckets.values()):
        with system("what our app has used of a network's quota, in every organization"):
            rows = Usage.objects.filter(shared).values_list("network", "bucket")
            for network, bucket, units, first in rows.annotate(units=Sum("units"), first=Min("slot_at")):
                spent[network, bucket] = (units, first)
    return {channel.pk: list(_rooms(channel, rules[channel.network], spent, now)) for channel in channels}


def rooms_for(channel: Channel, app: str, buckets: Collection[str]) -> list[Room]:
    """`rooms_of` for some buckets of one channel, on the path that every delivery takes: composing the ORM's queries cost more than running these. A
    query, and another one where a bucket is shared by all channels of our app (client id).
    """
    now = timezone.now()
    rules = {bucket: rule for bucket, rule in buckets_of(channel.network).items() if bucket in buckets}
    shared = [bucket for bucket, rule in rules.items() if rule["per"] == "app"]
    own = [bucket for bucket in rules if bucket not in shared]
    since = {bucket: slot_of(starts_at(Window(rule["window"]), now)) for bucket, rule in rules.items()}
    spent: dict[tuple[Any, str], tuple[int, dt.datetime | None]] = {}
    if own:
        for bucket, units, first in _spent(_OF_CHANNEL, own, since, [channel.pk]):
            spent[channel.pk, bucket] = (units, first)
    if shared:
        with system("what our app has used of a network's quota, in every organization"):
            for bucket, units, first in _spent(_OF_APP, shared, since, [channel.network, app]):
                spent[channel.network, bucket] = (units, first)
    return list(_rooms(channel, rules, spent, now))


_SPENT = """
SELECT told.bucket, sum(u.units), min(u.slot_at) FROM unnest(%s::text[], %s::timestamptz[]) AS told (bucket, since)
JOIN publishing_usage u ON u.bucket = told.bucket AND u.slot_at >= told.since AND """
_OF_CHANNEL = f"{_SPENT} u.channel_id = %s GROUP BY 1"
_OF_APP = f"{_SPENT} u.network = %s AND u.app = %s GROUP BY 1"


def _spent(
    statement: str, buckets: list[str], since: Mapping[str, dt.datetime], whose: list[Any]
) -> list[tuple[str, int, dt.datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [buckets, [since[bucket] for bucket in buckets], *whose])
        return [(bucket, int(units), first) for bucket, units, first in cursor.fetchall()]


def _rooms(
    channel: Channel,
    rules: Mapping[str, Mapping[str, Any]],
    spent: Mapping[tuple[Any, str], tuple[int, dt.datetime | None]],
    now: dt.datetime,
) -> Iterable[Room]:
    for bucket, rule in rules.items():
        shared = rule["per"] == "app"
        used, first = spent.get((channel.network if shared else channel.pk, bucket), (0, None))
        yield Room(bucket, rule["limit"], used, ends_at(Window(rule["window"]), now, first), shared)


def slot_of(moment: dt.datetime) -> dt.datetime:
    """The start of the five minutes that usage is summed over."""
    return moment - dt.timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)


# ---------------------------------------------------------------- money


def month_start(now: dt.datetime | None = None) -> dt.datetime:
    """The month that networks bill now: UTC."""
    return starts_at(Window.MONTH, now or timezone.now())


def cost_by_channel(channels: Iterable[Channel]) -> dict[int, Decimal]:
    """What each channel has cost this month, in US dollars; channels without a cost are left out. One query."""
    rows = Usage.objects.filter(channel__in=list(channels), slot_at__gte=month_start(), amount__gt=0)
    return dict(rows.values_list("channel_id").annotate(total=Sum("amount")))


def cost_by_network() -> dict[str, Decimal]:
    """What each network has cost the organization this month, in US dollars. One query."""
    rows = Usage.objects.filter(slot_at__gte=month_start(), amount__gt=0)
    return dict(rows.values_list("network").annotate(total=Sum("amount")))


def budgets() -> dict[str, Budget]:
    """The organization's ceilings by network. One query."""
    return {budget.network: budget for budget in Budget.objects.select_related("set_by")}
