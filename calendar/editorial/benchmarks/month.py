"""`manage.py bench calendar`: the month page with many posts, as a signed-in person gets it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from editorial.models import Post, Revision, Variant
from editorial.services.writing import NewPost, create_posts
from socialops.bench.pages import measure_page
from socialops.bench.table import print_table, say
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Channel, Member, Organization, User
from teams.services.organizations import create_organization

POSTS = 1000
CHANNELS = 4


def run(size: int | None) -> dict[str, Any]:
    """See `measure_page`."""
    count = size or POSTS
    with transaction.atomic():
        organization, user = _stage(count)
        url = f"/o/{organization.slug}/calendar/?on={_next_month():%Y-%m-%d}"
        figures = {"posts": count, **measure_page(user=user, url=url)}
        transaction.set_rollback(True)  # a benchmark leaves nothing behind
    print_table(("figure", "value"), list(figures.items()))
    return figures


def _stage(count: int) -> tuple[Organization, User]:
    say(f"writing {count} posts in one month")
    email = f"bench-{uuid.uuid4().hex[:8]}@example.com"
    organization = create_organization(slug=f"bench-{uuid.uuid4().hex[:8]}", name="Bench", owner_email=email)
    with tenant(organization):
        user = Member.objects.select_related("user").get().user
        brand = _brand()
        channels = [
            Channel.objects.create(
                brand=brand,
                network=network,
                base_url="https://social.example" if network == "mastodon" else "",
                external_id=f"bench-{number}",
                handle=f"@bench{number}",
                name=f"Bench {number}",
            )
            for number, network in zip(range(CHANNELS), ("mastodon", "bluesky", "facebook", "mastodon"), strict=True)
        ]
        start = _next_month()
        step = dt.timedelta(days=28) / count
        actor = Actor(kind="system", name="bench", organization_id=organization.pk, user=user)
        for first in range(0, count, 1000):
            create_posts(
                items=[
                    NewPost(
                        brand=brand,
                        text=f"Annonce numéro {n} : une phrase d’une longueur ordinaire pour un réseau social",
                        channels=[channels[n % CHANNELS], channels[(n + 1) % CHANNELS]],
                        scheduled_at=start + n * step,
                        as_draft=True,
                    )
                    for n in range(first, min(first + 1000, count))
                ],
                actor=actor,
            )
    with connection.cursor() as cursor:
        for model in (Post, Variant, Revision):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    return organization, user


def _brand() -> Any:
    from teams.models import Brand  # noqa: PLC0415 -- made by create_organization just before

    return Brand.objects.get(slug="main")


def _next_month() -> dt.datetime:
    day = timezone.now().replace(hour=6, minute=0, second=0, microsecond=0)
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
