"""From what a connector read to rows: judged, cleaned, each kept once, and the cursor moved in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from publishing.models import Delivery, Part
from reputation.enums import MentionKind
from reputation.models import Mention, PullState
from reputation.sentiment import Verdict, classify
from socialops.networks.ports import RemoteMention
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


@transaction.atomic
def store_page(
    *, channel: Channel, judged: Sequence[Judged], cursor: Mapping[str, Any], previous: Mapping[str, Any]
) -> list[Mention]:
    """Keep what is new of a page and move the cursor from `previous` to `cursor`, both or neither. Gives the new mentions.

    When another pull moved the cursor meanwhile, what is new is still kept and its cursor stands. What we posted ourselves is left out.
    """
    state = PullState.objects.select_for_update().get(channel=channel)
    by_id = {item.remote.external_id: item for item in judged if not _is_ours(item.remote, channel)}
    known = set(
        Mention.objects.filter(channel=channel, external_id__in=by_id).values_list("external_id", flat=True)
    ) | _our_own(channel, by_id)
    fresh = [item for external_id, item in by_id.items() if external_id not in known]
    answered = _answered(channel, fresh)
    rows = [_row(channel, item, answered) for item in fresh]
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


def _is_ours(remote: RemoteMention, channel: Channel) -> bool:
    handle = remote.author_handle.lstrip("@").casefold()
    return remote.author_id == channel.external_id or (handle != "" and handle == channel.handle.lstrip("@").casefold())


def _our_own(channel: Channel, external_ids: Iterable[str]) -> set[str]:
    """Those that are parts of our threads or our first comments."""
    parts = Part.objects.filter(delivery__channel=channel, external_id__in=list(external_ids))
    return set(parts.values_list("external_id", flat=True))


def _answered(channel: Channel, fresh: Sequence[Judged]) -> dict[str, int]:
    """External id → the delivery it belongs to: our post, a part of it, or an earlier answer that already found its post."""
    above = {
        external_id for item in fresh for external_id in (item.remote.in_reply_to, item.remote.root) if external_id
    }
    if not above:
        return {}
    earlier = Mention.objects.filter(channel=channel, external_id__in=above)
    parts = Part.objects.filter(delivery__channel=channel, external_id__in=above)
    posts = Delivery.objects.filter(channel=channel, external_id__in=above)
    return {
        **{external_id: pk for external_id, pk in earlier.values_list("external_id", "delivery_id") if pk},
        **dict(parts.values_list("external_id", "delivery_id")),
        **dict(posts.values_list("external_id", "pk")),
    }


def _row(channel: Channel, item: Judged, answered: Mapping[str, int]) -> Mention:
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
        delivery_id=answered.get(remote.in_reply_to) or answered.get(remote.root),
        received_at=now,
        language_declared=bool(remote.language),
        **judgement(item.verdict),
    )


def judgement(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the columns of a mention: the model's, never the person's."""
    return {
        "language": verdict.language[:8],
        "sentiment": verdict.label.value,
        "sentiment_confidence": round(verdict.confidence, 4),
        "sentiment_probabilities": {name: round(value, 4) for name, value in asdict(verdict.probabilities).items()},
        "sentiment_model": verdict.model_version,
        "sentiment_explanation": [asdict(reason) for reason in verdict.explanation],
    }


def _clean(text: str, longest: int) -> str:
    """What PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest].strip()


def _link(url: str) -> str:
    """Only what may stand in an href."""
    return _clean(url, 1000) if url.startswith(("https://", "http://")) else ""
