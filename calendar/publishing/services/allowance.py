"""Whether a publication may still be sent: the network's quotas by our count and by the network's word, and the organization's own budget."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from publishing.models import Budget, QuotaReading
from publishing.selectors.usage import FRESH, budgets, cost_by_network, rooms_for
from publishing.services.quotas import client_id_of
from socialops.audit.models import record
from socialops.networks.errors import Code, NetworkError, PolicyError, RateLimitError
from socialops.networks.ports import Charge, Target
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Channel, Organization

CURRENCY = "USD"
_READINGS = "SELECT * FROM publishing_quotareading WHERE channel_id = %s AND bucket = ANY(%s) AND remaining IS NOT NULL"


def refusal(channel: Channel, target: Target, charges: Sequence[Charge]) -> NetworkError | None:
    """Why these charges can't be made now: RateLimitError quota_spent until the bucket is full again, PolicyError budget_spent; None when they can.

    In the caller's tenant. At most four queries, none for a network that counts nothing.
    """
    if not charges:
        return None
    wanted: Counter[str] = Counter()
    for charge in charges:
        wanted[charge.bucket] += charge.units
    for room in rooms_for(channel, client_id_of(target), wanted):
        if wanted[room.bucket] > room.left:
            return _spent(room.bucket, room.resets_at)
    now = timezone.now()
    for reading in QuotaReading.objects.raw(_READINGS, [channel.pk, list(wanted)]):
        until = reading.resets_at or reading.read_at + FRESH
        if until > now and wanted[reading.bucket] > reading.remaining:
            return _spent(reading.bucket, until)
    return _over_budget(channel.network, sum((charge.amount for charge in charges), Decimal(0)))


def _spent(bucket: str, until: dt.datetime) -> NetworkError:
    return RateLimitError(Code.QUOTA_SPENT, detail={"bucket": bucket}, until=until)


def _over_budget(network: str, amount: Decimal) -> NetworkError | None:
    budget = budgets().get(network) if amount else None
    if budget is None or cost_by_network().get(network, Decimal(0)) + amount <= budget.monthly:
        return None
    detail = {"amount": str(amount), "budget": str(budget.monthly), "currency": CURRENCY}
    return PolicyError(Code.BUDGET_SPENT, detail=detail)


@transaction.atomic
def set_budget(*, organization: Organization, network: str, monthly: Decimal | None, actor: Actor) -> None:
    """How much a network may cost in a month, in US dollars; None lifts the ceiling."""
    actor.require(Right.MANAGE_CHANNEL, organization)
    known = Budget.objects.select_for_update().filter(network=network).first()
    before = None if known is None else str(known.monthly)
    if monthly is None:
        Budget.objects.filter(network=network).delete()
    else:
        values = {"monthly": monthly, "set_by_id": actor.user_id}
        Budget.objects.update_or_create(network=network, defaults=values)
    changes = {network: [before, None if monthly is None else str(monthly)]}
    record(actor=actor, action="budget.set", target=organization, changes=changes)
