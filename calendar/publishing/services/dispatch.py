"""The dispatcher: what is due goes to the workers, what was left behind is picked up, what is too late is asked about.

One thread of each publishing worker runs `run_once` all the time (`pulse.py`); Celery beat does as well, so that no single thread's death
stops publishing. Any number may run at once.
"""

from __future__ import annotations

import structlog
from celery import current_app
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from publishing.models import Delivery
from publishing.services.claims import Claim, claim_checks, claim_corrections, claim_due, claim_parts, in_hand, look
from publishing.services.heartbeats import threads_alive
from publishing.services.recovery import hold_suspended, miss_forgotten, miss_late, recover_lost
from socialops.tenancy.scope import system

QUEUED_PER_THREAD = (
    3  # in hand beyond what threads work on: enough to keep them busy between two looks, little enough to stay fair
)
CHANNEL_SHARE = 0.75  # of all threads, that one channel may keep busy
FOLLOW_UPS = 50
logger = structlog.get_logger(__name__)


class BrokerAway(RuntimeError):
    """The broker took no message. What was claimed is given back."""


def run_once(*, worker: str, sweep: bool) -> None:
    """Hand what is due to the workers, as much as they can start soon. With `sweep` (every second or so) also what is not time-critical: recover lost
    leases, hold what is suspended, miss what is too late, follow up. Raises BrokerAway.
    """
    found = look()
    if found.due:
        dispatch(worker=worker)
    if not sweep:
        return
    if found.lost:
        recover_lost()
    if found.due:
        hold_suspended()
        miss_late()
    miss_forgotten()
    if found.checks:
        _send("publishing.settle", claim_checks(limit=FOLLOW_UPS, worker=worker))
    if found.parts:
        _send("publishing.deliver_parts", claim_parts(limit=FOLLOW_UPS, worker=worker))
    if found.corrections:
        _send("publishing.settle_correction", claim_corrections(limit=FOLLOW_UPS, worker=worker))


def dispatch(*, worker: str) -> int:
    """Claim and hand out what is due; gives how much. Raises BrokerAway."""
    threads = threads_alive()
    room = threads * (1 + QUEUED_PER_THREAD) - in_hand()
    if room <= 0:
        return 0
    claims = claim_due(limit=room, per_channel=max(1, int(threads * CHANNEL_SHARE)), worker=worker)
    _send("publishing.deliver", claims)
    return len(claims)


def _send(task: str, claims: list[Claim]) -> None:
    sent = 0
    try:
        for claim in claims:
            current_app.send_task(
                task,
                kwargs={
                    "organization_id": claim.organization_id,
                    "delivery_id": claim.delivery_id,
                    "claim": claim.token,
                },
                retry=False,
                ignore_result=True,
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
