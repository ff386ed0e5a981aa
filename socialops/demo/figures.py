"""The past in kpis: every post's readings up to the counters that the sandbox networks show now, and each channel's audience by day."""

from __future__ import annotations

import datetime as dt
import random

from kpis.dictionary import interactions, metrics_of, translate
from kpis.models import ChannelDay, PostFigures, PostSnapshot
from kpis.schedule import next_reading
from publishing.models import Delivery
from socialops.demo.cast import Cast
from socialops.demo.plan import Sent, followers, growth
from socialops.demo.posts import Channels

DAYS = 70
_READ_AFTER_HOURS = (0.5, 1, 3, 6, 12, 24, 48, 72, 120, 168, 336, 504, 720, 1080)
_DIP = range(-21, -14)  # days from today: the recall
_DIPPING = "velo-citadin"

Audience = dict[tuple[int, dt.date], int]
"""(channel id, day) → followers."""


def write_audiences(cast: Cast, channels: Channels, now: dt.datetime) -> Audience:
    """Growth back from today's number, with the recall's dip."""
    dice = random.Random("audience")  # noqa: S311 -- repeatable on purpose
    audience: Audience = {}
    rows = []
    for (slug, network), channel in channels.items():
        brand = cast.brands[slug]
        today = now.astimezone(brand.zone).date()
        count = followers(slug, network)
        for back in range(DAYS):
            day = today - dt.timedelta(days=back)
            audience[channel.pk, day] = count
            read_at = min(now, dt.datetime.combine(day, dt.time(23, 10), brand.zone))
            name = metrics_of(network).channel["followers"][0]
            rows.append(ChannelDay(channel=channel, day=day, followers=count, raw={name: count}, read_at=read_at))
            count -= _gained(slug, -back, count, dice)
    ChannelDay.objects.bulk_create(rows)
    return audience


def _gained(slug: str, day: int, count: int, dice: random.Random) -> int:
    if slug == _DIPPING and day in _DIP:
        return -round(count * dice.uniform(0.002, 0.006))
    return round(count * dice.uniform(-0.0002, 0.0026))


def write_figures(deliveries: list[Delivery], audience: Audience, now: dt.datetime) -> None:
    """The last reading says what the networks say now; earlier ones follow the curve by which posts age."""
    dice = random.Random("figures")  # noqa: S311 -- repeatable on purpose
    figures, snapshots = [], []
    for delivery in deliveries:
        sent: Sent = delivery.demo_sent  # type: ignore[attr-defined]  # set by posts.write_past
        readings = [sent.at + dt.timedelta(hours=hours) for hours in _READ_AFTER_HOURS]
        moments = [at for at in readings if at < now - dt.timedelta(hours=1)]
        due = next_reading(published_at=sent.at, now=now)
        wait = (due - now) if due else dt.timedelta(days=7)
        # Spread, so that the first pulls do not come all at once.
        last = now - wait * dice.uniform(0.05, 0.9)
        moments = [at for at in moments if at < last] + [max(last, sent.at + dt.timedelta(minutes=20))]
        rows = [_snapshot(delivery, sent, at, moments[-1]) for at in moments]
        snapshots += rows
        figures.append(_figures(delivery, rows, audience, next_at=moments[-1] + wait if due else None))
    PostSnapshot.objects.bulk_create(snapshots, batch_size=1000)
    PostFigures.objects.bulk_create(figures)


def _snapshot(delivery: Delivery, sent: Sent, at: dt.datetime, last: dt.datetime) -> PostSnapshot:
    grown = growth((at - sent.at) / dt.timedelta(hours=1)) / growth((last - sent.at) / dt.timedelta(hours=1))
    raw = _raw(sent, grown, sum(comment.at <= at for comment in sent.comments) if at < last else len(sent.comments))
    names = metrics_of(sent.network).post
    values = {ours: count for ours, count in translate(raw, names).items() if count is not None}
    return PostSnapshot(
        delivery=delivery, read_at=at, raw=raw, interactions=interactions(sent.network, values), **values
    )


def _raw(sent: Sent, grown: float, comments: int) -> dict[str, int]:
    """What the network said today, scaled back to a younger post under the network's own names."""
    if grown == 1:
        return dict(sent.counters)
    theirs = metrics_of(sent.network).post
    said = {name for name in theirs.get("comments", ()) if name in sent.counters}
    counted = {name for names in theirs.values() for name in names if name in sent.counters} - said
    younger = {name: round(sent.counters[name] * grown) for name in sent.counters if name in counted}
    return younger | {name: min(comments, sent.counters[name]) for name in said}


def _figures(
    delivery: Delivery, rows: list[PostSnapshot], audience: Audience, *, next_at: dt.datetime | None
) -> PostFigures:
    last = rows[-1]
    assert delivery.published_at is not None
    day = delivery.published_at.astimezone(delivery.brand.zone).date()
    counters = {name: getattr(last, name) for name in metrics_of(delivery.channel.network).post}
    return PostFigures(
        delivery=delivery,
        brand_id=delivery.brand_id,
        channel_id=delivery.channel_id,
        network=delivery.channel.network,
        published_at=delivery.published_at,
        followers=audience.get((delivery.channel_id, day)),
        readings=len(rows),
        read_at=last.read_at,
        next_read_at=next_at,
        interactions=last.interactions,
        **counters,
    )
