"""Reads of posts. An id that is absent, foreign or not visible gives 404 alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import Http404

from editorial.enums import Decision, RevisionKind
from editorial.models import Approval, MediaAsset, Post, Revision, Variant
from editorial.models.posts import TOLD
from editorial.selectors.access import visible
from editorial.selectors.content import assets_of
from publishing.models import Delivery
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel


@dataclass(slots=True)
class Loaded:
    """A post with everything needed to show, check or send it."""

    post: Post
    variants: list[Variant]
    assets: dict[int, MediaAsset] = field(default_factory=dict)

    @property
    def channels(self) -> dict[int, Channel]:
        return {variant.channel_id: variant.channel for variant in self.variants}

    @property
    def asking(self) -> list[Delivery]:
        """Those of which somebody must say whether they are live."""
        current = (variant.delivery for variant in self.variants)
        return [delivery for delivery in current if delivery is not None and delivery.asks]


def get_post(actor: Actor, pk: int | str, right: Right = Right.VIEW) -> Post:
    """One post with brand, campaign, people and `told`. Http404 alike for absent and not visible."""
    try:
        key = int(pk)
    except ValueError as error:
        raise Http404 from error
    if not 0 < key < 2**63:
        raise Http404
    kept = Exists(Revision.objects.filter(post=OuterRef("pk"), kind=RevisionKind.KEPT))  # somebody's text was set aside
    related = ("brand", "campaign", "author", "last_editor")
    posts = visible(actor, right).select_related(*related).annotate(has_kept=kept, told=told())
    post = posts.filter(pk=key).first()
    if post is None:
        raise Http404
    return post


def variants_of(post: Post) -> list[Variant]:
    """With their channel and current delivery. One query."""
    variants = list(
        Variant.objects.filter(post=post)
        .select_related("channel", "delivery")
        .order_by("channel__network", "channel__name", "pk")
    )
    for variant in variants:
        variant.post = post
    return variants


def load(post: Post) -> Loaded:
    """The post with its variants and media. Two queries at most."""
    variants = variants_of(post)
    return Loaded(post, variants, assets_of([post], variants))


def lock_post(pk: int) -> Post:
    """The post, locked for the rest of the transaction, after its deliveries: the order in which publishing takes them."""
    list(Delivery.objects.select_for_update().filter(post_key=pk).order_by("pk").values_list("pk"))
    post: Post | None = (
        Post.objects.select_for_update(of=("self",)).select_related("brand", "last_editor").filter(pk=pk).first()
    )
    if post is None:
        raise Http404
    return post


def is_approved(post: Post) -> bool:
    """Whether the last word on exactly the content the post has now was yes."""
    decisions = Approval.objects.filter(post=post, content_hash=post.content_hash).order_by("-id")
    return decisions.values_list("decision", flat=True).first() == Decision.APPROVED


def told() -> ArraySubquery:
    """`Post.told`, to annotate a list of posts with: no query of its own."""
    variants = Variant.objects.filter(post=OuterRef("pk")).order_by("channel__network", "pk")
    return ArraySubquery(variants.values(data=JSONObject(**TOLD)))


def variants_by_post(posts: Iterable[Post]) -> dict[int, list[Variant]]:
    """With channel and delivery, in one query."""
    found: dict[int, list[Variant]] = defaultdict(list)
    rows = (
        Variant.objects.filter(post__in=[post.pk for post in posts])
        .select_related("channel", "delivery")
        .order_by("channel__network", "channel__name", "pk")
    )
    for variant in rows:
        found[variant.post_id].append(variant)
    return found


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What a list or calendar shows. Empty fields don't filter; unknown values match nothing."""

    brand: str = ""
    channels: Sequence[int] = ()
    networks: Sequence[str] = ()
    campaign: int | None = None
    states: Sequence[str] = ()
    author: int | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def filtered(actor: Actor, wanted: PostFilter) -> QuerySet[Post]:
    """Visible posts that match, unordered."""
    lookups: dict[str, Any] = {
        "brand__slug": wanted.brand,
        "campaign_id": wanted.campaign,
        "state__in": list(wanted.states),
        "author_id": wanted.author,
        "scheduled_at__gte": wanted.since,
        "scheduled_at__lt": wanted.until,
    }
    posts = visible(actor).filter(**{name: value for name, value in lookups.items() if value})
    if wanted.channels or wanted.networks:
        variants = Variant.objects.filter(post=OuterRef("pk"))
        if wanted.channels:
            variants = variants.filter(channel_id__in=list(wanted.channels))
        if wanted.networks:
            variants = variants.filter(channel__network__in=list(wanted.networks))
        posts = posts.filter(Exists(variants))
    for word in wanted.text.split()[:8]:
        posts = posts.filter(
            Q(text__icontains=word)
            | Q(title__icontains=word)
            | Exists(Variant.objects.filter(post=OuterRef("pk"), text__icontains=word))
        )
    return posts
