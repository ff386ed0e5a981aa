"""What a calendar shows: a few posts a day and how many more there are, whatever their number."""

from __future__ import annotations

import colorsys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from editorial.enums import PostState
from editorial.models import MediaAsset, Post, Variant
from editorial.models.posts import TOLD
from editorial.rules import resolve_local
from editorial.selectors.posts import PostFilter, filtered
from editorial.states import MOVABLE
from publishing.enums import DeliveryState
from socialops.networks.ports import MediaKind
from socialops.permissions.actor import Actor
from socialops.ui.statuses import DELIVERY_STATUSES, POST_STATUSES, Status

SHOWN_A_DAY = 3
HUES = 12


@dataclass(slots=True)
class Card:
    """A post in a cell. `hue` is 0 to 11, or "" without one."""

    post: Post
    channels: list[tuple[str, str]]  # (network, channel name)
    hue: int | str = ""
    kind: str = ""  # video, audio or document, where it carries one
    asks: bool = False  # somebody must say whether it is live on one of its channels

    @property
    def status(self) -> Status:
        return DELIVERY_STATUSES["unconfirmed"] if self.asks else POST_STATUSES[self.post.state]

    @property
    def movable(self) -> bool:
        return self.post.state in MOVABLE and not self.asks

    @property
    def networks(self) -> list[str]:
        return list(dict.fromkeys(network for network, _name in self.channels))


@dataclass(slots=True)
class Day:
    date: date
    cards: list[Card] = field(default_factory=list)
    total: int = 0

    @property
    def more(self) -> int:
        """How many the cell does not show."""
        return self.total - len(self.cards)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in a zone, also where the clocks change at midnight."""
    return resolve_local(datetime.combine(day, time()), zone).at


def days_of(
    actor: Actor, wanted: PostFilter, *, first: date, count: int, zone: ZoneInfo, limit: int, colour: str
) -> list[Day]:
    """`count` days from `first`, at most `limit` cards each. Two queries, however many posts there are."""
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(count)}
    window = filtered(actor, wanted).filter(
        scheduled_at__gte=day_start(first, zone), scheduled_at__lt=day_start(first + timedelta(days=count), zone)
    )
    if not wanted.states:
        window = window.exclude(state=PostState.CANCELLED)
    posts: QuerySet[Post] = (
        window.annotate(day=TruncDate("scheduled_at", tzinfo=zone))
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("day")], order_by=[F("scheduled_at").asc(), F("id").asc()]),
            total=Window(Count("id"), partition_by=[F("day")]),
        )
        .filter(rank__lte=limit)
        .select_related("campaign")
        .only(
            "id",
            "title",
            "text",
            "media",
            "state",
            "scheduled_at",
            "brand_id",
            "organization_id",
            "campaign__colour",
            "campaign__name",
        )
        .order_by("scheduled_at", "id")
    )
    rows = list(posts)
    for card in cards_of(rows, colour=colour):
        day = days[card.post.day]  # type: ignore[attr-defined]  # annotated above
        day.cards.append(card)
        day.total = card.post.total  # type: ignore[attr-defined]  # as above
    return list(days.values())


def cards_of(posts: Iterable[Post], *, colour: str) -> list[Card]:
    """Posts with the channels they go to, coloured by `status` (by the state itself), `channel` or `campaign`. One query, two where posts carry files."""
    posts = list(posts)
    variants: dict[int, list[dict[str, Any]]] = defaultdict(list)
    asking: set[int] = set()
    rows = Variant.objects.filter(post__in=[post.pk for post in posts]).order_by("channel__network", "channel__name")
    delivered = {"state": F("delivery__state"), "asks_person": F("delivery__asks_person")}
    for row in rows.values("post_id", "channel_id", name=F("channel__name"), **TOLD, **delivered):
        variants[row["post_id"]].append(row)
        if row["asks_person"] and row["state"] == DeliveryState.UNCONFIRMED:
            asking.add(row["post_id"])
    for post in posts:
        post.told = variants[post.pk]  # type: ignore[attr-defined]  # as `selectors.posts.told` annotates it
    kinds = _kinds({item["id"] for post in posts for item in post.media})
    return [
        Card(
            post,
            [(row["network"], row["name"]) for row in variants[post.pk]],
            _hue(post, [row["channel_id"] for row in variants[post.pk]], colour),
            next((kinds[item["id"]] for item in post.media if item["id"] in kinds), ""),
            post.pk in asking,
        )
        for post in posts
    ]


def _kinds(ids: set[int]) -> dict[int, str]:
    """Which of these files are videos and documents; images are the usual case and go without saying."""
    if not ids:
        return {}
    others = MediaAsset.objects.filter(pk__in=ids).exclude(content_type__startswith="image/")
    return {pk: MediaKind.of(content_type) for pk, content_type in others.values_list("pk", "content_type")}


def _hue(post: Post, channel_ids: list[int], colour: str) -> int | str:
    if colour == "campaign" and post.campaign is not None:
        return hue_of(post.campaign.colour)
    if colour == "channel" and channel_ids:
        return channel_ids[0] % HUES
    return ""


def hue_of(colour: str) -> int | str:
    """The nearest of twelve hues to a #rrggbb colour, "" for a grey."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    hue, _lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return round(hue * HUES) % HUES if saturation > 0.12 else ""
