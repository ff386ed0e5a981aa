"""What reputation hears: a network tells by itself."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from reputation.services.ingest import forget_told, store_told
from reputation.services.pulls import pull_soon
from socialops.networks.ports import EventKind, WebhookEvent
from socialops.networks.registry import connector_for
from teams.models import Channel
from teams.signals import network_event


@receiver(network_event, dispatch_uid="reputation.network_event")
def hear_from_network(channel: Channel, event: WebhookEvent, **_: Any) -> None:
    """A mention told whole is kept at once; of another the channel is read soon; one that is gone is marked so."""
    if event.kind == EventKind.MENTION_GONE:
        forget_told(channel=channel, external_id=event.external_id)
    if event.kind != EventKind.MENTION:
        return
    if event.mention is not None:
        store_told(channel=channel, remote=event.mention)
    elif connector_for(channel.network).reads_told:
        pull_soon(channel=channel, told=(event.external_id, event.root))
    else:
        pull_soon(channel=channel)
