"""Reads posts' and channels' numbers from the networks. Nothing is open while a network answers; a reading is stored in one transaction."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from kpis.dictionary import interactions, metrics_of, translate
from kpis.enums import POST_METRICS
from kpis.models import ChannelDay, ChannelPull, PostFigures, PostSnapshot
from kpis.schedule import ACCOUNT_EVERY, next_reading
from publishing.services.tokens import fresh_target
from socialops.networks.errors import NetworkError
from socialops.networks.ports import Metrics, PostMetrics
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import system, tenant
from teams.models import Channel

BATCH = 100  # posts read in one pull of a channel
LEASE = dt.timedelta(minutes=5)
LOOK_BACK = dt.timedelta(days=3)  # how long the sweeps may have been away without forgetting a post
CHANNELS_PER_SWEEP = 200
_LONGEST_PAUSE = dt.timedelta(hours=6)
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network said in one pull, before it is stored."""

    posts: PostMetrics
    account: Metrics | None
    at: dt.datetime


def due_channels() -> list[tuple[int, int]]:
    """(organization, channel) of the channels due for a pull, leased to nobody. What went out meanwhile is watched from now on, and connected channels never pulled yet
    are enrolled.
    """
    now = timezone.now()
    with system("find channels due for a metric pull"):
        _watch_what_went_out(now)
        new = Channel.objects.filter(status=Channel.Status.CONNECTED).exclude(
            pk__in=ChannelPull.objects.values("channel_id")
        )[:CHANNELS_PER_SWEEP]
        ChannelPull.objects.bulk_create(
            [ChannelPull(organization_id=c.organization_id, channel=c, next_at=now, account_due_at=now) for c in new],
            ignore_conflicts=True,
        )
        due = (
            ChannelPull.objects.filter(next_at__lte=now, channel__status=Channel.Status.CONNECTED)
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .order_by("next_at")
        )
        return list(due.values_list("organization_id", "channel_id")[:CHANNELS_PER_SWEEP])


# One statement a sweep instead of several in each publication, where every millisecond counts; and nothing depends on a signal that may be lost.
_WATCH = """
INSERT INTO kpis_postfigures (delivery_id, organization_id, brand_id, channel_id, network, published_at, followers, readings, next_read_at)
SELECT d.id, d.organization_id, d.brand_id, d.channel_id, c.network, d.published_at,
       (SELECT followers FROM kpis_channelday k WHERE k.channel_id = d.channel_id AND followers IS NOT NULL ORDER BY day DESC LIMIT 1), 0, %(now)s
FROM publishing_delivery d JOIN teams_channel c ON c.id = d.channel_id
WHERE d.published_at > %(since)s AND d.state = 'published' AND d.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM kpis_postfigures f WHERE f.delivery_id = d.id)
ON CONFLICT DO NOTHING RETURNING channel_id
"""


def _watch_what_went_out(now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WATCH, {"now": now, "since": now - LOOK_BACK})
        channels = {channel_id for (channel_id,) in cursor.fetchall()}
    if channels:
        ChannelPull.objects.filter(channel_id__in=channels, next_at__gt=now, failures=0).update(next_at=now)


def pull_channel(*, organization_id: int, channel_id: int) -> int:
    """One pull of one channel: account and due posts. Gives how many posts were read; 0 when somebody else has the lease."""
    with tenant(organization_id):
        channel = _lease(channel_id)
        if channel is None:
            return 0
        rows = _due_posts(channel)
        account_due = ChannelPull.objects.get(channel=channel).account_due_at <= timezone.now()
    try:
        reading = _read(channel, list(rows), account_due=account_due)
    except NetworkError as error:
        logger.warning("metric pull failed", channel_id=channel_id, code=error.code)
        with tenant(organization_id):
            _postpone(channel, error)
        return 0
    with tenant(organization_id):
        _store(channel, rows, reading)
    return len(reading.posts.metrics)


def _due_posts(channel: Channel) -> dict[str, int]:
    """External id → delivery. A post that was corrected where a correction is another version has several ids, the live one first: what people did to
    the earlier ones counts for it too.
    """
    due = (
        PostFigures.objects.filter(channel=channel, next_read_at__lte=timezone.now(), gone_at=None)
        .exclude(delivery__external_id="")
        .order_by("next_read_at")
        .values_list("delivery_id", "delivery__external_id", "delivery__earlier_ids")[:BATCH]
    )
    return {external_id: pk for pk, live, earlier in due for external_id in (live, *earlier)}


def _by_delivery(rows: Mapping[str, int], metrics: Mapping[str, Metrics]) -> dict[int, Metrics]:
    """The versions of a post added up: X counts each on its own (fundamentals/edit-posts, "Metrics for edited posts")."""
    found: dict[int, Metrics] = {}
    for external_id, raw in metrics.items():
        if pk := rows.get(external_id):
            so_far = found.setdefault(pk, {})
            for name, value in raw.items():
                known = so_far.get(name)
                so_far[name] = value if known is None else known + (value or 0)
    return found


def _lease(channel_id: int) -> Channel | None:
    now = timezone.now()
    mine = (
        ChannelPull.objects.filter(channel_id=channel_id, next_at__lte=now)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .update(lease_until=now + LEASE)
    )
    return Channel.objects.select_related("brand").filter(pk=channel_id).first() if mine else None


def _read(channel: Channel, external_ids: Sequence[str], *, account_due: bool) -> Reading:
    connector = connector_for(channel.network)
    target = fresh_target(channel)
    posts = connector.pull_post_metrics(target, external_ids=external_ids) if external_ids else PostMetrics({})
    account = connector.pull_account_metrics(target) if account_due else None
    return Reading(posts, account, timezone.now())


@transaction.atomic
def _store(channel: Channel, rows: Mapping[str, int], reading: Reading) -> None:
    names = metrics_of(channel.network)
    figures = {
        f.delivery_id: f
        for f in PostFigures.objects.select_for_update(of=("self",)).filter(delivery_id__in=rows.values())
    }
    followers = None
    if reading.account is not None:
        followers = _store_account(channel, reading.account, reading.at)
    snapshots = []
    by_delivery = _by_delivery(rows, reading.posts.metrics)
    for pk, raw in by_delivery.items():
        current = figures.get(pk)
        if current is None:
            continue
        values = translate(raw, names.post)
        total = interactions(channel.network, values)
        for name in POST_METRICS:
            setattr(current, name, values.get(name))
        current.interactions = total
        current.readings += 1
        current.read_at = reading.at
        current.next_read_at = next_reading(published_at=current.published_at, now=reading.at)
        if current.followers is None:
            current.followers = followers
        snapshots.append(
            PostSnapshot(
                delivery_id=current.delivery_id,
                read_at=reading.at,
                raw=dict(raw),
                interactions=total,
                **{n: values.get(n) for n in POST_METRICS},
            )
        )
    for pk in {rows[external_id] for external_id in reading.posts.gone if external_id in rows} - by_delivery.keys():
        if current := figures.get(pk):
            current.gone_at, current.next_read_at = reading.at, None
    PostSnapshot.objects.bulk_create(snapshots)
    PostFigures.objects.bulk_update(
        figures.values(),
        [*POST_METRICS, "interactions", "readings", "read_at", "next_read_at", "followers", "gone_at"],
        batch_size=BATCH,
    )
    _release(channel, reading)


def _store_account(channel: Channel, raw: Metrics, at: dt.datetime) -> int | None:
    values = translate(raw, metrics_of(channel.network).channel)
    ChannelDay.objects.update_or_create(
        channel=channel,
        day=at.astimezone(channel.brand.zone).date(),
        defaults={
            "followers": values.get("followers"), "following": values.get("following"), "posts": values.get("posts"),
            "raw": dict(raw), "read_at": at,
        },
    )  # fmt: skip
    return values.get("followers")


def _release(channel: Channel, reading: Reading) -> None:
    pull = ChannelPull.objects.select_for_update(of=("self",)).get(channel=channel)
    if reading.account is not None:
        pull.account_due_at = reading.at + ACCOUNT_EVERY
    if reading.posts.dead:
        pull.dead_metrics = dict(reading.posts.dead)
    nearest = (
        PostFigures.objects.filter(channel=channel, next_read_at__isnull=False)
        .order_by("next_read_at")
        .values_list("next_read_at", flat=True)
        .first()
    )
    pull.next_at = min(moment for moment in (nearest, pull.account_due_at) if moment)
    pull.lease_until, pull.succeeded_at, pull.error_code, pull.failures = None, reading.at, "", 0
    pull.save()


def _postpone(channel: Channel, error: NetworkError) -> None:
    pull = ChannelPull.objects.select_for_update(of=("self",)).get(channel=channel)
    pull.failures = min(pull.failures + 1, 20)
    pause = min(dt.timedelta(minutes=2) * 2**pull.failures, _LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 -- jitter, not a secret
    pull.next_at = max(error.until or timezone.now(), timezone.now() + pause)
    pull.lease_until, pull.error_code = None, error.code
    pull.save()


def request_refresh(*, channels: Sequence[Channel], actor: Any) -> int:
    """A person wants fresh numbers: every post of the last 30 days and the account become due, unless read in the last minute. Gives how many channels."""
    now = timezone.now()
    minute = now - dt.timedelta(minutes=1)
    fresh = ChannelPull.objects.filter(channel__in=channels, succeeded_at__gt=minute).values_list(
        "channel_id", flat=True
    )
    stale = [c for c in channels if c.pk not in set(fresh)]
    PostFigures.objects.filter(channel__in=stale, published_at__gte=now - dt.timedelta(days=30), gone_at=None).update(
        next_read_at=now
    )
    for channel in stale:
        ChannelPull.objects.update_or_create(channel=channel, defaults={"next_at": now, "account_due_at": now})
    from kpis.tasks import pull_channel as pull_task  # noqa: PLC0415 -- tasks import services

    for channel in stale:
        pull_task.delay_on_commit(organization_id=channel.organization_id, channel_id=channel.pk)
    return len(stale)
