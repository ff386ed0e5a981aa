"""What publishing hears: a Celery worker begins or ends, somebody asks about channels, a network tells by itself."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.dispatch import receiver

from publishing.selectors.channels import facts_about
from publishing.services.pulse import Pulse
from publishing.services.told import look_now
from publishing.tasks import check_access
from socialops.networks.ports import EventKind, WebhookEvent
from teams.models import Channel
from teams.signals import ChannelFacts, channel_facts, network_event

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


@receiver(channel_facts, dispatch_uid="publishing.facts")
def tell_about_channels(channels: list[Channel], **_: Any) -> dict[int, ChannelFacts]:
    """What waits there, and what is left of its limits."""
    return facts_about(channels)


@receiver(network_event, dispatch_uid="publishing.network_event")
def hear_from_network(channel: Channel, event: WebhookEvent, **_: Any) -> None:
    """What was told of a publication is looked at now, what was told of our access is asked after commit."""
    if event.kind in {EventKind.PUBLISHED, EventKind.FAILED}:
        look_now(channel=channel, external_id=event.external_id, handle=event.handle)
    elif event.kind == EventKind.REVOKED:
        check_access.delay_on_commit(organization_id=channel.organization_id, channel_id=channel.pk)
