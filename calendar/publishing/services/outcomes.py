"""From what a network did to what becomes of the delivery. Only rate limits and outages are tried again without a person."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Attempt, Delivery
from publishing.services.announcements import announce
from publishing.services.moves import NO_LEASE, move
from publishing.services.rows import insert_row
from socialops.networks.errors import Code, ErrorKind, NetworkError
from socialops.networks.ports import Published, Reconciliation
from teams.services.channels import mark_broken, mark_healthy

RETRIED = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.OUTAGE})
TRIES_AT_MOST = 30  # an outage of twenty minutes, longer than most brands tolerate lateness
FIRST_PAUSE, LONGEST_PAUSE = (
    5.0,
    45.0,
)  # seconds, doubling in between; all is settled within a minute of a network's recovery
FETCHES_AT_MOST = 5  # that a network could not fetch a file from us, before a person looks
JITTER = 0.25  # of the pause, either way: channels that failed together don't come back together
PROCESSING_AT_MOST = dt.timedelta(hours=2)  # a network at work on a file is not lateness
PROCESSING_PAUSE = dt.timedelta(seconds=5)  # where it doesn't say when to look again
CHECK_AFTER = dt.timedelta(seconds=1)  # an unconfirmed delivery is first looked for


def pause_before(tries: int) -> dt.timedelta:
    """How long to wait after so many tries."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** max(0, tries - 1))
    return dt.timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 -- jitter is no secret


def next_try(error: NetworkError, tries: int) -> dt.datetime:
    """When the network says so, a little scattered; else after a growing pause."""
    now = timezone.now()
    if error.until is not None:
        return max(error.until, now) + dt.timedelta(seconds=random.uniform(0.2, 2))  # noqa: S311 -- as above
    return now + pause_before(tries)


def error_fields(error: NetworkError) -> dict[str, Any]:
    """As a delivery or part keeps it."""
    return {"error_kind": error.kind, "error_code": str(error.code), "error_detail": error.detail}


def write_attempt(delivery: Delivery, *, step: str, started_at: dt.datetime, outcome: str, **more: Any) -> None:
    """One line of the ledger, for a step that has ended."""
    insert_row(
        Attempt,
        {
            "organization_id": delivery.organization_id,
            "delivery_id": delivery.pk,
            "number": delivery.tries,
            "step": step,
            "started_at": started_at,
            "ended_at": timezone.now(),
            "outcome": str(outcome),
            "worker": delivery.lease_owner,
            **more,
        },
    )


def failed_attempt(error: NetworkError) -> dict[str, Any]:
    """The ledger's columns about an error."""
    return {
        "error_code": str(error.code),
        "error_detail": error.detail,
        "raw": asdict(error.raw) if error.raw is not None else {},
    }


def settle_published(delivery: Delivery, published: Published, *, step: str, started_at: dt.datetime) -> None:
    """It is live. The lease stays with the worker when parts follow. In one transaction of the caller."""
    now = timezone.now()
    has_parts = bool(delivery.payload.get("parts") or delivery.payload.get("first_comment"))
    write_attempt(delivery, step=step, started_at=started_at, outcome="done")
    move(
        delivery,
        S.PUBLISHED,
        external_id=published.external_id[:500],
        external_url=published.url[:1000],
        external_extra=dict(published.extra),
        published_at=now,
        parts_due_at=now if has_parts else None,
        asks_person=False,
        candidates=[],
        error_kind="",
        error_code="",
        error_detail={},
        **({} if has_parts else NO_LEASE),
    )
    mark_healthy(channel=delivery.channel)


def settle_accepted(delivery: Delivery, *, started_at: dt.datetime) -> None:
    """The network took it and is still at work on it."""
    write_attempt(delivery, step="commit", started_at=started_at, outcome="accepted")
    # some networks name what they are at work on only in their answer to the one shot
    move(delivery, S.CONFIRMING, next_try_at=timezone.now() + CHECK_AFTER, handles=delivery.handles, **NO_LEASE)


def settle_prepared(delivery: Delivery, *, started_at: dt.datetime) -> None:
    """All is uploaded ahead of its time: back into the queue until then, as if never tried."""
    write_attempt(delivery, step="create", started_at=started_at, outcome="done")
    move(delivery, S.SCHEDULED, next_try_at=delivery.due_at, tries=0, **NO_LEASE)


def settle_error(delivery: Delivery, error: NetworkError, *, step: str, started_at: dt.datetime) -> None:
    """A step failed: try again, fail, miss, or find out. In one transaction of the caller; from preparing, committing or confirming."""
    if _still_processing(delivery, error, step):
        _wait_for_processing(delivery, error, started_at=started_at)
        return
    write_attempt(delivery, step=step, started_at=started_at, outcome=error.kind, **failed_attempt(error))
    fields = {**error_fields(error), **NO_LEASE}
    now = timezone.now()
    if _may_be_out(delivery, error, step):
        move(delivery, S.UNCONFIRMED, unconfirmed_at=now, next_try_at=now + CHECK_AFTER, **fields)
        return
    fields["commit_started_at"] = None  # a promise that nothing was published
    anew = error.code == Code.MEDIA_EXPIRED or may_fetch_again(delivery, error)
    if anew:
        fields["handles"] = {}  # uploaded anew
    if error.kind in RETRIED or anew or (error.kind == ErrorKind.UNKNOWN_OUTCOME and delivery.tries < TRIES_AT_MOST):
        next_try_at = next_try(error, delivery.tries)
        if next_try_at > latest(delivery):
            move(delivery, S.MISSED, **fields)
        elif delivery.tries < TRIES_AT_MOST or error.kind == ErrorKind.RATE_LIMIT:
            move(delivery, S.RETRYING, next_try_at=next_try_at, **fields)
            return
        else:
            move(delivery, S.FAILED, **fields)
    else:
        move(delivery, S.FAILED, **fields)
        if error.kind == ErrorKind.AUTH:
            mark_broken(channel=delivery.channel, code=error.code)
    announce(delivery)


def may_fetch_again(delivery: Delivery, error: NetworkError) -> bool:
    """Whether the network found our address silent, and not so often that the address must be wrong. After the ledger's line."""
    if error.code != Code.MEDIA_UNREACHABLE:
        return False
    return delivery.attempts.filter(error_code=Code.MEDIA_UNREACHABLE).count() < FETCHES_AT_MOST


def _still_processing(delivery: Delivery, error: NetworkError, step: str) -> bool:
    since = delivery.first_tried_at or timezone.now()
    return step == "create" and error.code == Code.MEDIA_PROCESSING and timezone.now() < since + PROCESSING_AT_MOST


def _wait_for_processing(delivery: Delivery, error: NetworkError, *, started_at: dt.datetime) -> None:
    """Look again soon: no try is used up, and lateness counts from the end of the wait. One line of the ledger for all the waiting."""
    now = timezone.now()
    last = Attempt.objects.filter(delivery=delivery).order_by("-pk").values_list("outcome", flat=True).first()
    if last != "processing":
        write_attempt(delivery, step="create", started_at=started_at, outcome="processing")
    released_at = now if now > delivery.due_at else delivery.released_at
    next_try_at = max(error.until or now + PROCESSING_PAUSE, now + CHECK_AFTER)
    move(
        delivery,
        S.RETRYING,
        next_try_at=next_try_at,
        released_at=released_at,
        tries=max(0, delivery.tries - 1),
        **NO_LEASE,
    )


def latest(delivery: Delivery) -> dt.datetime:
    """Until when it may still go out."""
    return delivery.expected_at + dt.timedelta(minutes=delivery.brand.late_tolerance_minutes)


def _may_be_out(delivery: Delivery, error: NetworkError, step: str) -> bool:
    if step not in ("commit", "confirm"):
        return False
    # "already there" after an earlier try whose answer was lost: it may well be ours
    was_lost = error.kind == ErrorKind.DUPLICATE and delivery.unconfirmed_at is not None
    return error.kind == ErrorKind.UNKNOWN_OUTCOME or was_lost


def as_candidates(answer: Reconciliation) -> list[dict[str, Any]]:
    """What a person may recognise, JSON-able."""
    return [
        {
            "external_id": post.external_id,
            "url": post.url,
            "text": post.text[:1000],
            "created_at": post.created_at.isoformat() if post.created_at else None,
            "media_count": post.media_count,
        }
        for post in answer.candidates
    ]
