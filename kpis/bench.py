"""`manage.py bench dashboard`: a year of twenty channels on the figures page, among many readings; nothing is left behind."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kpis.models import ChannelDay, ChannelPull, PostFigures, PostSnapshot
from publishing.enums import DeliveryState
from publishing.models import Delivery
from socialops.bench.pages import measure_page
from socialops.bench.table import print_table, say
from socialops.tenancy.scope import tenant
from teams.models import Brand, Channel, Member, Organization
from teams.services.organizations import create_organization

SNAPSHOTS = 200_000
CHANNELS = 20
DAYS = 365
POSTS = CHANNELS * DAYS  # of the organization that is measured: one a channel and day
READINGS = 110  # of one post in its life, by kpis.schedule; what is more belongs to another organization
GOAL_MS = 150
BATCH = 10_000
_SNAPSHOTS = """
INSERT INTO kpis_postsnapshot (organization_id, delivery_id, read_at, raw, likes, comments, shares, interactions)
SELECT f.organization_id, f.delivery_id, f.published_at + n * interval '1 hour',
       '{"favourites_count": 10, "replies_count": 2, "reblogs_count": 3}', n, n / 5, n / 4, n + n / 5 + n / 4
FROM kpis_postfigures f CROSS JOIN generate_series(1, %s) n WHERE f.organization_id = %s ORDER BY n
"""


def run(size: int | None) -> dict[str, Any]:
    """`size` snapshots in the table. See `measure_page`."""
    count = size or SNAPSHOTS
    with transaction.atomic():
        organization = _organization(posts=POSTS, readings=min(READINGS, -(-count // POSTS)))
        rest = count - POSTS * READINGS
        if rest > 0:
            _organization(posts=-(-rest // READINGS), readings=READINGS)
        with connection.cursor() as cursor:
            for model in (PostFigures, PostSnapshot, ChannelDay, Delivery):
                cursor.execute(f'ANALYZE "{model._meta.db_table}"')
        with tenant(organization):
            user = Member.objects.select_related("user").get().user
        say("the page of a year, every channel")
        url = f"/o/{organization.slug}/figures/?period={DAYS}"
        figures = {"snapshots": count, "posts": POSTS, "channels": CHANNELS, "days": DAYS} | measure_page(
            user=user, url=url
        )
        transaction.set_rollback(True)  # a benchmark leaves nothing behind
    print_table(("figure", "value"), [*figures.items(), ("goal p95_ms", GOAL_MS)])
    return figures


def _organization(*, posts: int, readings: int) -> Organization:
    """Twenty channels, posts over a year, that many readings of each."""
    say(f"writing {posts} posts, {posts * readings} readings")
    slug = f"bench-{uuid.uuid4().hex[:8]}"
    organization = create_organization(slug=slug, name="Bench", owner_email=f"{slug}@example.com")
    now = timezone.now()
    with tenant(organization):
        brand = Brand.objects.get(slug="main")
        channels = _channels(brand, now)
        for first in range(0, posts, BATCH):
            _posts(channels, range(first, min(first + BATCH, posts)), total=posts, now=now)
        with connection.cursor() as cursor:
            cursor.execute(_SNAPSHOTS, [readings, organization.pk])
    return organization


def _channels(brand: Brand, now: dt.datetime) -> list[Channel]:
    networks = ("mastodon", "bluesky", "facebook")
    channels = Channel.objects.bulk_create(
        Channel(brand=brand, network=networks[n % 3], external_id=f"bench-{n}", handle=f"@bench{n}", name=f"Bench {n}")
        for n in range(CHANNELS)
    )
    ChannelPull.objects.bulk_create(
        ChannelPull(channel=channel, next_at=now, account_due_at=now, succeeded_at=now) for channel in channels
    )
    ChannelDay.objects.bulk_create(
        ChannelDay(channel=channel, day=now.date() - dt.timedelta(days=n), followers=10_000 - n, read_at=now)
        for channel in channels
        for n in range(DAYS + 1)
    )
    return channels


def _posts(channels: list[Channel], numbers: range, *, total: int, now: dt.datetime) -> None:
    rng = random.Random(numbers.start)  # noqa: S311 -- the same numbers every time
    step = dt.timedelta(days=DAYS) / total
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            channel=channels[n % CHANNELS], brand_id=channels[0].brand_id, label=f"Annonce numéro {n}", payload={"text": f"Annonce numéro {n}"},
            due_at=now - n * step, next_try_at=now - n * step, published_at=now - n * step, state=DeliveryState.PUBLISHED,
            external_id=f"bench-{n}", external_url=f"https://social.example/{n}",
        )
        for n in numbers
    )  # fmt: skip
    PostFigures.objects.bulk_create(
        PostFigures(
            delivery=row, channel=row.channel, brand_id=row.brand_id, network=row.channel.network, published_at=row.published_at,
            followers=10_000, readings=READINGS, read_at=now, likes=rng.randrange(200), interactions=rng.randrange(300),
            impressions=rng.randrange(5_000) if row.channel.network == "facebook" else None,
        )
        for row in deliveries
    )  # fmt: skip
