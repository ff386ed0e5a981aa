"""What publishing says on every page: suspensions, a stalled machine, and how many posts need somebody."""

from __future__ import annotations

import time
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from publishing.models import Delivery
from publishing.selectors.deliveries import needing_attention
from publishing.selectors.suspensions import suspensions_seen
from publishing.services.heartbeats import not_publishing
from socialops.permissions.rights import Right
from socialops.ui.navigation import RailBanner

LOOK_EVERY = 2.0  # seconds
COUNTED_UP_TO = 100
_seen: dict[str, tuple[float, str]] = {}  # language → (when, sentence): the same for every page of this process


def _stalled() -> str:
    language, now = get_language() or "", time.monotonic()
    when, sentence = _seen.get(language, (-LOOK_EVERY, ""))
    if now - when >= LOOK_EVERY:
        sentence = not_publishing()
        _seen[language] = (now, sentence)
    return sentence


def banners(request: Any) -> list[RailBanner]:
    """Open suspensions, and publishing that is not alive. One small query, two when the heartbeats were not looked at for two seconds."""
    found = []
    if sentence := _stalled():
        found.append(RailBanner(text=sentence, tone="danger"))
    slug = request.organization.slug
    for suspension in suspensions_seen(request)[:3]:
        place = suspension.channel or suspension.brand or _("this campaign")
        where = _("everything") if suspension.scope == "organization" else str(place)
        found.append(
            RailBanner(
                text=_("Publishing is suspended for %(where)s: %(reason)s")
                % {"where": where, "reason": suspension.reason},
                tone="warning",
                action_label=_("See the suspension"),
                action_url=reverse("publishing:suspension", args=[slug, suspension.pk]),
            )
        )
    return found


def attention_rows(request: Any) -> QuerySet[Delivery] | None:
    """Deliveries that need somebody, as far as the rail counts."""
    if not request.actor.can_anywhere(Right.PUBLISH):
        return None
    return needing_attention(request.actor).order_by()[:COUNTED_UP_TO]
