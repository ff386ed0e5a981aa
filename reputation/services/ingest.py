"""From what a connector read to rows: judged, cleaned, each kept once, and the cursor moved in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.utils import timezone

from publishing.models import Delivery, Part
from reputation.enums import MentionKind
from reputation.models import Mention, PullState, Reply
from reputation.sentiment import Verdict, classify
from socialops.networks.ports import Held, RemoteMention
from socialops.networks.registry import connector_for
from teams.models import Channel

LONGEST_TEXT = 20_000  # characters kept


@dataclass(frozen=True, slots=True)
class Judged:
    """A mention with its verdict. Judging takes no database, so it is done before the transaction opens."""

    remote: RemoteMention
    verdict: Verdict


def judge(mentions: Iterable[RemoteMention]) -> list[Judged]:
    """Classify each text, in the language the network declares or the one its words show."""
    return [Judged(remote, classify(remote.text, language=remote.language)) for remote in mentions]


@transaction.atomic(savepoint=False)  # a page that fails takes its whole transaction with it
def store_page(
    *, channel: Channel, judged: Sequence[Judged], cursor: Mapping[str, Any], previous: Mapping[str, Any]
) -> list[Mention]:
    """Keep what is new of a page and move the cursor from `previous` to `cursor`, both or neither. Gives the new mentions.

    When another pull moved the cursor meanwhile, what is new is still kept and its cursor stands. What we posted ourselves is left out.
    """
    state = PullState.objects.select_for_update().get(channel=channel)
    by_id = {item.remote.external_id: item for item in judged if not _is_ours(item.remote, channel)}
    known = _look_up(channel, by_id.values())
    fresh = [item for external_id, item in by_id.items() if not known.has(external_id)]
    rows = [_row(channel, item, known) for item in fresh]
    Mention.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    if state.cursor == previous:
        state.cursor = dict(cursor)
        state.save(update_fields=["cursor"])
    return rows


def store_told(*, channel: Channel, remote: RemoteMention) -> list[Mention]:
    """Keep a mention that the network told by itself, if no pull brought it before. Gives it when it is new. The cursor stays: the pull that meets it
    again finds it kept.
    """
    state = PullState.objects.get_or_create(channel=channel)[0]
    return store_page(channel=channel, judged=judge([remote]), cursor=state.cursor, previous=state.cursor)


def forget_told(*, channel: Channel, external_id: str) -> None:
    """The network said that this is gone there: it stays in our list, marked so. Unknown or told twice: nothing."""
    rows = Mention.objects.filter(channel=channel, external_id=external_id, deleted_at=None)
    rows.update(deleted_at=timezone.now())


def settle_held(*, channel: Channel, root: str, held: Held) -> None:
    """What waited under a post of ours for somebody to show it, and doesn't any more: it was shown, or passed over, in the network's own app."""
    waited = Mention.objects.filter(channel=channel, root=root, hidden_at__lte=F("received_at"))
    waited.exclude(external_id__in=held.waiting | held.ignored).update(hidden_at=None)
    waited.filter(external_id__in=held.ignored).update(hidden_at=timezone.now())  # hidden like what somebody hides here


def _is_ours(remote: RemoteMention, channel: Channel) -> bool:
    handle = remote.author_handle.lstrip("@").casefold()
    return remote.author_id == channel.external_id or (handle != "" and handle == channel.handle.lstrip("@").casefold())


@dataclass(frozen=True, slots=True)
class _Known:
    """What this channel has under the ids of a page: external id → the delivery it belongs to."""

    mentions: Mapping[str, int | None]
    parts: Mapping[str, int]
    posts: Mapping[str, int]
    replies: Mapping[str, int | None]

    def has(self, external_id: str) -> bool:
        """Kept already, or one of our own: a thread's part, a first comment, an answer."""
        return external_id in self.mentions or external_id in self.parts or external_id in self.replies

    def delivery(self, external_id: str) -> int | None:
        """Our post, a part of it, or an earlier answer (ours or somebody's) that already found its post."""
        places = (self.posts, self.parts, self.mentions, self.replies)
        return next((place[external_id] for place in places if place.get(external_id)), None)


def _look_up(channel: Channel, page: Iterable[Judged]) -> _Known:
    """One query for a page: the mentions themselves and all they hang under."""
    ids = {found for item in page for found in (item.remote.external_id, item.remote.in_reply_to, item.remote.root)}
    ids.discard("")

    def rows(kind: str, found: QuerySet[Any], delivery: str, *, key: str = "external_id") -> QuerySet[Any, Any]:
        told: QuerySet[Any, Any] = found.order_by().annotate(what=Value(kind))
        return told.values_list("what", key, delivery)

    mentions = rows("mentions", Mention.objects.filter(channel=channel, external_id__in=ids), "delivery_id")
    parts = rows("parts", Part.objects.filter(delivery__channel=channel, external_id__in=ids), "delivery_id")
    posts = rows("posts", Delivery.objects.filter(channel=channel, external_id__in=ids), "pk")
    versions = []
    if connector_for(channel.network).edits_anew:  # people answer the version they saw
        corrected = Delivery.objects.filter(~Q(earlier_ids=[]), channel=channel, earlier_ids__has_any_keys=sorted(ids))
        each = Func("earlier_ids", function="jsonb_array_elements_text", output_field=TextField())
        each.set_returning = True
        versions.append(rows("posts", corrected.annotate(version=each), "pk", key="version"))
    ours = Reply.objects.filter(mention__channel=channel, external_id__in=ids)
    replies = rows("replies", ours, "mention__delivery_id")
    found: dict[str, dict[str, Any]] = {"mentions": {}, "parts": {}, "posts": {}, "replies": {}}
    for kind, external_id, delivery_id in mentions.union(parts, posts, *versions, replies, all=True):
        found[kind][external_id] = delivery_id
    return _Known(**found)


def _row(channel: Channel, item: Judged, known: _Known) -> Mention:
    remote = item.remote
    now = timezone.now()
    return Mention(
        channel=channel,
        brand_id=channel.brand_id,
        network=channel.network,
        external_id=remote.external_id,
        kind=remote.kind if remote.kind in MentionKind.values else MentionKind.MENTION,
        author_id=_clean(remote.author_id, 500),
        author_handle=_clean(remote.author_handle, 255),
        author_name=_clean(remote.author_name, 255),
        author_url=_link(remote.author_url),
        author_avatar_url=_link(remote.author_avatar_url),
        text=_clean(remote.text, LONGEST_TEXT),
        url=_link(remote.url),
        published_at=min(remote.created_at, now + dt.timedelta(minutes=1)),  # a remote clock may be anywhere
        in_reply_to=remote.in_reply_to,
        root=remote.root,
        extra=dict(remote.extra),
        delivery_id=known.delivery(remote.in_reply_to) or known.delivery(remote.root),
        received_at=now,
        hidden_at=now if remote.waits else None,
        language_declared=bool(remote.language),
        **judgement(item.verdict),
    )


def judgement(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the columns of a mention: the model's, never the person's."""
    likely = verdict.probabilities
    return {
        "language": verdict.language[:8],
        "sentiment": verdict.label.value,
        "sentiment_confidence": round(verdict.confidence, 4),
        "sentiment_probabilities": {
            "negative": round(likely.negative, 4),
            "neutral": round(likely.neutral, 4),
            "positive": round(likely.positive, 4),
        },
        "sentiment_model": verdict.model_version,
        "sentiment_explanation": [
            {"text": reason.text, "weight": reason.weight, "negator": reason.negator} for reason in verdict.explanation
        ],
    }


def _clean(text: str, longest: int) -> str:
    """What PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest].strip()


def _link(url: str) -> str:
    """Only what may stand in an href."""
    return _clean(url, 1000) if url.startswith(("https://", "http://")) else ""
