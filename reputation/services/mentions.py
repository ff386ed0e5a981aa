"""What people do to a mention: correct its label, set it aside as done. Both can be taken back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from reputation.enums import Sentiment
from reputation.models import Mention
from reputation.sentiment import classify
from reputation.sentiment.model import load
from reputation.services.ingest import judgement
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right

_JUDGED = (
    "language", "sentiment", "sentiment_confidence", "sentiment_probabilities", "sentiment_model", "sentiment_explanation",
)  # fmt: skip


@transaction.atomic
def correct_sentiment(*, mention: Mention, sentiment: str, actor: Actor) -> Mention:
    """A person's label, kept beside the model's; "" takes it back. ValueError for what is no label."""
    if sentiment not in {"", Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE}:
        raise ValueError(f"“{sentiment}” is no label a person gives")
    mention = _locked(mention, actor)
    before = mention.human_sentiment
    if before == sentiment:
        return mention
    mention.human_sentiment = sentiment
    mention.human_sentiment_by = actor.user if sentiment else None
    mention.human_sentiment_at = timezone.now() if sentiment else None
    mention.save(update_fields=["human_sentiment", "human_sentiment_by", "human_sentiment_at"])
    record(
        actor=actor,
        action="mention.sentiment_corrected" if sentiment else "mention.correction_undone",
        target=mention,
        changes={"human_sentiment": [before, sentiment]},
    )
    return mention


@transaction.atomic
def mark_done(*, mention: Mention, actor: Actor) -> Mention:
    """Handled: it leaves the list of what waits. Done twice is done once."""
    mention = _locked(mention, actor)
    if mention.done_at is None:
        mention.done_at, mention.done_by = timezone.now(), actor.user
        mention.save(update_fields=["done_at", "done_by"])
        record(actor=actor, action="mention.done", target=mention, changes={"done": [False, True]})
    return mention


def settle_done(*, mention: Mention, user_id: int | None) -> None:
    """Answered is handled. In the caller's transaction; who has set it aside already stays."""
    open_row = Mention.objects.filter(pk=mention.pk, done_at=None)
    open_row.update(done_at=timezone.now(), done_by_id=user_id)


@transaction.atomic
def reopen(*, mention: Mention, actor: Actor) -> Mention:
    """Back to the list of what waits."""
    mention = _locked(mention, actor)
    if mention.done_at is not None:
        mention.done_at, mention.done_by = None, None
        mention.save(update_fields=["done_at", "done_by"])
        record(actor=actor, action="mention.reopened", target=mention, changes={"done": [True, False]})
    return mention


@transaction.atomic
def judge_again(*, batch: int = 500) -> int:
    """Let today's model judge a batch of what an earlier one did, in the organization in scope; 0 when none is left. People's labels stay, and so do
    those of texts that are no longer kept.
    """
    stale = Mention.objects.filter(expired_at=None).exclude(sentiment_model=load().version).order_by("pk")
    rows = list(stale.select_for_update(of=("self",)).defer("search")[:batch])
    for mention in rows:
        declared = mention.language if mention.language_declared else ""
        for name, value in judgement(classify(mention.text, language=declared)).items():
            setattr(mention, name, value)
    Mention.objects.bulk_update(rows, _JUDGED)
    return len(rows)


def _locked(mention: Mention, actor: Actor) -> Mention:
    actor.require(Right.REPLY_PUBLICLY, mention)
    locked: Mention = Mention.objects.select_for_update(of=("self",)).defer("search").get(pk=mention.pk)
    return locked
