"""What happens to a Celery worker: a pulse beside it from the moment it consumes until it ends."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from publishing.services.pulse import Pulse

_pulses: list[Pulse] = []


@worker_ready.connect(dispatch_uid="publishing.pulse")
def start_pulse(sender: Any, **_: Any) -> None:
    """Also sent after a reconnection to the broker: one pulse a process."""
    if _pulses:
        return
    queues = frozenset(sender.app.amqp.queues.consume_from)
    pulse = Pulse(queues=queues, threads=sender.controller.concurrency)
    _pulses.append(pulse)
    pulse.start()


@worker_shutting_down.connect(dispatch_uid="publishing.pulse_stop")
def stop_pulse(**_: Any) -> None:
    """No new work is claimed for a worker that is going; what it holds keeps its lease until done."""
    for pulse in _pulses:
        pulse.retire()
