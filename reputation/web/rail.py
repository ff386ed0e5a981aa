"""What the rail and the manager's first screen show of reputation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from editorial.panels import Panel
from reputation.models import Mention
from reputation.selectors.mentions import open_mentions, open_replies
from socialops.permissions.rights import Right
from socialops.ui.navigation import counts_of

KEY = "mentions"  # of the place
REPLIES = "replies"


def open_rows(request: Any) -> QuerySet[Mention, Any]:
    """Mentions that wait."""
    return open_mentions(request.actor)


def open_count(request: Any) -> int:
    """How many mentions wait; read with the rail's other numbers."""
    return counts_of(request).get(KEY, 0)


def reply_rows(request: Any) -> QuerySet[Mention, Any]:
    """Replies to our posts that wait."""
    return open_replies(request.actor)


def replies_panel(request: Any) -> Panel | None:
    """For Today: how many replies to our posts wait, and the way to them. No query of its own."""
    if not request.actor.can_anywhere(Right.VIEW):
        return None
    count = counts_of(request).get(REPLIES, 0)
    return Panel(
        title=_("New replies"),
        template="reputation/replies.html",
        context={"count": count},
        url=f"{reverse('reputation:mentions', args=[request.organization.slug])}?ours=on" if count else "",
        url_label=_("See the replies"),
    )
