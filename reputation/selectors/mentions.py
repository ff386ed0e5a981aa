"""Reads of mentions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import CharField, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404

from publishing.models import Delivery
from reputation.filters import NO_LANGUAGE, OTHER_LANGUAGE, MentionFilter
from reputation.models import Mention, Reply
from reputation.sentiment import LANGUAGES
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel

LABEL = Coalesce(NullIf("human_sentiment", Value("")), "sentiment", output_field=CharField())
"""The label that counts, as an expression: the person's where there is one, else the model's."""

COUNTED_UP_TO = 999
_QUOTES = str.maketrans("“”«»", '""""')  # as keyboards and phones type them


def visible(actor: Actor, right: Right = Right.VIEW) -> QuerySet[Mention]:
    """Mentions of the channels on which the actor holds the right."""
    return Mention.objects.filter(actor.channels_q(right, channel="channel_id", brand="brand_id"))


def list_mentions(
    actor: Actor, wanted: MentionFilter, *, right: Right = Right.VIEW, with_places: bool = True
) -> QuerySet[Mention]:
    """What matches, newest first, with channel and brand (`with_places`, else see `place`), the post it answers and who did what.

    Fetched one by one rather than joined: with row-level security PostgreSQL joins first and sorts everything before it takes a page.
    """
    posts = Delivery.objects.only("organization_id", "label", "external_url")
    return (
        narrow(visible(actor, right), wanted)
        .prefetch_related(
            *(("channel", "brand") if with_places else ()),
            Prefetch("delivery", posts),
            "human_sentiment_by",
            "done_by",
            "replies",
        )
        .defer("search", "sentiment_probabilities")
        .order_by("-published_at", "-id")
    )


def place(mentions: Iterable[Mention], channels: Iterable[Channel]) -> None:
    """Give each mention its channel and brand, out of channels that are read already."""
    known = {channel.pk: channel for channel in channels}
    for mention in mentions:
        mention.channel = known[mention.channel_id]
        if mention.brand_id == mention.channel.brand_id:  # else the channel has moved, and the brand is read
            mention.brand = mention.channel.brand


def get_mention(actor: Actor, pk: int) -> Mention:
    """With all that its page shows. 404 alike for absent and not visible."""
    related = ("channel", "brand", "delivery", "human_sentiment_by", "done_by")
    rows = visible(actor).select_related(*related).prefetch_related("replies").defer("search")
    mention = rows.filter(pk=pk).first()
    if mention is None:
        raise Http404
    return mention


def get_reply(mention: Mention, pk: int) -> Reply:
    """An answer to this mention, 404 when it has none such."""
    reply: Reply | None = Reply.objects.filter(mention=mention, pk=pk).first()
    if reply is None:
        raise Http404
    return reply


def around(mention: Mention, *, size: int = 20) -> list[Mention]:
    """The rest of the conversation, oldest first: what it answers, what answers it, and what else hangs under the same post."""
    near = Q(in_reply_to=mention.external_id) | Q(root=mention.external_id)
    if mention.in_reply_to:
        near |= Q(external_id=mention.in_reply_to) | Q(in_reply_to=mention.in_reply_to)
    if mention.root:
        near |= Q(root=mention.root)
    if mention.delivery_id:
        near |= Q(delivery_id=mention.delivery_id)
    rows = Mention.objects.filter(near, channel_id=mention.channel_id).exclude(pk=mention.pk).defer("search")
    return sorted(rows.order_by("-published_at", "-id")[:size], key=lambda row: (row.published_at, row.pk))


def narrow(mentions: QuerySet[Mention], wanted: MentionFilter) -> QuerySet[Mention]:
    """Apply a filter."""
    exact: dict[str, Any] = {
        "brand_id": wanted.brand,
        "channel_id": wanted.channel,
        "delivery_id": wanted.delivery,
        "network": wanted.network or None,
        "kind": wanted.kind or None,
    }
    mentions = mentions.filter(**{name: value for name, value in exact.items() if value is not None})
    if wanted.sentiment:
        mentions = mentions.alias(counts_as=LABEL).filter(counts_as=wanted.sentiment)
    if wanted.language == OTHER_LANGUAGE:
        mentions = mentions.exclude(language__in=["", *LANGUAGES])
    elif wanted.language:
        is_language = (
            {"language": "", "expired_at": None} if wanted.language == NO_LANGUAGE else {"language": wanted.language}
        )
        mentions = mentions.filter(**is_language)
    if wanted.since:
        mentions = mentions.filter(published_at__gte=_midnight(wanted.since, wanted.zone))
    if wanted.until:
        mentions = mentions.filter(published_at__lt=_midnight(wanted.until + dt.timedelta(days=1), wanted.zone))
    if wanted.ours:
        mentions = mentions.filter(delivery__isnull=False)
    if wanted.done is not None:
        mentions = mentions.filter(done_at__isnull=not wanted.done)
    return mentions.filter(_matches(wanted.q)) if wanted.q.strip() else mentions


def open_mentions(actor: Actor) -> QuerySet[Mention, Any]:
    """Those that wait for somebody, as far as they are counted."""
    return visible(actor).filter(done_at=None).values("pk")[:COUNTED_UP_TO]


def open_replies(actor: Actor) -> QuerySet[Mention, Any]:
    """Those of them that answer a post of ours."""
    return visible(actor).filter(done_at=None, delivery__isnull=False).values("pk")[:COUNTED_UP_TO]


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)


def _matches(text: str) -> Q:
    """Words of text and author, whatever their accents and endings: stemmed as the mention was, by its language."""
    plain = text.translate(_QUOTES)
    english, french = (
        SearchQuery(plain, config=f"reputation_{name}", search_type="websearch") for name in ("english", "french")
    )
    return Q(language="en", search=english) | (~Q(language="en") & Q(search=french))
