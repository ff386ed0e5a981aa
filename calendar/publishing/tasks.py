"""Celery tasks of publishing, queue `publishing`. PostgreSQL is the queue of record: a lost message only costs its lease.

`deliver`, `settle`, `deliver_parts` and `settle_correction` are sent by the dispatcher (a thread of each publishing worker, see `services.pulse`); `sweep`, from beat on the
`default` queue, does the same work should every dispatcher be dead.
"""

from __future__ import annotations

import structlog

from socialops.background import task
from socialops.networks.errors import NetworkError
from socialops.tenancy.scope import tenant

logger = structlog.get_logger(__name__)


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


@task("publishing.settle_correction")
def settle_correction(*, organization_id: int, delivery_id: int, claim: str) -> None:
    from publishing.services import correction  # noqa: PLC0415 -- as above

    correction.settle_correction(organization_id=organization_id, delivery_id=delivery_id, claim=claim)


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


@task("publishing.check_access")
def check_access(*, organization_id: int, channel_id: int) -> None:
    from publishing.services import told  # noqa: PLC0415 -- as above
    from teams.models import Channel  # noqa: PLC0415 -- as above

    with tenant(organization_id):
        channel = Channel.objects.filter(pk=channel_id, status=Channel.Status.CONNECTED).first()
    if channel is None:
        return
    try:
        told.check_access(channel=channel)
    except NetworkError as error:  # the next call of any kind finds out
        logger.warning("access_not_checked", channel=channel_id, code=str(error.code))


@task("publishing.forget_prepared")
def forget_prepared() -> None:
    from publishing.services import hosting  # noqa: PLC0415 -- as above

    hosting.forget_prepared()
