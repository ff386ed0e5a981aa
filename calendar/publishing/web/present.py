"""From rows to what the screens of publishing say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publishing.enums import DeliveryState as S
from publishing.errors import fix_for, sentence_for
from publishing.models import Attempt, Delivery, Part
from socialops.networks.errors import Code

_STEPS: dict[str, str | Promise] = {
    "prepare": _("Preparing"),
    "create": _("Uploading"),
    "commit": _("Publishing"),
    "confirm": _("Waiting for the network"),
    "thread": _("Next post of the thread"),
    "first_comment": _("First comment"),
    "reconcile": _("Looking on the network"),
    "person": _("Decision"),
    "delete": _("Taking down"),
    "edit": _("Correction"),
}
_OUTCOMES: dict[str, tuple[str | Promise, str]] = {
    "done": (_("Done"), "success"),
    "accepted": (_("Accepted, being processed"), "info"),
    "processing": (_("The network is processing the files"), "info"),
    "worker_lost": (_("The worker stopped in the middle"), "warning"),
    "published": (_("Found: it is live"), "success"),
    "not_published": (_("Not there: safe to send again"), "info"),
    "undecided": (_("Can’t tell"), "warning"),
    "live": (_("“It is live”"), "info"),
    "not_live": (_("“It is not live”"), "info"),
    "rate_limit": (_("Slowed down"), "warning"),
    "outage": (_("Network away"), "warning"),
    "unknown_outcome": (_("Answer lost"), "warning"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt, as the timeline shows it."""

    attempt: Attempt
    step: str | Promise
    outcome: str | Promise
    tone: str
    reason: str
    raw: str


def timeline(delivery: Delivery) -> list[Line]:
    """Every attempt, oldest first."""
    rows: QuerySet[Attempt] = delivery.attempts.order_by("id")[:200]
    return [_line(attempt) for attempt in rows]


def _line(attempt: Attempt) -> Line:
    outcome, tone = _OUTCOMES.get(attempt.outcome, (_("Refused"), "danger"))
    reason = (
        sentence_for(attempt.outcome, attempt.error_code, attempt.error_detail) if attempt.error_code else attempt.note
    )
    raw = json.dumps(attempt.raw, indent=2, ensure_ascii=False) if attempt.raw else ""
    return Line(attempt, _STEPS.get(attempt.step, attempt.step), outcome, tone, reason, raw)


def reason_of(row: Delivery | Part) -> str:
    """Why it is where it is, "" when there is nothing to explain."""
    if row.error_code:
        return sentence_for(row.error_kind, row.error_code, row.error_detail)
    if row.state == S.MISSED:
        return str(_("It could not go out in time, and is now later than the brand tolerates."))
    return ""


def fix_of(delivery: Delivery, slug: str) -> tuple[str | Promise, str]:
    """Label and address of the button that mends it; ("", "") when there is none, or when it is to try again."""
    fix = fix_for(delivery.error_kind, delivery.error_code) if delivery.error_code else None
    key: Any = {"channel": delivery.channel_id, "post": delivery.post_key}.get(fix.target) if fix else None
    if fix is None or key is None:
        return "", ""
    try:
        return fix.label, reverse(fix.url_name, args=[slug, key])
    except NoReverseMatch:
        return "", ""


_UNFINISHED: dict[str, str | Promise] = {
    "cover": _("The cover could not be set."),
    "reply_control": _("Who may answer could not be set."),
    "quote_control": _("Who may quote it could not be set."),
    "subtitles": _("The subtitles could not be added."),
    "playlists": _("It could not be added to the playlist “%(playlist)s”."),
    "quote": _("The quoted post did not show under it when it went out."),
}
_SET_THERE = _("The publication is live all the same: set it on the network.")
_LIVE = _("The publication is live all the same.")


def unfinished_of(delivery: Delivery) -> list[str]:
    """What could not be set on a live publication afterwards (`Published.extra["unfinished"]`), with why and what is left to do."""
    told = []
    for item in delivery.external_extra.get("unfinished", ()):
        detail = {"playlist": "", **(item.get("detail") or {})}
        what = str(_UNFINISHED.get(item.get("field", ""), _("A setting could not be made."))) % detail
        why = sentence_for("", item.get("code", ""), detail)
        then = _LIVE if item.get("code") == Code.QUOTE_PENDING else _SET_THERE
        told.append(f"{what} {why} {then}")
    return told
