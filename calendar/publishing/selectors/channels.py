"""What publishing knows about channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count

from publishing.models import Delivery, QuotaReading
from publishing.states import WAITING
from teams.models import Channel
from teams.signals import ChannelFacts, QuotaLeft


def facts_about(channels: Sequence[Channel]) -> dict[int, ChannelFacts]:
    """By channel id: what waits for its time there, and what the network said is left. Two queries, however many channels."""
    waiting = Delivery.objects.filter(channel__in=channels, state__in=WAITING).order_by()
    dependents = dict(waiting.values("channel_id").annotate(n=Count("pk")).values_list("channel_id", "n"))
    quotas: dict[int, list[QuotaLeft]] = defaultdict(list)
    for reading in QuotaReading.objects.filter(channel__in=channels).order_by("channel_id", "bucket"):
        quotas[reading.channel_id].append(
            QuotaLeft(reading.bucket, reading.limit, reading.remaining, reading.resets_at, reading.read_at)
        )
    return {c.pk: ChannelFacts(dependents.get(c.pk, 0), tuple(quotas.get(c.pk, ()))) for c in channels}
