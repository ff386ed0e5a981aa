"""Reads of deliveries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from publishing.enums import DeliveryState as S
from publishing.models import Attempt, Delivery
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel

NEEDS_ATTENTION = Q(state__in=[S.FAILED, S.MISSED]) | Q(state=S.UNCONFIRMED, asks_person=True)


def visible(actor: Actor, right: Right = Right.VIEW) -> QuerySet[Delivery]:
    """Deliveries of the channels on which the actor holds the right, with channel and brand."""
    return Delivery.objects.filter(actor.channels_q(right, channel="channel_id", brand="brand_id")).select_related(
        "channel", "brand"
    )


def get_delivery(actor: Actor, pk: int, right: Right = Right.VIEW) -> Delivery:
    """Http404 alike for absent and not visible; 403 with the reason when visible but the right is missing."""
    delivery = visible(actor).select_related("created_by", "suspension").filter(pk=pk).first()
    if delivery is None:
        raise Http404
    actor.require(right, delivery)
    return delivery


def for_posts(post_keys: Iterable[int]) -> dict[int, list[Delivery]]:
    """Deliveries by post, in order of their due time, with their channel and, as `corrected_at`, when their text was last corrected on the network. One query."""
    found: dict[int, list[Delivery]] = defaultdict(list)
    edits = Attempt.objects.filter(delivery=OuterRef("pk"), step="edit", outcome="done").order_by("-id")
    rows = Delivery.objects.filter(post_key__in=list(post_keys)).select_related("channel").order_by("due_at", "id")
    for delivery in rows.annotate(corrected_at=Subquery(edits.values("started_at")[:1])):
        assert delivery.post_key is not None
        found[delivery.post_key].append(delivery)
    return found


def recent_published(channel: Channel, since: dt.datetime) -> QuerySet[Delivery]:
    """What went out on this channel since then and was not taken down, newest first."""
    return Delivery.objects.filter(
        channel=channel, state=S.PUBLISHED, published_at__gte=since, deleted_at=None
    ).order_by("-published_at")


def needing_attention(actor: Actor) -> QuerySet[Delivery]:
    """Failed, missed, or unconfirmed with a question to a person; of the channels where the actor may publish. Latest first."""
    return visible(actor, Right.PUBLISH).filter(NEEDS_ATTENTION).order_by("-due_at", "-id")
