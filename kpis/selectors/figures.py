"""What a dashboard shows: one brand, or all the actor may see, over a period and the one before it.

Every number is the lifetime result, as last read, of the posts *published in the period*; followers are the channel's audience at its ends. Missing stays None.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncDate

from kpis.dictionary import metrics_of
from kpis.models import ChannelDay, ChannelPull, PostFigures
from teams.models import Brand, Channel

TOP_POSTS = 5
_KEYS = frozenset({"earlier", "channel_id", "network"})  # what the sums are grouped by
Reading = tuple[int, dt.date, int]  # channel, day, followers


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in a brand's zone, both included."""

    first: dt.date
    last: dt.date
    zone: dt.tzinfo

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> Period:
        """As many days, right before."""
        return Period(self.first - dt.timedelta(days=self.days), self.first - dt.timedelta(days=1), self.zone)

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """Aware instants: from included, to excluded. A day in a DST change has 23 or 25 hours."""
        start = dt.datetime.combine(self.first, dt.time.min, tzinfo=self.zone)
        end = dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time.min, tzinfo=self.zone)
        return start, end

    def dates(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=n) for n in range(self.days)]


@dataclass(frozen=True, slots=True)
class Rate:
    """An engagement rate with its denominator: interactions ÷ `denominator` over the `posts` that have both. None when there are none."""

    denominator: str
    interactions: int
    base: int
    posts: int

    @property
    def value(self) -> float | None:
        """A fraction: 0.034 is 3.4 %. Rates below 30 impressions or followers in all say nothing and are None."""
        return self.interactions / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Totals:
    posts: int
    measured: int  # posts read at least once
    interactions: int | None
    impressions: int | None  # views where the network counts views
    with_impressions: int  # posts that have it
    rate: Rate


@dataclass(frozen=True, slots=True)
class NetworkRow:
    network: str
    posts: int
    interactions: int | None
    impressions: int | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a channel's numbers are, and why they stopped."""

    channel: Channel
    read_at: dt.datetime | None
    error_code: str
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    period: Period
    now: Totals
    before: Totals
    by_day: list[int | None]
    by_day_before: list[int | None]
    networks: list[NetworkRow]
    followers: int | None
    followers_before: int | None
    followers_by_day: list[int | None]
    top: list[PostFigures] = field(default_factory=list)
    freshness: list[Freshness] = field(default_factory=list)


def dashboard(*, channels: Sequence[Channel], period: Period, top_by: str = "interactions") -> Dashboard:
    """All a dashboard shows, of these channels. Five queries, whatever the number of channels and posts."""
    ids = [channel.pk for channel in channels]
    board = _board(ids, period, _sums([(ids, period)]), _readings(ids, period.first, period.last), _by_day(ids, period))
    return replace(board, top=_top(ids, period, top_by), freshness=_freshness(channels))


def by_brand(
    *, channels: Sequence[Channel], period: Period, period_in: Callable[[dt.tzinfo], Period]
) -> tuple[Dashboard, dict[int, Dashboard]]:
    """These channels together, their days those of `period`; and the sums of each brand by its id, in its own zone's days. Neither top posts nor
    freshness. Three queries, whatever the number of brands.
    """
    ids, of_brand = [channel.pk for channel in channels], defaultdict[int, list[int]](list)
    zones = {channel.brand_id: channel.brand.zone for channel in channels}
    for channel in channels:
        of_brand[channel.brand_id].append(channel.pk)
    parts = {pk: (found, period_in(zones[pk])) for pk, found in of_brand.items()}
    spans = [period, *(span for _ids, span in parts.values())]
    rows = _sums(list(parts.values()))
    readings = _readings(ids, min(span.first for span in spans), max(span.last for span in spans))
    together = _board(ids, period, rows, readings, _by_day(ids, period))
    return together, {pk: _board(found, span, rows, readings, {}) for pk, (found, span) in parts.items()}


def _board(
    channel_ids: Sequence[int],
    period: Period,
    rows: Sequence[dict[str, Any]],
    readings: Sequence[Reading],
    days: dict[dt.date, int | None],
) -> Dashboard:
    """What was read for these channels, and perhaps for others, as a dashboard of these."""
    wanted = set(channel_ids)
    now, before = (
        _by_network([row for row in rows if row["channel_id"] in wanted and row["earlier"] is earlier])
        for earlier in (False, True)
    )
    return Dashboard(
        period=period,
        now=_totals(now),
        before=_totals(before),
        by_day=[days.get(day) for day in period.dates()],
        by_day_before=[days.get(day) for day in period.previous.dates()],
        networks=[_network_row(row) for row in now],
        **_followers([reading for reading in readings if reading[0] in wanted], channel_ids, period),
    )


def _in(channel_ids: Sequence[int], period: Period) -> QuerySet[PostFigures]:
    start, end = period.bounds
    return PostFigures.objects.filter(channel_id__in=channel_ids, published_at__gte=start, published_at__lt=end)


def _top(channel_ids: Sequence[int], period: Period, top_by: str) -> list[PostFigures]:
    """Chosen before they are joined: with row-level security PostgreSQL would join every post of the period first."""
    order = (F(top_by).desc(), "-published_at")
    best = _in(channel_ids, period).filter(**{f"{top_by}__isnull": False}).order_by(*order).values("pk")[:TOP_POSTS]
    rows = PostFigures.objects.filter(pk__in=best).select_related("delivery", "channel", "brand")
    return list(rows.order_by(*order))


def _both(parts: Sequence[tuple[Sequence[int], Period]]) -> Any:
    """Of each part's channels, its period and the one before it, which end and begin at the same instant; `earlier` tells them apart."""
    inside, before = Q(pk__in=[]), Q(pk__in=[])
    for channel_ids, period in parts:
        start, end = period.bounds
        own = Q(channel_id__in=channel_ids)
        inside |= own & Q(published_at__gte=period.previous.bounds[0], published_at__lt=end)
        before |= own & Q(published_at__lt=start)
    return PostFigures.objects.filter(inside).annotate(
        earlier=Case(When(before, then=True), default=False, output_field=BooleanField())
    )


def _sums(parts: Sequence[tuple[Sequence[int], Period]]) -> list[dict[str, Any]]:
    """Sums by channel and network, of each part's period and of the one before (`earlier`), with each denominator's own sums, so that a rate
    never mixes posts that have it with posts that don't.
    """
    sums: dict[str, Any] = {
        "posts": Count("pk"),
        "measured": Count("pk", filter=Q(readings__gt=0)),
        "total": Sum("interactions"),
        "seen": Sum("impressions"),
        "viewed": Sum("views"),
        "with_seen": Count("pk", filter=Q(impressions__isnull=False) | Q(views__isnull=False)),
    }
    for name in ("impressions", "views", "reach", "followers"):
        both = Q(interactions__isnull=False, **{f"{name}__gt": 0})
        sums |= {
            f"{name}_base": Sum(name, filter=both),
            f"{name}_top": Sum("interactions", filter=both),
            f"{name}_n": Count("pk", filter=both),
        }
    return list(_both(parts).values("earlier", "channel_id", "network").annotate(**sums).order_by("network"))


def _by_network(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The channels' sums added up, network by network."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = found.setdefault(row["network"], {})
        for name, value in row.items():
            known[name] = value if name in _KEYS else _add([known.get(name), value])
    return list(found.values())


def _rate(rows: Sequence[dict[str, Any]], denominator: str) -> Rate:
    return Rate(
        denominator,
        sum(row[f"{denominator}_top"] or 0 for row in rows),
        sum(row[f"{denominator}_base"] or 0 for row in rows),
        sum(row[f"{denominator}_n"] for row in rows),
    )


def _add(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _totals(rows: Sequence[dict[str, Any]]) -> Totals:
    return Totals(
        posts=sum(row["posts"] for row in rows),
        measured=sum(row["measured"] for row in rows),
        interactions=_add([row["total"] for row in rows]),
        impressions=_add([row["seen"] if row["seen"] is not None else row["viewed"] for row in rows]),
        with_impressions=sum(row["with_seen"] for row in rows),
        rate=_rate(rows, "followers"),
    )


def _network_row(row: dict[str, Any]) -> NetworkRow:
    preferred = metrics_of(row["network"]).denominators
    denominator = next((name for name in preferred if row[f"{name}_n"]), preferred[0])
    return NetworkRow(
        network=row["network"],
        posts=row["posts"],
        interactions=row["total"],
        impressions=row["seen"] if row["seen"] is not None else row["viewed"],
        rate=_rate([row], denominator),
    )


def _by_day(channel_ids: Sequence[int], period: Period) -> dict[dt.date, int | None]:
    rows = _both([(channel_ids, period)]).annotate(day=TruncDate("published_at", tzinfo=period.zone))
    return dict(rows.values_list("day").annotate(total=Sum("interactions")))


def _readings(channel_ids: Sequence[int], first: dt.date, last: dt.date) -> list[Reading]:
    """The audience of these channels day by day, and as last read before the first day."""
    known: Any = ChannelDay.objects.filter(channel_id__in=channel_ids, followers__isnull=False)
    names = ("channel_id", "day", "followers")
    before = known.filter(day__lt=first).order_by("channel_id", "-day").distinct("channel_id").values_list(*names)
    inside = known.filter(day__gte=first, day__lte=last).values_list(*names)
    return list(before.union(inside, all=True))


def _followers(readings: Sequence[Reading], channel_ids: Sequence[int], period: Period) -> dict[str, Any]:
    """Sum over the channels of each day's last known audience. A day before a channel's first reading counts it as unknown: the sum is then None."""
    carried: dict[int, int] = {}
    inside: dict[int, dict[dt.date, int]] = {}
    for pk, day, followers in sorted(readings, key=lambda reading: reading[1]):
        if day < period.first:
            carried[pk] = followers
        else:
            inside.setdefault(pk, {})[day] = followers
    start = _complete_sum(carried, channel_ids)
    known = set(carried) | set(inside)
    series: list[int | None] = []
    today = dt.datetime.now(period.zone).date()
    for day in period.dates():
        for pk, by_day in inside.items():
            if day in by_day:
                carried[pk] = by_day[day]
        series.append(_complete_sum(carried, known) if day <= today else None)
    return {
        "followers": series[-1] if series else None,
        "followers_before": start,
        "followers_by_day": series,
    }


def _complete_sum(values: dict[int, int], wanted: Any) -> int | None:
    wanted = set(wanted)
    return sum(values[pk] for pk in wanted) if wanted and wanted <= set(values) else None


def _freshness(channels: Sequence[Channel]) -> list[Freshness]:
    pulls = {pull.channel_id: pull for pull in ChannelPull.objects.filter(channel__in=[c.pk for c in channels])}
    return [
        Freshness(
            channel=channel,
            read_at=pulls[channel.pk].succeeded_at if channel.pk in pulls else None,
            error_code=pulls[channel.pk].error_code if channel.pk in pulls else "",
            absent=tuple(sorted(metrics_of(channel.network).absent)),
        )
        for channel in channels
    ]


def posts_in(*, channels: Sequence[Channel], period: Period) -> QuerySet[PostFigures]:
    """Every post of the period with its numbers, newest first: the export."""
    return (
        _in([c.pk for c in channels], period).select_related("delivery", "channel", "brand").order_by("-published_at")
    )


def brand_channels(channels: Sequence[Channel], brand: Brand | None) -> list[Channel]:
    return [channel for channel in channels if brand is None or channel.brand_id == brand.pk]
