"""What became of a delivery whose answer was lost, or which the network is still processing: read from the network, never sent again on a guess."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery, Part
from publishing.services.announcements import announce
from publishing.services.claims import working_on
from publishing.services.content import content_of
from publishing.services.moves import NO_LEASE, Overtaken, move, note
from publishing.services.outcomes import (
    CHECK_AFTER,
    as_candidates,
    error_fields,
    failed_attempt,
    latest,
    may_fetch_again,
    next_try,
    pause_before,
    settle_published,
    write_attempt,
)
from publishing.services.parts import send_parts
from publishing.services.tokens import fresh_target
from publishing.signals import delivery_changed
from socialops.networks.errors import ErrorKind, NetworkError
from socialops.networks.ports import Connector, Finding, Reconciliation, Target
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant

CHECKS_AT_MOST = 8  # readings that tell nothing, before a person is asked
UNDECIDED_AT_MOST = 6  # of them where the network doesn't say when to look again: a person is asked within a minute
UNDECIDED_PAUSE = dt.timedelta(seconds=10)  # at most, between those
CONFIRMS_AT_MOST = 60  # processing takes minutes for video
LONGEST_LOOK = dt.timedelta(
    seconds=30
)  # between two looks at it, doubling from CHECK_AFTER: a photo takes a second or two
REFUSED = frozenset({ErrorKind.MEDIA, ErrorKind.POLICY, ErrorKind.VALIDATION})
_LOCK_SPACE = 0x50B1


def settle(*, organization_id: int, delivery_id: int, claim: str) -> None:
    """Find out what became of one claimed delivery and settle it. A stale claim does nothing."""
    with working_on(delivery_id, claim):
        with tenant(organization_id):
            rows = Delivery.objects.select_related("channel", "brand", "organization", "created_by")
            delivery = rows.filter(
                pk=delivery_id, state__in=[S.CONFIRMING, S.UNCONFIRMED], lease_owner=claim, asks_person=False
            ).first()
        if delivery is None:
            return
        connector = connector_for(delivery.channel.network)
        try:
            target = fresh_target(delivery.channel)
            if delivery.state == S.CONFIRMING:
                _confirm(delivery, connector, target)
            else:
                _reconcile(delivery, connector, target)
        except NetworkError as error:
            _unreadable(delivery, error)
        except Overtaken:
            return  # a person was quicker


def _confirm(delivery: Delivery, connector: Connector, target: Target) -> None:
    started_at, content = timezone.now(), content_of(delivery)
    published = connector.confirm(target, content, handles=delivery.handles)
    if published is not None:
        with tenant(delivery.organization_id):
            settle_published(delivery, published, step="confirm", started_at=started_at)
        if delivery.parts_due_at is not None:
            send_parts(delivery, connector, target, content)
        return
    with tenant(delivery.organization_id):
        if delivery.checks >= CONFIRMS_AT_MOST:
            move(
                delivery, S.UNCONFIRMED, unconfirmed_at=timezone.now(), next_try_at=timezone.now(), checks=0, **NO_LEASE
            )
        else:
            again = timezone.now() + min(CHECK_AFTER * 2**delivery.checks, LONGEST_LOOK)
            note(delivery, next_try_at=again, checks=delivery.checks + 1, **NO_LEASE)


def _reconcile(delivery: Delivery, connector: Connector, target: Target) -> None:
    started_at = timezone.now()
    since = delivery.commit_started_at or delivery.unconfirmed_at or started_at
    answer = connector.find_published(target, content_of(delivery), handles=delivery.handles, since=since)
    with tenant(delivery.organization_id):
        answer = _unless_taken(delivery, answer)
        if answer.finding == Finding.PUBLISHED and answer.published is not None:
            settle_published(delivery, answer.published, step="reconcile", started_at=started_at)
        else:
            _undecided(delivery, answer, started_at=started_at)
    if delivery.state == S.PUBLISHED and delivery.parts_due_at is not None:
        send_parts(delivery, connector, target, content_of(delivery))


def _undecided(delivery: Delivery, answer: Reconciliation, *, started_at: dt.datetime) -> None:
    write_attempt(delivery, step="reconcile", started_at=started_at, outcome=answer.finding)
    if answer.finding == Finding.NOT_PUBLISHED:
        _send_again(delivery)
    elif answer.candidates or delivery.checks >= (CHECKS_AT_MOST if answer.look_again_at else UNDECIDED_AT_MOST):
        _ask(delivery, as_candidates(answer))
    else:
        again = answer.look_again_at or timezone.now() + min(pause_before(delivery.checks), UNDECIDED_PAUSE)
        note(delivery, next_try_at=again, checks=delivery.checks + 1, **NO_LEASE)


def _send_again(delivery: Delivery, *, after: dt.datetime | None = None, **fields: Any) -> None:
    """Certain that nothing is out: back into the queue, unless it has become too late for that."""
    next_try_at = after or timezone.now()
    if next_try_at > latest(delivery):
        move(delivery, S.MISSED, commit_started_at=None, **fields, **NO_LEASE)
        announce(delivery)
    else:
        move(delivery, S.RETRYING, next_try_at=next_try_at, commit_started_at=None, checks=0, **fields, **NO_LEASE)


def _ask(delivery: Delivery, candidates: list[dict[str, Any]]) -> None:
    note(delivery, asks_person=True, candidates=candidates, **NO_LEASE)
    announce(delivery)
    delivery_changed.send(sender=Delivery, delivery=delivery, previous=delivery.state)


def _unreadable(delivery: Delivery, error: NetworkError) -> None:
    """The network can't be read now. Look again later; a person is asked in the end, or at once when the channel is disconnected."""
    with tenant(delivery.organization_id):
        step = "confirm" if delivery.state == S.CONFIRMING else "reconcile"
        write_attempt(delivery, step=step, started_at=timezone.now(), outcome=error.kind, **failed_attempt(error))
        if delivery.state == S.CONFIRMING and may_fetch_again(delivery, error):
            again = next_try(error, delivery.tries)
            _send_again(delivery, after=again, handles={}, **error_fields(error))
        elif delivery.state == S.CONFIRMING and error.kind in REFUSED:
            # the network took it and then refused it: nothing is out, and nothing will be
            move(delivery, S.FAILED, commit_started_at=None, **error_fields(error), **NO_LEASE)
            announce(delivery)
        elif error.kind == ErrorKind.AUTH or delivery.checks >= CHECKS_AT_MOST:
            if delivery.state == S.CONFIRMING:
                move(delivery, S.UNCONFIRMED, unconfirmed_at=timezone.now(), **error_fields(error))
            _ask(delivery, [])
        else:
            again = max(next_try(error, delivery.checks + 1), timezone.now() + CHECK_AFTER)
            note(delivery, next_try_at=again, checks=delivery.checks + 1, **NO_LEASE)


def _unless_taken(delivery: Delivery, answer: Reconciliation) -> Reconciliation:
    """A post that another delivery of the channel already owns is not this one's: the same words may go out twice on purpose. The lock keeps two
    of them from taking one post at the same moment; it lasts until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::bigint::int)", [_LOCK_SPACE, delivery.channel_id % 2**31])
    known = {c.external_id for c in answer.candidates} | ({answer.published.external_id} if answer.published else set())
    if not known:
        return answer
    taken = set(
        Delivery.objects.filter(channel_id=delivery.channel_id, external_id__in=known)
        .exclude(pk=delivery.pk)
        .values_list("external_id", flat=True)
    )
    taken |= set(
        Part.objects.filter(delivery__channel_id=delivery.channel_id, external_id__in=known).values_list(
            "external_id", flat=True
        )
    )
    if answer.published is not None and answer.published.external_id in taken:
        return Reconciliation(Finding.UNDECIDED, candidates=answer.candidates)
    return Reconciliation(
        answer.finding,
        answer.published,
        tuple(c for c in answer.candidates if c.external_id not in taken),
        answer.look_again_at,
    )
