"""What the rail shows of reputation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from reputation.models import Mention
from reputation.selectors.mentions import open_mentions
from socialops.ui.navigation import counts_of

KEY = "mentions"  # of the place


def open_rows(request: Any) -> QuerySet[Mention, Any]:
    """Mentions that wait."""
    return open_mentions(request.actor)


def open_count(request: Any) -> int:
    """How many mentions wait; read with the rail's other numbers."""
    return counts_of(request).get(KEY, 0)
