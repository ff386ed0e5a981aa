"""The words, tones and shapes of every editorial and delivery state. One mapping for the whole product."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

TONES = frozenset({"neutral", "info", "progress", "success", "warning", "danger"})
SHAPES = frozenset(
    {"", "ring", "dashed", "half", "dot", "clock", "check", "warning", "cross", "pause", "question", "dash"}
)


class Status(NamedTuple):
    """How a state reads and looks: the word and the shape say it without the colour."""

    word: Promise | str
    tone: str
    shape: str


POST_STATUSES: dict[str, Status] = {
    "idea": Status(pgettext_lazy("post status", "Idea"), "neutral", "dashed"),
    "draft": Status(pgettext_lazy("post status", "Draft"), "neutral", "ring"),
    "in_review": Status(pgettext_lazy("post status", "In review"), "info", "half"),
    "changes_requested": Status(pgettext_lazy("post status", "Changes requested"), "warning", "warning"),
    "approved": Status(pgettext_lazy("post status", "Approved"), "progress", "check"),
    "scheduled": Status(pgettext_lazy("post status", "Scheduled"), "progress", "clock"),
    "published": Status(pgettext_lazy("post status", "Published"), "success", "dot"),
    "partially_published": Status(pgettext_lazy("post status", "Partly published"), "warning", "half"),
    "failed": Status(pgettext_lazy("post status", "Failed"), "danger", "cross"),
    "cancelled": Status(pgettext_lazy("post status", "Cancelled"), "neutral", "dash"),
    "expired": Status(pgettext_lazy("post status", "Expired"), "neutral", "cross"),
    "on_hold": Status(pgettext_lazy("post status", "On hold"), "warning", "pause"),
}

DELIVERY_STATUSES: dict[str, Status] = {
    "scheduled": Status(pgettext_lazy("delivery status", "Scheduled"), "progress", "clock"),
    "claimed": Status(pgettext_lazy("delivery status", "Starting"), "info", "half"),
    "preparing": Status(pgettext_lazy("delivery status", "Preparing"), "info", "half"),
    "committing": Status(pgettext_lazy("delivery status", "Sending"), "info", "half"),
    "confirming": Status(pgettext_lazy("delivery status", "Confirming"), "info", "half"),
    "published": Status(pgettext_lazy("delivery status", "Published"), "success", "dot"),
    "unconfirmed": Status(pgettext_lazy("delivery status", "To be checked"), "warning", "question"),
    "retrying": Status(pgettext_lazy("delivery status", "Will retry"), "warning", "clock"),
    "failed": Status(pgettext_lazy("delivery status", "Failed"), "danger", "cross"),
    "cancelled": Status(pgettext_lazy("delivery status", "Cancelled"), "neutral", "dash"),
    "suspended": Status(pgettext_lazy("delivery status", "Suspended"), "warning", "pause"),
    "missed": Status(pgettext_lazy("delivery status", "Missed"), "danger", "warning"),
}
