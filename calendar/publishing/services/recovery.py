"""What was left behind: lost leases, what came due under a suspension, what is too late. Run every second or so; any number at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Attempt, Delivery
from publishing.selectors.suspensions import active_for, under_suspension
from publishing.services.announcements import announce
from publishing.services.moves import NO_LEASE, move
from publishing.services.suspensions import hold
from publishing.states import WAITING
from socialops.networks.errors import Code, ErrorKind
from socialops.tenancy.scope import system, tenant

LOST_AT_MOST = 5  # workers that may die on one delivery, one after the other, before a person looks
BATCH = 200
LOST = "worker_lost"


def recover_lost() -> int:
    """Take back what a worker held when it died; gives how many. Before `commit_started_at` nothing was sent: safe to try again; after it the
    network must be asked.
    """

    def lost() -> QuerySet[Delivery]:
        return Delivery.objects.filter(state__in=[S.CLAIMED, S.PREPARING, S.COMMITTING], lease_until__lt=timezone.now())

    return _each("recover leases", lost, _recover)


def hold_suspended() -> int:
    """What came due under a suspension (made after it began, or while it began) joins what it holds; gives how many."""

    def due() -> QuerySet[Delivery]:
        return Delivery.objects.filter(under_suspension(), state__in=WAITING, next_try_at__lte=timezone.now())

    return _each("hold what is suspended", due, _hold)


def miss_late() -> int:
    """What is later than its brand tolerates is not sent any more, a person decides; gives how many."""
    return _each("miss what is late", lambda: _late().filter(state__in=WAITING, next_try_at__lte=timezone.now()), _miss)


def miss_forgotten() -> int:
    """What is still held after its suspension was lifted, and its time has passed: not forgotten in silence. Gives how many."""
    return _each(
        "miss what is late", lambda: _late().filter(state=S.SUSPENDED, suspension__lifted_at__isnull=False), _miss
    )


def _late() -> QuerySet[Delivery]:
    tolerance = ExpressionWrapper(F("brand__late_tolerance_minutes") * dt.timedelta(minutes=1), DurationField())
    # PostgreSQL's GREATEST passes over NULL
    until = ExpressionWrapper(Greatest("due_at", "released_at") + tolerance, DateTimeField())
    rows = Delivery.objects.annotate(sent_until=until).filter(sent_until__lt=timezone.now())
    return cast("QuerySet[Delivery]", rows)  # annotations are lost on the type checker here


def _each(reason: str, find: Callable[[], QuerySet[Delivery]], act: Callable[[Delivery], None]) -> int:
    """Act on each row under a lock, one transaction an organization; rows that somebody else holds are left to them."""
    with system(reason):
        found = list(find().order_by("next_try_at").values_list("organization_id", "pk")[:BATCH])
    by_organization: dict[int, list[int]] = defaultdict(list)
    for organization_id, pk in found:
        by_organization[organization_id].append(pk)
    count = 0
    for organization_id, pks in by_organization.items():
        with tenant(organization_id):
            rows = find().filter(pk__in=pks).select_related("channel", "brand", "organization")
            for delivery in rows.select_for_update(skip_locked=True, of=("self",)):
                act(delivery)
                count += 1
    return count


def _recover(delivery: Delivery) -> None:
    now, worker, step = timezone.now(), delivery.lease_owner, delivery.state
    match step:
        case S.CLAIMED:  # never started: the message was lost
            move(delivery, S.RETRYING, next_try_at=now, **NO_LEASE)
            return
        case S.PREPARING if _kills_its_workers(delivery):
            error: dict[str, Any] = {
                "error_kind": ErrorKind.INTERNAL,
                "error_code": Code.UNEXPECTED_ANSWER,
                "error_detail": {},
            }
            move(delivery, S.FAILED, **error, **NO_LEASE)
            announce(delivery)
        case S.PREPARING:
            move(delivery, S.RETRYING, next_try_at=now, **NO_LEASE)
        case _:
            error = {"error_kind": ErrorKind.UNKNOWN_OUTCOME, "error_code": Code.ANSWER_LOST, "error_detail": {}}
            move(delivery, S.UNCONFIRMED, next_try_at=now, unconfirmed_at=now, **error, **NO_LEASE)
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.tries,
        step="commit" if step == S.COMMITTING else "prepare",
        started_at=delivery.commit_started_at or delivery.first_tried_at or now,
        ended_at=now,
        outcome=LOST,
        worker=worker,
    )


def _kills_its_workers(delivery: Delivery) -> bool:
    """Whether this is the last of so many tries that all ended with their worker. A person's retry counts anew."""
    if delivery.tries < LOST_AT_MOST:
        return False
    before = delivery.attempts.order_by("-pk").values_list("outcome", flat=True)[: LOST_AT_MOST - 1]
    return [str(outcome) for outcome in before] == [LOST] * (LOST_AT_MOST - 1)


def _hold(delivery: Delivery) -> None:
    covering = active_for(channel=delivery.channel, campaign_key=delivery.campaign_key)
    if covering:
        hold(delivery, covering[0])


def _miss(delivery: Delivery) -> None:
    move(delivery, S.MISSED, suspension=None, **NO_LEASE)
    announce(delivery)
