"""Who works on what: claims in one statement, leases that must be renewed, and recovery of those that were not.

PostgreSQL is the queue of record. A claim gives a row to one Celery message (its token is `lease_owner`); a message whose token no longer
matches is stale and does nothing. Everything here runs across organizations under system("dispatch").
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Case, Value, When
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from socialops.tenancy.scope import system

LEASE = dt.timedelta(seconds=10)  # three renewals may be lost before another worker takes over
ONE_SHOT_LEASE = dt.timedelta(seconds=30)  # longer: taking over from a live worker in the one shot could send twice
HELD_AT_MOST = 600.0  # seconds: a thread stuck longer than any network's timeouts loses its lease


@dataclass(frozen=True, slots=True)
class Claim:
    """One row given to one message."""

    organization_id: int
    delivery_id: int
    token: str


# Due rows channel by channel, those with the fewest in hand first: a burst on one channel or organization takes its turn with the others.
# {room}: rows one channel may have in hand, so that a network that hangs can't take every thread.
_CLAIM = """
WITH in_hand AS (
    SELECT channel_id, organization_id, count(*) AS n FROM publishing_delivery
    WHERE state IN ('claimed', 'preparing', 'committing', 'confirming') AND lease_until > %(now)s GROUP BY 1, 2
), due AS (
    SELECT d.id, d.next_try_at, c.organization_id, coalesce(h.n, 0) + d.turn AS channel_turn
    FROM teams_channel c
    JOIN teams_brand b ON b.id = c.brand_id
    LEFT JOIN in_hand h ON h.channel_id = c.id
    CROSS JOIN LATERAL (
        SELECT q.id, q.next_try_at, row_number() OVER (ORDER BY q.next_try_at, q.id) AS turn
        FROM publishing_delivery q
        WHERE q.channel_id = c.id AND q.state IN ('scheduled', 'retrying') AND q.next_try_at <= %(now)s
          AND greatest(q.due_at, q.released_at) >= %(now)s - make_interval(mins => b.late_tolerance_minutes)
          AND NOT EXISTS (
            SELECT FROM publishing_suspension s WHERE s.lifted_at IS NULL AND s.campaign_key = q.campaign_key
              AND s.organization_id = q.organization_id)
        ORDER BY q.next_try_at, q.id
        LIMIT greatest(%(per_channel)s - coalesce(h.n, 0), 0)
    ) d
    WHERE NOT EXISTS (
        SELECT FROM publishing_suspension s WHERE s.lifted_at IS NULL AND s.organization_id = c.organization_id
          AND (s.scope = 'organization' OR s.brand_id = c.brand_id OR s.channel_id = c.id))
), in_turn AS (
    SELECT id, next_try_at,
           row_number() OVER (PARTITION BY organization_id ORDER BY channel_turn, next_try_at, id)
             + coalesce((SELECT sum(n) FROM in_hand h WHERE h.organization_id = due.organization_id), 0) AS turn
    FROM due
)
UPDATE publishing_delivery SET
    state = 'claimed', lease_owner = %(token)s, lease_until = %(until)s, first_tried_at = coalesce(first_tried_at, %(now)s)
WHERE id IN (
    SELECT id FROM publishing_delivery
    WHERE id IN (SELECT id FROM in_turn ORDER BY turn, next_try_at LIMIT %(limit)s)
      AND state IN ('scheduled', 'retrying') AND next_try_at <= %(now)s
    FOR UPDATE SKIP LOCKED)
RETURNING organization_id, id
"""

_LOOK = """
SELECT EXISTS (SELECT FROM publishing_delivery WHERE state IN ('scheduled', 'retrying') AND next_try_at <= %(now)s),
       EXISTS (SELECT FROM publishing_delivery
               WHERE state IN ('claimed', 'preparing', 'committing', 'confirming') AND lease_until < %(now)s),
       EXISTS (SELECT FROM publishing_delivery
               WHERE state IN ('confirming', 'unconfirmed') AND NOT asks_person AND next_try_at <= %(now)s
                 AND (lease_until IS NULL OR lease_until < %(now)s)),
       EXISTS (SELECT FROM publishing_delivery
               WHERE parts_due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)),
       EXISTS (SELECT FROM publishing_delivery
               WHERE correction_due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s))
"""

_CLAIM_CHECKS = """
UPDATE publishing_delivery SET lease_owner = %(token)s, lease_until = %(until)s
WHERE id IN (
    SELECT id FROM publishing_delivery
    WHERE state IN ('confirming', 'unconfirmed') AND NOT asks_person AND next_try_at <= %(now)s
      AND (lease_until IS NULL OR lease_until < %(now)s)
    ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING organization_id, id
"""

_CLAIM_PARTS = """
UPDATE publishing_delivery SET lease_owner = %(token)s, lease_until = %(until)s
WHERE id IN (
    SELECT id FROM publishing_delivery
    WHERE parts_due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
    ORDER BY parts_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING organization_id, id
"""

_CLAIM_CORRECTIONS = _CLAIM_PARTS.replace("parts_due_at", "correction_due_at")


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to do right now."""

    due: bool
    lost: bool
    checks: bool
    parts: bool
    corrections: bool


def look() -> Look:
    """One round trip of index probes: nothing else runs while there is nothing to do."""
    with system("dispatch"), connection.cursor() as cursor:
        cursor.execute(_LOOK, {"now": timezone.now()})
        return Look(*cursor.fetchone())


def claim_due(*, limit: int, per_channel: int, worker: str) -> list[Claim]:
    """Take up to `limit` due deliveries that are neither suspended nor too late. Whoever loses a race for a row gets nothing of it."""
    return _run(_CLAIM, limit=limit, worker=worker, per_channel=per_channel)


def claim_checks(*, limit: int, worker: str) -> list[Claim]:
    """Take deliveries whose fate must be read from the network: being processed there, or unconfirmed."""
    return _run(_CLAIM_CHECKS, limit=limit, worker=worker)


def claim_parts(*, limit: int, worker: str) -> list[Claim]:
    """Take published deliveries with a further part to send."""
    return _run(_CLAIM_PARTS, limit=limit, worker=worker, lease=ONE_SHOT_LEASE)


def claim_corrections(*, limit: int, worker: str) -> list[Claim]:
    """Take published deliveries of which a correction's outcome must be read from the network."""
    return _run(_CLAIM_CORRECTIONS, limit=limit, worker=worker)


def _run(statement: str, *, limit: int, worker: str, lease: dt.timedelta = LEASE, **values: int) -> list[Claim]:
    now = timezone.now()
    token = f"{worker[:51]}#{uuid.uuid4().hex[:12]}"
    parameters: dict[str, Any] = {**values, "limit": limit, "token": token, "now": now, "until": now + lease}
    with system("dispatch"), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [Claim(organization_id, pk, token) for organization_id, pk in cursor.fetchall()]


def in_hand() -> int:
    """How many deliveries are claimed or being worked on, everywhere."""
    with system("dispatch"):
        return Delivery.objects.filter(
            state__in=[S.CLAIMED, S.PREPARING, S.COMMITTING], lease_until__gt=timezone.now()
        ).count()


# ---------------------------------------------------------------- what this process works on

_working: dict[int, tuple[str, float]] = {}  # delivery → (token, since, monotonic)


@contextmanager
def working_on(delivery_id: int, token: str) -> Iterator[None]:
    """While inside, the process's pulse renews the lease."""
    _working[delivery_id] = (token, time.monotonic())
    try:
        yield
    finally:
        _working.pop(delivery_id, None)
        work_done.set()


work_done = threading.Event()  # a thread is free again: the dispatcher may look at once


def renew_leases() -> None:
    """Keep what this process works on. Called every few seconds by its pulse."""
    now = time.monotonic()
    tokens = {token for token, since in list(_working.values()) if now - since < HELD_AT_MOST}
    ids = [pk for pk, (_token, since) in list(_working.items()) if now - since < HELD_AT_MOST]
    if ids:
        with system("renew leases"):
            one_shot = When(state__in=[S.COMMITTING, S.PUBLISHED], then=Value(timezone.now() + ONE_SHOT_LEASE))
            Delivery.objects.filter(pk__in=ids, lease_owner__in=tokens).update(
                lease_until=Case(one_shot, default=Value(timezone.now() + LEASE))
            )


def worker_name() -> str:
    """Host, process namespace (containers may share a host's name) and process."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()[:20]}:{namespace}:{os.getpid()}"


def release_leases_of_the_dead() -> int:
    """End the leases of this machine's processes that are no more, without waiting for them to lapse; gives how many."""
    place = worker_name().rpartition(":")[0]
    with system("recover leases"):
        held = Delivery.objects.filter(lease_owner__startswith=f"{place}:", lease_until__gt=timezone.now())
        owners = set(held.values_list("lease_owner", flat=True))
        dead = [owner for owner in owners if not _lives(int(owner.partition("#")[0].rpartition(":")[2]))]
        return held.filter(lease_owner__in=dead).update(lease_until=timezone.now()) if dead else 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
