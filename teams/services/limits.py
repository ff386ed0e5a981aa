"""A server's own limits (a Mastodon instance may allow 5,000 characters), read once a day for each channel."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from socialops.networks.registry import connector_for
from socialops.tenancy.scope import system, tenant
from teams.models import Channel
from teams.selectors.channels import target_for

EVERY = dt.timedelta(days=1)
CHANNELS_PER_SWEEP = 100


def channels_to_measure() -> list[Channel]:
    """Connected channels whose limits were never read, or a day ago; those never read first."""
    with system("channels whose server's limits are due, in every organization"):
        due = Channel.objects.filter(status=Channel.Status.CONNECTED).filter(
            Q(limits_fetched_at=None) | Q(limits_fetched_at__lt=timezone.now() - EVERY)
        )
        return list(due.order_by("limits_fetched_at", "pk")[:CHANNELS_PER_SWEEP])


def read_limits(*, channel: Channel) -> None:
    """Ask the server and keep the answer. Raises NetworkError; must not be called inside a transaction."""
    with tenant(channel.organization_id):
        target = target_for(channel)
    limits = connector_for(channel.network).fetch_limits(target)
    with tenant(channel.organization_id):
        Channel.objects.filter(pk=channel.pk).update(limits=dict(limits), limits_fetched_at=timezone.now())
