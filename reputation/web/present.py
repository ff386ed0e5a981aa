"""Mentions and sources in words, tones and shapes."""

from __future__ import annotations

from dataclasses import dataclass

from babel import UnknownLocaleError
from babel.core import Locale
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from publishing.errors import sentence_for
from reputation.enums import Sentiment
from reputation.models import Mention
from reputation.rules import UNSURE_BELOW
from reputation.selectors.pulls import Health, Source
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.ui.formats import locale, show_number

_LOOKS = {
    Sentiment.POSITIVE: ("success", "dot"),
    Sentiment.NEUTRAL: ("neutral", "ring"),
    Sentiment.NEGATIVE: ("danger", "warning"),
    Sentiment.UNKNOWN: ("neutral", "dash"),
}
_FACES = {Sentiment.POSITIVE: "mood-happy", Sentiment.NEUTRAL: "mood-neutral", Sentiment.NEGATIVE: "mood-sad"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the three labels a person may give."""

    value: str
    word: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A mention as the list and its page show it."""

    mention: Mention
    may_act: bool
    denied: str

    @property
    def pill(self) -> dict[str, str]:
        """The label that counts: its word, then how sure the model is or who said so."""
        mention, label = self.mention, self.mention.label
        tone, shape = _LOOKS[label]
        word = str(label.label)
        if mention.human_sentiment:
            text = _("%(label)s, corrected") % {"label": word}
        elif label == Sentiment.UNKNOWN:
            text = word
        elif mention.sentiment_confidence < UNSURE_BELOW:
            text, shape = _("%(label)s? To check") % {"label": word}, "question"
        else:
            text = f"{word} {show_number(mention.sentiment_confidence, unit='%')}"
        return {"text": text, "tone": tone, "shape": shape}

    @property
    def choices(self) -> list[Choice]:
        label = self.mention.label
        return [
            Choice(value.value, str(value.label), icon, str(number), value == label)
            for number, (value, icon) in enumerate(_FACES.items(), start=1)
        ]

    @property
    def model_word(self) -> str:
        return str(Sentiment(self.mention.sentiment).label)

    @property
    def is_unsure(self) -> bool:
        mention = self.mention
        return mention.sentiment != Sentiment.UNKNOWN and mention.sentiment_confidence < UNSURE_BELOW

    @property
    def language(self) -> str:
        return name_language(self.mention.language)

    @property
    def reasons(self) -> list[tuple[str, bool]]:
        """(“pas … content”, leans positive), the strongest first."""
        return [
            (
                f"{reason['negator']} … {reason['text']}" if reason.get("negator") else reason["text"],
                reason["weight"] > 0,
            )
            for reason in self.mention.sentiment_explanation
        ]

    @property
    def probabilities(self) -> list[tuple[str, float]]:
        shares = self.mention.sentiment_probabilities
        return [(str(label.label), shares[label.value]) for label in _FACES if shares.get(label.value)]


def show_row(mention: Mention, actor: Actor) -> Row:
    """With what this actor may do to it."""
    decision = actor.can(Right.REPLY_PUBLICLY, mention)
    return Row(mention, bool(decision), str(getattr(decision, "reason", "")))


def name_language(code: str) -> str:
    """“French” for fr, in the language in use; the code itself where nobody named it."""
    if not code:
        return _("Unclear language")
    try:
        return (Locale.parse(code, sep="-").get_display_name(locale()) or code).capitalize()
    except (UnknownLocaleError, ValueError):
        return code


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in words; `action` is what to do, "" when all is well."""

    source: Source
    word: str
    tone: str
    shape: str
    reason: str


def show_source(source: Source) -> SourceLine:
    """How well a channel is being read, and why not."""
    word, tone, shape = {
        Health.FRESH: (pgettext("source", "Up to date"), "success", "check"),
        Health.WAITING: (pgettext("source", "Not read yet"), "neutral", "clock"),
        Health.LATE: (pgettext("source", "Late"), "warning", "clock"),
        Health.FAILING: (pgettext("source", "Failing"), "warning", "warning"),
        Health.UNSUPPORTED: (pgettext("source", "Not read"), "neutral", "dash"),
        Health.CUT_OFF: (pgettext("source", "Reconnect"), "danger", "warning"),
    }[source.health]
    reason = ""
    if source.health == Health.UNSUPPORTED:
        reason = _("Mentions can’t be read on this network yet.")
    elif source.health == Health.LATE:
        reason = _("Nothing was read for a while: listening may have stopped. Ask an administrator.")
    elif source.health == Health.CUT_OFF:
        reason = sentence_for("auth", source.error, {})
    elif source.error:
        reason = sentence_for(source.error_kind, source.error, {})
    return SourceLine(source, word, tone, shape, reason)
