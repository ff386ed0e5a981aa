"""Warnings ahead of a quota or a budget: once a day for each channel and network, to those who publish there."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from publishing.models import Delivery
from publishing.services.forecast import AHEAD, accounts_of, by_network
from publishing.states import WAITING
from socialops.notifications.models import Notification
from socialops.notifications.services import notify
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system, tenant
from socialops.ui.networks import NETWORK_NAMES
from teams.models import Channel, Organization
from teams.selectors.members import users_with_right

REMIND_AFTER = dt.timedelta(hours=20)


def warn_ahead() -> None:
    """Every organization that plans something within a day."""
    with system("organizations that plan something within a day"):
        due = Delivery.objects.filter(state__in=WAITING, due_at__lt=timezone.now() + AHEAD)
        organizations = list(due.values_list("organization_id", flat=True).distinct())
    for organization_id in organizations:
        with tenant(organization_id):
            _warn(Organization.objects.get(pk=organization_id))


def _warn(organization: Organization) -> None:
    channels = list(Channel.objects.filter(status=Channel.Status.CONNECTED).select_related("brand"))
    for network in by_network(accounts_of(channels)):
        name = NETWORK_NAMES[network.network]
        for account in network.channels:
            for line in account.lines:
                if line.is_short:
                    params = {"channel": account.channel.name, "planned": line.planned, "left": line.room.left}
                    _tell(
                        organization,
                        account.channel,
                        "quota.forecast",
                        f"{account.channel.pk}:{line.room.bucket}",
                        params,
                    )
        if network.is_over:
            params = {
                "network": name,
                "cost": f"{network.cost + network.planned_cost:.2f}",
                "budget": f"{network.budget:.2f}",
            }
            _tell(organization, organization, "budget.forecast", network.network, params)


def _tell(
    organization: Organization, scope: Channel | Organization, kind: str, key: str, params: dict[str, object]
) -> None:
    group = f"{kind}:{key}"
    if Notification.objects.filter(group_key=group, created_at__gt=timezone.now() - REMIND_AFTER).exists():
        return
    right = Right.PUBLISH if isinstance(scope, Channel) else Right.MANAGE_CHANNEL
    notify(
        users=users_with_right(right, scope),
        kind=kind,
        params=params,
        url=reverse("publishing:costs", args=[organization.slug]),
        severity="warning",
        group_key=group,
    )
