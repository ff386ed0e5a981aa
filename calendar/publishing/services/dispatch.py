"""The dispatcher: what is due goes to the workers, what was left behind is picked up, what is too late is asked about.

One thread of each publishing worker runs `dispatch` all the time (`pulse.py`); Celery beat runs `sweep` as well, so that no single thread's death
stops publishing. Any number may run at once.
"""

from __future__ import annotations

import structlog
from celery import Task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from publishing.models import Delivery
from publishing.services.claims import Claim, claim_checks, claim_due, claim_parts, in_hand, something_is_due
from publishing.services.heartbeats import threads_alive
from publishing.services.recovery import hold_suspended, miss_forgotten, miss_late, recover_lost
from socialops.tenancy.scope import system

QUEUED_PER_THREAD = (
    3  # in hand beyond what threads work on: enough to keep them busy between two looks, little enough to stay fair
)
CHANNEL_SHARE = 0.75  # of all threads, that one channel may keep busy
FOLLOW_UPS = 50
logger = structlog.get_logger(__name__)


class BrokerAway(RuntimeError):  # noqa: N818 -- reads as the sentence it is
    """The broker took no message. What was claimed is given back."""


def dispatch(*, worker: str) -> int:
    """Hand what is due to the workers, as much as they can start soon; gives how much. Raises BrokerAway."""
    from publishing.tasks import deliver  # noqa: PLC0415 -- tasks import services

    if not something_is_due():
        return 0
    threads = threads_alive()
    room = threads * (1 + QUEUED_PER_THREAD) - in_hand()
    if room <= 0:
        return 0
    claims = claim_due(limit=room, per_channel=max(1, int(threads * CHANNEL_SHARE)), worker=worker)
    _send(deliver, claims)
    return len(claims)


def dispatch_follow_ups(*, worker: str) -> int:
    """Hand out what must be read back from the networks, and parts that are due. Raises BrokerAway."""
    from publishing.tasks import deliver_parts, settle  # noqa: PLC0415 -- as above

    checks, parts = claim_checks(limit=FOLLOW_UPS, worker=worker), claim_parts(limit=FOLLOW_UPS, worker=worker)
    _send(settle, checks)
    _send(deliver_parts, parts)
    return len(checks) + len(parts)


def sweep(*, worker: str) -> None:
    """Everything that is not time-critical: recover lost leases, hold what is suspended, miss what is too late, follow up. Raises BrokerAway."""
    recover_lost()
    hold_suspended()
    miss_late()
    miss_forgotten()
    dispatch_follow_ups(worker=worker)


def _send(task: Task[..., None], claims: list[Claim]) -> None:
    sent = 0
    try:
        for claim in claims:
            task.apply_async(
                kwargs={
                    "organization_id": claim.organization_id,
                    "delivery_id": claim.delivery_id,
                    "claim": claim.token,
                },
                retry=False,
            )
            sent += 1
    except (BrokerError, OSError) as error:
        _give_back(claims[sent:])
        raise BrokerAway(str(error)) from error


def _give_back(claims: list[Claim]) -> None:
    """Let the leases lapse now, so that the next recovery returns the rows."""
    with system("dispatch"):
        Delivery.objects.filter(
            pk__in=[claim.delivery_id for claim in claims], lease_owner__in={claim.token for claim in claims}
        ).update(lease_until=timezone.now())
