"""The step machine: prepare → create → commit, each step's state saved before the next call. No network call inside a transaction.

A delivery with a video is taken up ahead of its time (`deliveries.first_try_of`), goes as far as `create`, and waits for its minute with everything uploaded.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError, connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from publishing.selectors.suspensions import NOT_SUSPENDED, active_for
from publishing.services.allowance import refusal
from publishing.services.claims import LEASE, ONE_SHOT_LEASE, working_on
from publishing.services.content import content_of
from publishing.services.moves import Overtaken, move, note
from publishing.services.outcomes import settle_accepted, settle_error, settle_prepared, settle_published
from publishing.services.parts import send_parts
from publishing.services.quotas import metered, write_charges
from publishing.services.suspensions import hold
from publishing.services.tokens import ensure_fresh, renew_refused
from socialops.networks.errors import AuthError, Code, InternalError, NetworkError, UnknownOutcomeError, ValidationError
from socialops.networks.ports import Charge, Connector, Content, Handles, Published, Target
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant
from teams.selectors.channels import target_for

PERSISTENCE = (0.3, 0.7, 1.5, 3.0, 6.0)  # seconds between tries to save an outcome while the database restarts
_TAKE = """
UPDATE publishing_delivery SET state = 'preparing', tries = tries + 1, lease_until = %s
WHERE id = %s AND state = 'claimed' AND lease_owner = %s RETURNING *
"""
logger = structlog.get_logger(__name__)


class PreparedAhead(Exception):
    """Everything is uploaded, and its time has not come."""


@dataclass(slots=True)
class Run:
    """One try. `step` is what is being done, for the ledger and for judging errors."""

    delivery: Delivery
    connector: Connector
    content: Content
    step: str
    started_at: dt.datetime
    target: Target | None = None
    refusal: NetworkError | None = None
    charges: list[Charge] = field(default_factory=list)  # of accepted calls, written with the outcome

    def begin(self, step: str) -> None:
        self.step, self.started_at = step, timezone.now()


def deliver(*, organization_id: int, delivery_id: int, claim: str) -> None:
    """Send one claimed delivery; whatever happens is settled in its row. A claim that is no longer valid does nothing."""
    with working_on(delivery_id, claim):
        run = _take(organization_id, delivery_id, claim)
        if run is None:
            return
        try:
            _perform(run)
        except Overtaken as news:
            logger.info("overtaken", delivery=delivery_id, why=str(news))
            _save(run, lambda: None)  # what it has cost until then
            _hold_if_suspended(run.delivery)


def _take(organization_id: int, delivery_id: int, claim: str) -> Run | None:
    with tenant(organization_id):
        # claimed → preparing, and the row itself, in one statement
        delivery = next(iter(Delivery.objects.raw(_TAKE, [timezone.now() + LEASE, delivery_id, claim])), None)
        if delivery is None:
            return None
        connector = connector_for(delivery.channel.network)
        run = Run(delivery, connector, content_of(delivery), "prepare", timezone.now())
        run.refusal = _refusal(run)
        return run


def _refusal(run: Run) -> NetworkError | None:
    """Why it can't be sent, as far as we know without asking the network. In the transaction that takes it: one more would cost as much as the questions."""
    channel = run.delivery.channel
    try:
        run.target = metered(target_for(channel), channel, waiting=run.charges)
        problems = run.connector.check(run.content, limits=run.target.limits)
        if problems:
            return ValidationError(problems[0].code, detail={**problems[0].detail, "field": problems[0].field})
        return refusal(channel, run.target, run.connector.charges(run.content))
    except NetworkError as error:
        return error
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("delivery failed by our fault", delivery=run.delivery.pk, step=run.step)
        return InternalError(Code.UNEXPECTED_ANSWER, detail={"fault": type(error).__name__})


def _perform(run: Run) -> None:
    try:
        published = _publish(run)
    except NetworkError as error:
        _settle_error(run, error)
        return
    except PreparedAhead:
        _save(run, lambda: settle_prepared(run.delivery, started_at=run.started_at))
        return
    except (Overtaken, DatabaseError):
        raise  # nothing to settle, or nowhere: the lease lapses and the row is recovered by its step
    except Exception as error:
        logger.exception("delivery failed by our fault", delivery=run.delivery.pk, step=run.step)
        fault = UnknownOutcomeError if run.step == "commit" else InternalError
        _settle_error(run, fault(Code.UNEXPECTED_ANSWER, detail={"fault": type(error).__name__}))
        return
    if published is None:
        _save(run, lambda: settle_accepted(run.delivery, started_at=run.started_at))
        return
    _save(run, lambda: settle_published(run.delivery, published, step="commit", started_at=run.started_at))
    if run.delivery.parts_due_at is not None and run.target is not None:
        send_parts(run.delivery, run.connector, metered(run.target, run.delivery.channel), run.content)


def _publish(run: Run) -> Published | None:
    if run.refusal is not None:
        raise run.refusal
    assert run.target is not None
    delivery, connector = run.delivery, run.connector
    run.target = ensure_fresh(delivery.channel, run.target)
    run.content = connector.prepare(run.target, run.content)
    run.begin("create")
    handles: Handles = dict(delivery.handles)

    def save(now: Handles) -> None:
        with tenant(delivery.organization_id):
            note(delivery, handles=now)

    handles = connector.create(run.target, run.content, handles=handles, save=save)
    if delivery.due_at > timezone.now():
        raise PreparedAhead
    run.begin("commit")
    with tenant(delivery.organization_id):
        # durable before the one shot: a worker that dies from here on leaves a question, never a second post
        move(
            delivery,
            S.COMMITTING,
            also=NOT_SUSPENDED,
            commit_started_at=run.started_at,
            lease_until=run.started_at + ONE_SHOT_LEASE,
            handles=handles,
        )
    return connector.commit(run.target, run.content, handles=handles)


def _hold_if_suspended(delivery: Delivery) -> None:
    """A suspension that began while the row was claimed."""
    with tenant(delivery.organization_id):
        row = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        covering = active_for(channel=delivery.channel, campaign_key=row.campaign_key)
        if covering and row.state == S.PREPARING and row.lease_owner == delivery.lease_owner:
            hold(row, covering[0])


def _settle_error(run: Run, error: NetworkError) -> None:
    if isinstance(error, AuthError) and run.target is not None and run.delivery.tries == 1:
        error = renew_refused(run.delivery.channel, run.target, error)
    _save(run, lambda: settle_error(run.delivery, error, step=run.step, started_at=run.started_at))


def _save(run: Run, write: Callable[[], None]) -> None:
    """Keep an outcome even when the database is just restarting: what the network did can't be asked for again cheaply."""
    as_read = dict(run.delivery.__dict__)
    for seconds in (*PERSISTENCE, None):
        try:
            with tenant(run.delivery.organization_id):
                write()
                if run.target is not None:
                    write_charges(run.target, run.delivery.channel, run.charges)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away", delivery=run.delivery.pk, error=str(error))
            connection.close()
            if seconds is None:
                raise
            run.delivery.__dict__.update(as_read)  # what was written is rolled back
            time.sleep(seconds)
        else:
            run.charges.clear()
            return
