"""What publishing knows about channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from publishing.enums import DeliveryState
from publishing.models import Delivery, QuotaReading
from publishing.selectors.usage import FRESH, buckets_of, cost_by_channel, rooms_of
from publishing.states import STOPPABLE
from socialops.networks.data import network_data, network_settings
from teams.models import Channel
from teams.signals import ChannelFacts, QuotaLeft

COUNTS_ON_IT = STOPPABLE | {DeliveryState.SUSPENDED}  # still to go out: waiting, just beginning, or held


def units_left(channels: Sequence[Channel]) -> dict[int, dict[str, int]]:
    """By channel id, what is left now of each bucket that we count: by our count, or by the network's word where that still holds and is less. Three queries at
    most, however many channels; none where no network sets a quota.
    """
    channels = [channel for channel in channels if buckets_of(channel.network)]
    if not channels:
        return {}
    apps = {channel.network: network_settings(channel.network)["client_id"] for channel in channels}
    left = {pk: {room.bucket: room.left for room in rooms} for pk, rooms in rooms_of(channels, apps).items()}
    now = timezone.now()
    for reading in QuotaReading.objects.filter(channel__in=channels, remaining__isnull=False):
        counted = left[reading.channel_id]
        if reading.bucket in counted and (reading.resets_at or reading.read_at + FRESH) > now:
            counted[reading.bucket] = min(counted[reading.bucket], reading.remaining)
    return left


def facts_about(channels: Sequence[Channel]) -> dict[int, ChannelFacts]:
    """By channel id: what is still to go out there, what is left of its quotas (the network's word, else our own count), and what it has cost. Five queries at most,
    however many channels.
    """
    waiting = Delivery.objects.filter(channel__in=channels, state__in=COUNTS_ON_IT).order_by()
    dependents = dict(waiting.values("channel_id").annotate(n=Count("pk")).values_list("channel_id", "n"))
    quotas: dict[int, dict[str, QuotaLeft]] = defaultdict(dict)
    for reading in QuotaReading.objects.filter(channel__in=channels).order_by("channel_id", "bucket"):
        quotas[reading.channel_id][reading.bucket] = QuotaLeft(
            reading.bucket, reading.limit, reading.remaining, reading.resets_at, reading.read_at
        )
    networks = {channel.network for channel in channels}
    apps = {network: network_settings(network)["client_id"] for network in networks}
    now = timezone.now()
    for channel_id, rooms in rooms_of(channels, apps).items():
        for room in rooms:
            counted = QuotaLeft(room.bucket, room.limit, room.left, room.resets_at, now)
            quotas[channel_id].setdefault(room.bucket, counted)
    billing = {network for network in networks if "prices" in network_data(network)}
    costs = cost_by_channel(channels) if billing else {}
    return {
        channel.pk: ChannelFacts(
            dependents.get(channel.pk, 0),
            tuple(quotas[channel.pk].values()),
            costs.get(channel.pk, Decimal(0)) if channel.network in billing else None,
        )
        for channel in channels
    }
