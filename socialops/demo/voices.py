"""What people said: kept by reputation's own ingestion, judged by its model, partly handled and corrected by the team."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import F

from reputation.enums import ReplyState, Sentiment
from reputation.models import Mention, PullState, Reply
from reputation.services.ingest import judge, store_page
from reputation.services.mentions import correct_sentiment, mark_done
from reputation.services.retention import forget_batch
from socialops.demo.cast import Cast
from socialops.demo.content import script, typeset
from socialops.demo.past import Heard
from socialops.demo.plan import Plan
from socialops.demo.posts import Channels
from socialops.permissions.actor import Actor

# Irony and half-praise: what a person reads better than a model. First words of a line → the person's label.
CORRECTIONS: Final = {
    "Ah oui, « disponible vendredi ».": Sentiment.NEGATIVE,
    "Encore une hausse de prix, bravo": Sentiment.NEGATIVE,
    "« Deux heures de délai moyen. »": Sentiment.NEGATIVE,
    "Bravo, un frein qui ne freine pas": Sentiment.NEGATIVE,
    "So much for twenty years.": Sentiment.NEGATIVE,
    "Prix du latte en hausse, encore.": Sentiment.NEGATIVE,
    "Dommage que le prix grimpe": Sentiment.NEGATIVE,
    "J'ai failli tomber": Sentiment.NEGATIVE,
    "Mention spéciale à": Sentiment.POSITIVE,
    "Ma fille adore la remorque, le chien": Sentiment.POSITIVE,
}
_HANDLED_AFTER = dt.timedelta(hours=2, minutes=20)
_ANSWERED_AFTER: Final = dt.timedelta(hours=3)  # as in the plan
_REFUSED_AT: Final = "velo-citadin"
_REFUSED: Final = (
    "Bonjour ! Écris-nous ton numéro de commande sur https://bit.ly/velo-sav, on regarde ça tout de suite."
)
_HANDLERS: Final = {"maison-lumiere": "claire", "velo-citadin": "theo", "cafe-riviera": "claire"}


def write_mentions(heard: Heard, plan: Plan, cast: Cast, channels: Channels, now: dt.datetime) -> None:
    for place, channel in channels.items():
        mentions, cursor = heard[place]
        PullState.objects.create(
            channel=channel, last_tried_at=now, last_success_at=now, next_pull_at=now + dt.timedelta(minutes=1)
        )
        store_page(channel=channel, judged=judge(mentions), cursor=cursor, previous={})
    Mention.objects.update(received_at=F("published_at") + dt.timedelta(minutes=1))
    _handle(cast, now)
    _answer(plan, cast, now)
    _correct(cast)
    while forget_batch(now=now):  # what some networks would not let be kept for eight weeks
        pass


def _handle(cast: Cast, now: dt.datetime) -> None:
    """Most of what is older than three days was dealt with when it came; a little of the rest is, just now."""
    for slug, handler in _HANDLERS.items():
        brand, actor = cast.brands[slug], cast.actors[handler]
        old = Mention.objects.filter(brand=brand, published_at__lt=now - dt.timedelta(days=3)).order_by("pk")
        kept = list(old.values_list("pk", flat=True)[3::9])
        old.exclude(pk__in=kept).update(done_at=F("published_at") + _HANDLED_AFTER, done_by=actor.user)
        for mention in Mention.objects.filter(brand=brand, done_at=None).order_by("published_at")[:2]:
            mark_done(mention=mention, actor=actor)


def _answer(plan: Plan, cast: Cast, now: dt.datetime) -> None:
    """The answers that stand on the networks already, and one that a network would not take."""
    replies = []
    there = {
        (one.external_id, text): where for post in plan.posts for one in post.out for text, where in one.answers.items()
    }
    for slug, handler in _HANDLERS.items():
        brand, actor, answers = cast.brands[slug], cast.actors[handler], script(slug).answers
        said = Mention.objects.filter(brand=brand, text__in=list(answers), published_at__lt=now - _ANSWERED_AFTER)
        for mention in said.exclude(delivery=None).select_related("delivery"):
            sent, text = mention.published_at + _HANDLED_AFTER, answers[mention.text]
            external_id, url = there.get((mention.delivery.external_id, text), ("", ""))
            where = {"external_id": external_id, "external_url": url}
            replies.append(_reply(mention, text, actor, state=ReplyState.SENT, sent_at=sent, **where))
            Mention.objects.filter(pk=mention.pk, done_at=None).update(done_at=sent, done_by=actor.user)
    refused = {"error_kind": "policy", "error_code": "content_policy"}
    waiting = Mention.objects.filter(brand=cast.brands[_REFUSED_AT], language="fr", done_at=None).exclude(delivery=None)
    for mention in waiting.order_by("-published_at")[:1]:
        actor = cast.actors[_HANDLERS[_REFUSED_AT]]
        replies.append(_reply(mention, typeset(_REFUSED), actor, state=ReplyState.FAILED, **refused))
    Reply.objects.bulk_create(replies)
    Reply.objects.filter(state=ReplyState.SENT).update(created_at=F("sent_at"))


def _reply(mention: Mention, text: str, actor: Actor, **more: Any) -> Reply:
    return Reply(mention=mention, text=text, author=actor.user, author_name=actor.name, tries=1, **more)


def _correct(cast: Cast) -> None:
    for words, label in CORRECTIONS.items():
        mention = (
            Mention.objects.filter(text__contains=typeset(words, "en" if words.startswith("So ") else "fr"))
            .select_related("brand")
            .first()
        )
        if mention is not None and mention.sentiment != label:
            correct_sentiment(mention=mention, sentiment=label, actor=cast.actors[_HANDLERS[mention.brand.slug]])
