"""The thread beside each Celery worker: it reports that the worker lives, keeps its leases, and in a publishing worker it dispatches.

A thread of its own, so that dispatching is never stuck behind deliveries; one thread for all three, so that they share one database connection.
"""

from __future__ import annotations

import threading
import time

import structlog
from django.db import close_old_connections, connection
from django.utils import timezone

from publishing.services import claims, dispatch, heartbeats

LOOK_EVERY = 0.25  # seconds between two looks at what is due: half of it is the median lag
LOOK_AGAIN = 0.03  # at the earliest, after a delivery has ended and freed a thread
SWEEP_EVERY = 1.0
RENEW_EVERY = 2.5
LOOK_FOR_THE_DEAD_EVERY = 3.0
BROKER_PAUSE = 2.0
logger = structlog.get_logger(__name__)


class Pulse(threading.Thread):
    """`queues` are those the worker consumes, `threads` its pool's size."""

    def __init__(self, *, queues: frozenset[str], threads: int) -> None:
        super().__init__(name="pulse", daemon=True)
        self.worker = claims.worker_name()
        self._kinds = sorted(queues & {"publishing", "ingest", "default"})
        self._dispatches = "publishing" in queues
        self._threads = threads
        self._started_at = timezone.now()
        self._retired = False
        self._next: dict[str, float] = {}
        self._dispatch_from = 0.0

    def run(self) -> None:
        """Until the process ends. A fault (database or broker restarting) is logged and the next round tries again."""
        while True:
            try:
                self._round()
            except Exception:
                logger.exception("pulse", worker=self.worker)
                connection.close()
                time.sleep(0.5)
            if not self._dispatches:
                connection.close()  # one heartbeat in two seconds is no reason to hold one
                time.sleep(heartbeats.EVERY)
            elif claims.work_done.wait(LOOK_EVERY):
                claims.work_done.clear()
                time.sleep(LOOK_AGAIN)

    def retire(self) -> None:
        """The worker finishes what it has: leases are still renewed, nothing new is claimed, and nobody counts on it any more."""
        self._dispatches = False
        self._retired = True

    def _names(self) -> list[str]:
        return [f"{kind}:{self.worker}" for kind in [*self._kinds, *(["dispatcher"] if self._dispatches else [])]]

    def _round(self) -> None:
        if self._is_time(RENEW_EVERY, "renew"):
            claims.renew_leases()
        if self._is_time(heartbeats.EVERY, "beat"):
            close_old_connections()
            self._beat()
        if not self._dispatches:
            return
        if self._is_time(LOOK_FOR_THE_DEAD_EVERY, "dead"):
            claims.release_leases_of_the_dead()
        if time.monotonic() < self._dispatch_from:
            return
        sweep = self._is_time(SWEEP_EVERY, "sweep")
        try:
            dispatch.run_once(worker=self.worker, sweep=sweep)
        except dispatch.BrokerAway as error:
            logger.warning("the broker takes no messages", error=str(error))
            self._dispatch_from = time.monotonic() + BROKER_PAUSE

    def _beat(self) -> None:
        if self._retired:
            heartbeats.farewell(worker=self.worker)
            return
        for name in self._names():
            heartbeats.beat(
                name=name, kind=name.partition(":")[0], started_at=self._started_at, info={"threads": self._threads}
            )

    def _is_time(self, seconds: float, what: str) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + seconds
        return True
