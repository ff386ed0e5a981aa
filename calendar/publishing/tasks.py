"""Celery tasks of publishing, queue `publishing`. PostgreSQL is the queue of record: a lost message only costs its lease.

`deliver`, `settle` and `deliver_parts` are sent by the dispatcher (a thread of each publishing worker, see `services.pulse`); `sweep`, from beat on the
`default` queue, does the same work should every dispatcher be dead.
"""

from __future__ import annotations

from socialops.background import task


@task("publishing.deliver")
def deliver(*, organization_id: int, delivery_id: int, claim: str) -> None:
    from publishing.services import deliver as service  # noqa: PLC0415 -- a task's one upward import

    service.deliver(organization_id=organization_id, delivery_id=delivery_id, claim=claim)


@task("publishing.settle")
def settle(*, organization_id: int, delivery_id: int, claim: str) -> None:
    from publishing.services import reconcile  # noqa: PLC0415 -- as above

    reconcile.settle(organization_id=organization_id, delivery_id=delivery_id, claim=claim)


@task("publishing.deliver_parts")
def deliver_parts(*, organization_id: int, delivery_id: int, claim: str) -> None:
    from publishing.services import parts  # noqa: PLC0415 -- as above

    parts.deliver_parts(organization_id=organization_id, delivery_id=delivery_id, claim=claim)


@task("publishing.sweep")
def sweep() -> None:
    from publishing.services import dispatch  # noqa: PLC0415 -- as above

    dispatch.run_once(worker="sweep", sweep=True)


@task("publishing.refresh_tokens")
def refresh_tokens() -> None:
    from publishing.services import token_health  # noqa: PLC0415 -- as above

    token_health.refresh_ahead()


@task("publishing.warn_ahead")
def warn_ahead() -> None:
    from publishing.services import forecasts  # noqa: PLC0415 -- as above

    forecasts.warn_ahead()
