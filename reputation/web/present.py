"""Mentions and sources in words, tones and shapes."""

from __future__ import annotations

from dataclasses import dataclass

from babel import UnknownLocaleError
from babel.core import Locale
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from publishing.errors import sentence_for
from reputation.enums import ReplyState, Sentiment
from reputation.models import Mention, Reply
from reputation.rules import UNSURE_BELOW
from reputation.selectors.pulls import Health, Source
from socialops.networks.data import retention_of
from socialops.networks.ports import Action
from socialops.networks.registry import connector_for
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.ui.formats import locale, show_number
from socialops.ui.networks import NETWORK_NAMES

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
class ActionLine:
    """A button. `is_final`: it can't be taken back."""

    action: Action
    word: str
    icon: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """An answer of ours, with what became of it and what can be done."""

    reply: Reply
    tone: str
    shape: str
    reason: str
    asks: bool  # a person must say whether it is there
    can_retry: bool
    can_withdraw: bool


_REPLY_LOOKS = {
    ReplyState.QUEUED: ("progress", "clock"),
    ReplyState.SENDING: ("progress", "half"),
    ReplyState.UNCONFIRMED: ("warning", "question"),
    ReplyState.SENT: ("success", "check"),
    ReplyState.FAILED: ("danger", "cross"),
}


def _reply_line(reply: Reply) -> ReplyLine:
    state = ReplyState(reply.state)
    tone, shape = _REPLY_LOOKS[state]
    asks = state == ReplyState.UNCONFIRMED and reply.next_at is None
    reason = sentence_for(reply.error_kind, reply.error_code, reply.error_detail) if reply.error_code else ""
    can_withdraw = state == ReplyState.SENT and bool(reply.external_id) and not reply.private
    return ReplyLine(reply, tone, shape, reason, asks, state == ReplyState.FAILED, can_withdraw)


def _reply_marks(replies: list[Reply]) -> list[dict[str, str]]:
    """The worst first: what failed, what is unclear; else that it is answered."""
    for state, word in (
        (ReplyState.FAILED, _("Answer not sent")),
        (ReplyState.UNCONFIRMED, _("Answer unconfirmed")),
        (ReplyState.SENT, _("Answered")),
    ):
        if any(reply.state == state for reply in replies):
            tone, shape = _REPLY_LOOKS[state]
            return [{"text": word, "tone": tone, "shape": shape}]
    return []


@dataclass(frozen=True, slots=True)
class Row:
    """A mention as the list and its page show it."""

    mention: Mention
    may_act: bool
    denied: str
    may_reply: bool = False
    may_write_privately: bool = False
    may_moderate: bool = False

    @property
    def actions(self) -> list[ActionLine]:
        """What the network lets this person do now, the harmless first."""
        mention, found = self.mention, []
        able = connector_for(mention.network).actions(mention.kind) if mention.deleted_at is None else frozenset()
        if self.may_act:
            like = Action.UNLIKE if mention.liked_at else Action.LIKE
            found.append(ActionLine(like, _("Unlike") if mention.liked_at else _("Like"), "heart"))
        if self.may_moderate:
            hide = Action.UNHIDE if mention.hidden_at else Action.HIDE
            icon = "eye" if mention.hidden_at else "eye-off"
            shown = _("Approve") if self.waits else _("Show again")
            found.append(ActionLine(hide, shown if mention.hidden_at else _("Hide"), icon))
            found.append(ActionLine(Action.DELETE, _("Delete"), "trash", is_final=True))
        return [line for line in found if line.action in able]

    @property
    def waits(self) -> bool:
        """Nobody sees it on the network yet: it came so, and nobody approved it."""
        return self.mention.hidden_at is not None and self.mention.hidden_at <= self.mention.received_at

    @property
    def author(self) -> str:
        """A name to call them by, also once theirs may be kept no longer."""
        mention = self.mention
        unnamed = _("%(network)s member") % {"network": NETWORK_NAMES[mention.network]}
        return mention.author_name or mention.author_handle or unnamed

    @property
    def expired(self) -> str:
        return why_no_text(self.mention)

    @property
    def delete_id(self) -> str:
        """The dialog that asks before deleting."""
        return f"delete-{self.mention.pk}"

    @property
    def marks(self) -> list[dict[str, str]]:
        """What we did to it, as badges."""
        mention, found = self.mention, []
        if mention.deleted_at:
            found.append({"text": _("No longer there"), "tone": "neutral", "shape": "cross"})
        elif self.waits:
            found.append({"text": _("Waits for approval"), "tone": "warning", "shape": "clock"})
        elif mention.hidden_at:
            found.append({"text": _("Hidden"), "tone": "warning", "shape": "dash"})
        if mention.liked_at and not mention.deleted_at:
            found.append({"text": _("Liked"), "tone": "info", "shape": "dot"})
        return [*found, *_reply_marks(list(mention.replies.all()))]

    @property
    def replies(self) -> list[ReplyLine]:
        """What we answered, oldest first."""
        return [_reply_line(reply) for reply in self.mention.replies.all()]

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
        """Empty when it is forgotten with the text."""
        return "" if self.mention.expired_at else name_language(self.mention.language)

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
    able = connector_for(mention.network).actions(mention.kind) if mention.deleted_at is None else frozenset()
    return Row(
        mention,
        bool(decision),
        str(getattr(decision, "reason", "")),
        may_reply=bool(decision) and Action.REPLY in able,
        may_write_privately=Action.REPLY_PRIVATELY in able and bool(actor.can(Right.REPLY_PRIVATELY, mention)),
        may_moderate=bool(actor.can(Right.MODERATE, mention)),
    )


def why_no_text(mention: Mention) -> str:
    """What stands in the place of a text that its network does not let us keep; "" while it is kept."""
    if mention.expired_at is None:
        return ""
    rule = retention_of(mention.network)
    kept = rule.activity if rule else mention.expired_at - mention.received_at
    said = {"network": NETWORK_NAMES[mention.network], "hours": show_number(round(kept.total_seconds() / 3600))}
    return _("%(network)s lets this be kept for %(hours)s hours: read it on %(network)s.") % said


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
