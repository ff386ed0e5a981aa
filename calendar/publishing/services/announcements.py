"""Tell the people concerned that a delivery needs them: one notification an incident, leading to the screen that mends it."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.errors import sentence_for
from publishing.models import Delivery, Part
from socialops.notifications.models import Notification
from socialops.notifications.services import notify
from socialops.permissions.rights import Right
from teams.models import Channel
from teams.selectors.members import users_with_right

REMIND_AFTER = dt.timedelta(days=2)
_KINDS = {S.FAILED: "delivery.failed", S.MISSED: "delivery.missed", S.UNCONFIRMED: "delivery.unconfirmed"}


def announce(delivery: Delivery, part: Part | None = None) -> None:
    """Say that this delivery (or its part) failed, was missed or asks a question: to its author and to whoever may publish on the channel.

    In the transaction of the change. Failures of one cause on one channel are one incident.
    """
    about = part or delivery
    kind = _KINDS[S(about.state)]
    people = {user.pk: user for user in users_with_right(Right.PUBLISH, delivery)}
    if delivery.created_by is not None:
        people.setdefault(delivery.created_by.pk, delivery.created_by)
    group = (
        f"{kind}:{delivery.channel_id}:{about.error_code}" if about.state != S.UNCONFIRMED else f"{kind}:{delivery.pk}"
    )
    notify(
        users=people.values(),
        kind=kind,
        params={
            "label": delivery.label,
            "channel": str(delivery.channel),
            "code": about.error_code,
            "reason": sentence_for(about.error_kind, about.error_code, about.error_detail) if about.error_code else "",
        },
        url=reverse("publishing:delivery", args=[delivery.organization.slug, delivery.pk]),
        severity="danger" if about.state == S.FAILED else "warning",
        group_key=group,
    )


def announce_expiry(channel: Channel, *, ends_at: dt.datetime, waiting: int) -> None:
    """Say that a channel's access ends soon, and how many publications count on it."""
    group = f"channel.token_expiring:{channel.pk}"
    if Notification.objects.filter(group_key=group, created_at__gt=timezone.now() - REMIND_AFTER).exists():
        return
    notify(
        users=users_with_right(Right.MANAGE_CHANNEL, channel),
        kind="channel.token_expiring",
        params={"channel": str(channel), "date": ends_at.date().isoformat(), "waiting": waiting},
        url=reverse("teams:channel", args=[channel.organization.slug, channel.pk]),
        severity="warning",
        group_key=group,
    )
