"""What the networks tell by themselves: asking them to, believing only what is signed, and passing it on to the channels meant.

Nothing told is kept here. An event may come twice, late, or never: polling goes on as if there were none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import structlog
from django.utils import timezone

from socialops.networks.errors import AuthError, NetworkError
from socialops.networks.ports import EventKind, RemoteMention, WebhookAnswer, WebhookEvent
from socialops.networks.registry import connector_for, networks
from socialops.tenancy.scope import system, tenant
from teams.models import Channel
from teams.selectors.apps import possible_signers
from teams.selectors.channels import target_for
from teams.services.connections import webhook_url
from teams.signals import network_event

RETRY_SUBSCRIPTION = dt.timedelta(days=1)
SUBSCRIPTIONS_PER_SWEEP = 100
EVENTS_PER_TASK = 50  # a message of the queue stays small
EVENTS_AT_MOST = 1000  # of one delivery; what is left out comes with the next pull
CHANNELS_AT_MOST = 500  # one account may be a channel of several organizations
LONGEST_TEXT = 20_000  # characters of a mention put on the queue
logger = structlog.get_logger(__name__)


# ---------------------------------------------------------------- asking for it


def channels_to_subscribe() -> list[Channel]:
    """Connected channels whose network tells by itself, but was not asked yet or refused a day ago; those never asked first."""
    telling = [network for network in networks() if connector_for(network).has_webhooks]
    with system("channels whose network is to tell us, in every organization"):
        due = Channel.objects.filter(status=Channel.Status.CONNECTED, network__in=telling, subscribed_at=None)
        due = due.exclude(subscription_tried_at__gt=timezone.now() - RETRY_SUBSCRIPTION)
        return list(due.order_by("subscription_tried_at", "pk")[:SUBSCRIPTIONS_PER_SWEEP])


def subscribe(*, channel: Channel) -> None:
    """Ask the network to tell us about this channel, and keep what it answered. Must not be called inside a transaction."""
    error = ""
    try:
        with tenant(channel.organization_id):
            target = target_for(channel)
        connector_for(channel.network).subscribe(target, callback_url=webhook_url(channel.network))
    except NetworkError as refusal:
        error = str(refusal.code)
        logger.warning("not_subscribed", network=channel.network, channel_id=channel.pk, code=error)
    now = timezone.now()
    with tenant(channel.organization_id):
        Channel.objects.filter(pk=channel.pk).update(
            subscribed_at=None if error else now, subscription_tried_at=now, subscription_error=error
        )


# ---------------------------------------------------------------- believing it


def answer_handshake(*, network: str, query: Mapping[str, str]) -> WebhookAnswer | None:
    """What to answer to the network's test of our address; None when it is no test of any app we know."""
    connector = connector_for(network)
    answers = (connector.handshake(query=query, app=signer.app) for signer in possible_signers(network))
    return next((answer for answer in answers if answer is not None), None)


def read_delivery(
    *, network: str, headers: Mapping[str, str], body: bytes
) -> tuple[int | None, Sequence[WebhookEvent]]:
    """The events of a delivery, and whose app signed it: an organization's id, None for the installation's. AuthError when nobody's we know did."""
    connector = connector_for(network)
    refusal: AuthError | None = None
    for signer in possible_signers(network):
        try:
            return signer.organization_id, connector.read_webhook(headers=headers, body=body, app=signer.app)
        except AuthError as error:
            refusal = error
    if refusal is None:  # no app at all: the connector says what it makes of that
        return None, connector.read_webhook(headers=headers, body=body, app={})
    raise refusal


# ---------------------------------------------------------------- passing it on


def messages(events: Sequence[WebhookEvent]) -> Iterator[list[dict[str, Any]]]:
    """Events as JSON for the queue, some at a time."""
    if len(events) > EVENTS_AT_MOST:
        logger.warning("webhook_cut", events=len(events), kept=EVENTS_AT_MOST)
    for first in range(0, min(len(events), EVENTS_AT_MOST), EVENTS_PER_TASK):
        yield [_packed(event) for event in events[first : min(first + EVENTS_PER_TASK, EVENTS_AT_MOST)]]


def pass_on(*, network: str, organization_id: int | None, told: Iterable[Mapping[str, Any]]) -> None:
    """Tell each channel meant what its network told. `organization_id`: the only one whose channels may be meant, None for any."""
    events = [_unpacked(one) for one in told]
    with system("channels that a network tells about, in every organization"):
        rows = Channel.objects.filter(network=network, external_id__in={event.account for event in events})
        rows = rows.exclude(status=Channel.Status.DISCONNECTED).select_related("organization", "brand").order_by("pk")
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        channels = list(rows[:CHANNELS_AT_MOST])
    for channel in channels:
        with tenant(channel.organization_id):
            Channel.objects.filter(pk=channel.pk).update(last_webhook_at=timezone.now())
            for event in events:
                if event.account == channel.external_id:
                    network_event.send(sender=Channel, channel=channel, event=event)


def _packed(event: WebhookEvent) -> dict[str, Any]:
    told = asdict(event)
    if event.mention is not None:
        told["mention"] |= {
            "text": event.mention.text[:LONGEST_TEXT],
            "created_at": event.mention.created_at.isoformat(),
        }
    return told


def _unpacked(told: Mapping[str, Any]) -> WebhookEvent:
    mention = told["mention"]
    if mention is not None:
        mention = RemoteMention(**{**mention, "created_at": dt.datetime.fromisoformat(mention["created_at"])})
    return WebhookEvent(**{**told, "kind": EventKind(told["kind"]), "mention": mention})
