"""Forgetting what a network lets be kept for some hours only: first who said it, then what was said.

Ids, times, the label and its correction, what was done about it and our own answers stay: nothing of them is the member's words or profile. The row stays too, so
that a pull which meets the same comment again knows it and stores nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from reputation.models import Mention
from socialops.networks.data import Retention, retention_of
from socialops.networks.registry import networks
from socialops.tenancy.scope import system, tenant

BATCH = 500
BATCHES_AT_MOST = 20  # of one organization in one turn: the rest at the next
ORGANIZATIONS_AT_ONCE = 200
_PROFILE, _ACTIVITY = attrgetter("profile"), attrgetter("activity")
_AUTHOR = {"author_name": "", "author_handle": "", "author_url": "", "author_avatar_url": ""}
_WORDS: dict[str, Any] = {"text": "", "language": "", "language_declared": False, "sentiment_explanation": []}


def forget_expired() -> int:
    """Forget in every organization what is due; gives how many mentions lost something. Each batch is a transaction of its own."""
    now = timezone.now()
    with system("what the networks let be kept no longer, in every organization"):
        due = Mention.objects.filter(_due(now)).order_by().values_list("organization_id", flat=True).distinct()
        organizations = list(due[:ORGANIZATIONS_AT_ONCE])
    return sum(_forget_in(organization_id, now) for organization_id in organizations)


def _forget_in(organization_id: int, now: dt.datetime) -> int:
    forgotten = 0
    for _ in range(BATCHES_AT_MOST):
        with tenant(organization_id):
            found = forget_batch(now=now)
        forgotten += found
        if found < BATCH:
            break
    return forgotten


@transaction.atomic
def forget_batch(*, now: dt.datetime) -> int:
    """Forget the oldest that are due at `now` in the organization in scope; gives how many, less than `BATCH` when none is left. What somebody else holds
    is left to the next turn.
    """
    due = Mention.objects.filter(_due(now)).order_by("received_at").select_for_update(skip_locked=True, of=("self",))
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    rows = Mention.objects.filter(pk__in=ids)
    rows.filter(_past(now, _ACTIVITY)).update(
        **_AUTHOR, **_WORDS, author_expired_at=Coalesce("author_expired_at", now), expired_at=now
    )
    rows.filter(author_expired_at=None).update(**_AUTHOR, author_expired_at=now)
    return len(ids)


def _due(now: dt.datetime) -> Q:
    """Within the index of what still has its words."""
    return Q(expired_at=None) & (_past(now, _ACTIVITY) | (Q(author_expired_at=None) & _past(now, _PROFILE)))


def _past(now: dt.datetime, term: Callable[[Retention], dt.timedelta]) -> Q:
    """Stored for this term of its network at least; nothing where no network sets one."""
    found = Q(pk__in=())
    for network in networks():
        if rule := retention_of(network):
            found |= Q(network=network, received_at__lte=now - term(rule))
    return found
