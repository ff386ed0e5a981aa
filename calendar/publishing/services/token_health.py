"""Accesses that end soon: refreshed where the network allows it, announced where a person must act."""

from __future__ import annotations

import datetime as dt

import structlog
from django.utils import timezone

from publishing.models import Delivery
from publishing.services.announcements import announce_expiry
from publishing.services.tokens import refresh_target
from publishing.states import WAITING
from socialops.networks.errors import NetworkError
from socialops.tenancy.scope import system, tenant
from teams.models import Channel, ChannelCredential
from teams.selectors.channels import target_for

REFRESH_AHEAD = dt.timedelta(minutes=20)  # two rounds of this task, for tokens that live hours
WARN_AHEAD = dt.timedelta(days=7)
LONG_LIVED = dt.timedelta(days=2)
logger = structlog.get_logger(__name__)


def refresh_ahead() -> None:
    """One round over all channels whose access ends within a week. A fault on one channel does not stop the others."""
    now = timezone.now()
    with system("refresh tokens ahead of their end"):
        due = list(
            ChannelCredential.objects.filter(expires_at__lt=now + WARN_AHEAD, channel__status=Channel.Status.CONNECTED)
            .order_by("expires_at")
            .values_list("organization_id", "channel_id", "expires_at", "refreshed_at")
        )
    for organization_id, channel_id, ends_at, since in due:
        long_lived = ends_at - since > LONG_LIVED
        if ends_at - now > REFRESH_AHEAD and not long_lived:
            continue
        try:
            _refresh(organization_id, channel_id, now=now)
        except NetworkError as error:
            logger.warning("token not refreshed", channel=channel_id, code=str(error.code))


def _refresh(organization_id: int, channel_id: int, *, now: dt.datetime) -> None:
    with tenant(organization_id):
        channel = Channel.objects.select_related("organization").get(pk=channel_id)
        target = target_for(channel)
    renewed = refresh_target(channel, seen=target)
    ends_at = renewed.credentials.expires_at
    if ends_at is None or ends_at - now > WARN_AHEAD or renewed.credentials.values != target.credentials.values:
        return
    with tenant(organization_id):
        waiting = Delivery.objects.filter(channel=channel, state__in=WAITING, due_at__gt=ends_at).count()
        announce_expiry(channel, ends_at=ends_at, waiting=waiting)
