"""What publishing hears: a Celery worker begins or ends, somebody asks what counts on a channel."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.dispatch import receiver

from publishing.enums import DeliveryState
from publishing.models import Delivery
from publishing.services.pulse import Pulse
from publishing.states import STOPPABLE
from teams.models import Channel
from teams.signals import channel_dependents

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


@receiver(channel_dependents, dispatch_uid="publishing.dependents")
def count_dependents(channel: Channel, **_: Any) -> int:
    """How many deliveries are still to go out there: waiting, just beginning, or held by a suspension."""
    return Delivery.objects.filter(channel=channel, state__in=STOPPABLE | {DeliveryState.SUSPENDED}).count()
