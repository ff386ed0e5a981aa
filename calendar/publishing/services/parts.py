"""Threads and first comments: each part its own unit, sent in order under the published post, with its own one shot and its own outcome."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.enums import PartKind
from publishing.models import Delivery, Part
from publishing.selectors.suspensions import under_suspension
from publishing.services.announcements import announce
from publishing.services.claims import working_on
from publishing.services.content import content_of, root_of
from publishing.services.moves import NO_LEASE, note
from publishing.services.outcomes import (
    CHECK_AFTER,
    RETRIED,
    TRIES_AT_MOST,
    as_candidates,
    error_fields,
    failed_attempt,
    next_try,
    pause_before,
    write_attempt,
)
from publishing.services.tokens import fresh_target
from publishing.signals import delivery_changed
from socialops.networks.errors import ErrorKind, NetworkError
from socialops.networks.ports import Connector, Content, Finding, Published, Reconciliation, Target
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant

CHECKS_AT_MOST = 8
SENDABLE = frozenset({S.SCHEDULED, S.RETRYING})
logger = structlog.get_logger(__name__)


def deliver_parts(*, organization_id: int, delivery_id: int, claim: str) -> None:
    """Go on with the parts of a published delivery under this claim; a stale claim does nothing."""
    with working_on(delivery_id, claim):
        with tenant(organization_id):
            rows = Delivery.objects.select_related("channel", "brand", "organization")
            delivery = rows.filter(pk=delivery_id, state=S.PUBLISHED, lease_owner=claim).first()
        if delivery is None or delivery.parts_due_at is None:
            return
        try:
            target = fresh_target(delivery.channel)
        except NetworkError as error:
            with tenant(organization_id):
                part = delivery.parts.exclude(state=S.PUBLISHED).first()
                if part is not None:
                    _failed(delivery, part, error, started_at=timezone.now())
                if delivery.lease_owner:
                    note(delivery, parts_due_at=None, **NO_LEASE)
            return
        send_parts(delivery, connector_for(delivery.channel.network), target, content_of(delivery))


def send_parts(delivery: Delivery, connector: Connector, target: Target, content: Content) -> None:
    """Send what can be sent now; at the end the delivery's lease is given back and `parts_due_at` says when to go on (None: nothing to do)."""
    root = parent = root_of(delivery)
    with tenant(delivery.organization_id):
        parts = list(delivery.parts.all())
    thread_stands = (
        True  # a thread with a hole is not continued; the first comment hangs under the root and may still go
    )
    for part in parts:
        if part.kind == PartKind.FIRST_COMMENT:
            parent = root
        elif not thread_stands:
            continue
        if part.state in (S.COMMITTING, S.UNCONFIRMED) and not _found(delivery, part, connector, target, root, parent):
            if delivery.lease_owner == "":
                return  # looked for again later
            thread_stands = False
            continue
        if part.state in SENDABLE and not _send(delivery, part, connector, target, content, root, parent):
            if delivery.lease_owner == "":
                return
            thread_stands = False
            continue
        if part.state != S.PUBLISHED:
            thread_stands = False
            continue
        parent = Published(part.external_id, part.external_url, part.external_extra)
    with tenant(delivery.organization_id):
        note(delivery, parts_due_at=None, **NO_LEASE)


def _send(
    delivery: Delivery,
    part: Part,
    connector: Connector,
    target: Target,
    content: Content,
    root: Published,
    parent: Published,
) -> bool:
    """True when it is live. Marks the part before the one shot, unless a suspension came between."""
    started_at = timezone.now()
    with tenant(delivery.organization_id):
        if not Delivery.objects.filter(
            Q(~under_suspension()), pk=delivery.pk, lease_owner=delivery.lease_owner
        ).exists():
            _set(part, state=S.SUSPENDED)
            return False
        _set(part, state=S.COMMITTING, commit_started_at=started_at, tries=part.tries + 1)
    try:
        published = connector.commit_part(
            target, content, root=root, parent=parent, text=part.text, key=str(part.idempotency_key)
        )
    except NetworkError as error:
        with tenant(delivery.organization_id):
            _failed(delivery, part, error, started_at=started_at)
        return False
    with tenant(delivery.organization_id):
        _live(delivery, part, published, step=_step(part), started_at=started_at)
    return True


def _failed(delivery: Delivery, part: Part, error: NetworkError, *, started_at: dt.datetime) -> None:
    write_attempt(
        delivery, step=_step(part), started_at=started_at, outcome=error.kind, part_id=part.pk, **failed_attempt(error)
    )
    if error.kind == ErrorKind.UNKNOWN_OUTCOME:
        _set(part, state=S.UNCONFIRMED, **error_fields(error))
        note(delivery, parts_due_at=timezone.now() + CHECK_AFTER, **NO_LEASE)
    elif error.kind in RETRIED and part.tries < TRIES_AT_MOST:
        _set(part, state=S.RETRYING, commit_started_at=None, **error_fields(error))
        note(delivery, parts_due_at=next_try(error, part.tries), **NO_LEASE)
    else:
        _set(part, state=S.FAILED, commit_started_at=None, **error_fields(error))
        announce(delivery, part)
        delivery_changed.send(sender=Delivery, delivery=delivery, previous=delivery.state)


def _found(
    delivery: Delivery, part: Part, connector: Connector, target: Target, root: Published, parent: Published
) -> bool:
    """Ask the network for a part whose answer was lost. True when the part is live, or certainly not there and sendable again."""
    started_at, since = timezone.now(), part.commit_started_at or timezone.now()
    try:
        answer = connector.find_part(
            target, root=root, parent=parent, text=part.text, key=str(part.idempotency_key), since=since
        )
    except NetworkError as error:
        answer = Reconciliation(Finding.UNDECIDED, look_again_at=next_try(error, part.checks + 1))
    with tenant(delivery.organization_id):
        write_attempt(delivery, step="reconcile", started_at=started_at, outcome=answer.finding, part_id=part.pk)
        if answer.finding == Finding.PUBLISHED and answer.published is not None:
            _live(delivery, part, answer.published, step="", started_at=started_at)
            return True
        if answer.finding == Finding.NOT_PUBLISHED:
            _set(part, state=S.RETRYING, commit_started_at=None)
            return True
        if not answer.candidates and part.checks < CHECKS_AT_MOST:
            _set(part, state=S.UNCONFIRMED, checks=part.checks + 1)
            again = answer.look_again_at or timezone.now() + pause_before(part.checks)
            note(delivery, parts_due_at=again, **NO_LEASE)
            return False
        _set(part, state=S.UNCONFIRMED, candidates=as_candidates(answer))
        announce(delivery, part)
        return False


def _live(delivery: Delivery, part: Part, published: Published, *, step: str, started_at: dt.datetime) -> None:
    if step:
        write_attempt(delivery, step=step, started_at=started_at, outcome="done", part_id=part.pk)
    _set(
        part,
        state=S.PUBLISHED,
        external_id=published.external_id[:500],
        external_url=published.url[:1000],
        external_extra=dict(published.extra),
        published_at=timezone.now(),
        error_kind="",
        error_code="",
        error_detail={},
        candidates=[],
    )


def _step(part: Part) -> str:
    return "first_comment" if part.kind == PartKind.FIRST_COMMENT else "thread"


def _set(part: Part, **fields: Any) -> None:
    Part.objects.filter(pk=part.pk).update(**fields)
    for name, value in fields.items():
        setattr(part, name, value)
