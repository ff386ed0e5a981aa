"""The kill switch: suspend, lift, review. Lifting never fires the backlog: each held delivery waits for a person's decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.enums import DeliveryState as S
from publishing.enums import SuspensionScope
from publishing.errors import DeliveryConflict
from publishing.models import Delivery, Suspension
from publishing.selectors.suspensions import active, covered, held
from publishing.services.deliveries import AFRESH
from publishing.services.moves import NO_LEASE, move, move_all
from publishing.states import STOPPABLE
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from teams.models import Brand, Channel


class Decision(StrEnum):
    """What becomes of a held delivery."""

    RESCHEDULE = "reschedule"
    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One decision. `due_at` goes with RESCHEDULE."""

    delivery_id: int
    decision: Decision
    due_at: dt.datetime | None = None


@transaction.atomic
def suspend(
    *,
    reason: str,
    actor: Actor,
    brand: Brand | None = None,
    channel: Channel | None = None,
    campaign_key: int | None = None,
) -> Suspension:
    """Stop everything in one scope (none given: the organization) from this moment on. The reason is required.

    What waits is held at once; what a worker holds stops before it is sent; what is already being sent can't be called back
    and is listed by `selectors.suspensions.in_flight`.
    """
    if not reason.strip():
        raise DeliveryConflict(_("Say why publishing is suspended: everybody will read it."))
    scope = (
        SuspensionScope.CHANNEL
        if channel is not None
        else SuspensionScope.BRAND
        if brand is not None
        else SuspensionScope.CAMPAIGN
        if campaign_key is not None
        else SuspensionScope.ORGANIZATION
    )
    suspension: Suspension = Suspension.objects.create(
        scope=scope,
        brand=brand if channel is None else None,
        channel=channel,
        campaign_key=campaign_key if scope == SuspensionScope.CAMPAIGN else None,
        reason=reason.strip(),
        started_by_id=actor.user_id,
    )
    waiting = Delivery.objects.filter(covered(suspension), state__in=STOPPABLE).order_by("id")
    rows = list(waiting.select_for_update(of=("self",)).defer("payload", "handles"))
    move_all(rows, S.SUSPENDED, suspension=suspension, **NO_LEASE)
    record(
        actor=actor,
        action="publishing.suspended",
        target=suspension,
        label=str(suspension.get_scope_display()),
        changes={"scope": [None, scope], "held": [0, len(rows)]},
        reason=suspension.reason,
    )
    return suspension


def hold(delivery: Delivery, suspension: Suspension) -> None:
    """Put one locked delivery under a suspension."""
    move(delivery, S.SUSPENDED, suspension=suspension, **NO_LEASE)


@transaction.atomic
def lift(*, suspension: Suspension, actor: Actor) -> None:
    """Publishing may go on; what is held stays held until reviewed, or passes to another open suspension that covers it."""
    row = Suspension.objects.select_for_update(of=("self",)).get(pk=suspension.pk)
    if row.lifted_at is not None:
        raise DeliveryConflict(_("This suspension is already lifted."))
    row.lifted_at, row.lifted_by_id = timezone.now(), actor.user_id
    row.save(update_fields=["lifted_at", "lifted_by"])
    for other in active().exclude(pk=row.pk):
        held(row).filter(covered(other)).update(suspension=other)
    record(
        actor=actor,
        action="publishing.suspension_lifted",
        target=row,
        label=str(row.get_scope_display()),
        changes={"held": [None, held(row).count()]},
    )
    suspension.lifted_at, suspension.lifted_by_id = row.lifted_at, row.lifted_by_id


@transaction.atomic
def review_held(*, suspension: Suspension, reviews: Iterable[Review], actor: Actor) -> int:
    """Apply decisions to held deliveries; gives how many. All or nothing: DeliveryConflict names the first that can't be done."""
    if suspension.lifted_at is None:
        raise DeliveryConflict(_("Lift the suspension first."))
    wanted = {review.delivery_id: review for review in reviews}
    now = timezone.now()
    rows = list(held(suspension).filter(pk__in=wanted).select_for_update(of=("self",)))
    for delivery in rows:
        _apply(delivery, wanted[delivery.pk], now=now)
    if rows:
        record(
            actor=actor,
            action="publishing.held_reviewed",
            target=suspension,
            label=str(suspension.get_scope_display()),
            changes={str(row.pk): [None, wanted[row.pk].decision] for row in rows},
        )
    return len(rows)


def _apply(delivery: Delivery, review: Review, *, now: dt.datetime) -> None:
    match review.decision:
        case Decision.CANCEL:
            move(delivery, S.CANCELLED, suspension=None)
        case Decision.KEEP:
            if delivery.due_at <= now:
                raise DeliveryConflict(
                    _("“%(label)s” was due in the past: give it a new date or cancel it.") % {"label": delivery.label}
                )
            move(delivery, S.SCHEDULED, suspension=None, next_try_at=delivery.due_at, **AFRESH)
        case Decision.RESCHEDULE:
            if review.due_at is None or review.due_at <= now:
                raise DeliveryConflict(_("Give “%(label)s” a date in the future.") % {"label": delivery.label})
            move(
                delivery,
                S.SCHEDULED,
                suspension=None,
                due_at=review.due_at,
                next_try_at=review.due_at,
                released_at=None,
                **AFRESH,
            )
