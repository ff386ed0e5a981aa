"""What a network told by itself about our publications and our access. Nothing told is believed: it only makes the next look due now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from publishing.services.tokens import fresh_target
from socialops.networks.errors import AuthError
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.services.channels import mark_broken

WAITING_AT_MOST = 200  # of one channel at one time


def look_now(*, channel: Channel, external_id: str, handle: str) -> int:
    """Make the next check due of what is processed on this channel, or unconfirmed, and carries this id or handle; gives how many.

    A check already due, or at work, stays as it is: told twice changes nothing.
    """
    known = {one for one in (external_id, handle) if one}
    rows = Delivery.objects.filter(channel=channel, state__in=[S.CONFIRMING, S.UNCONFIRMED], asks_person=False)
    now = timezone.now()
    later = rows.filter(next_try_at__gt=now).order_by("next_try_at").values_list("pk", "external_id", "handles")
    meant = [pk for pk, external, handles in later[:WAITING_AT_MOST] if known & {external, *_leaves(handles)}]
    return rows.filter(pk__in=meant, next_try_at__gt=now).update(next_try_at=now)


def check_access(*, channel: Channel) -> None:
    """The network said that our access was withdrawn: if it refuses us, a person must reconnect. A late word about an access that was
    given anew since changes nothing. NetworkError when it can't be asked; must not be called inside a transaction.
    """
    try:
        connector_for(channel.network).verify(fresh_target(channel))
    except AuthError as error:
        with tenant(channel.organization_id):
            mark_broken(channel=channel, code=error.code)


def _leaves(handles: Any) -> Iterator[str]:
    if isinstance(handles, dict | list):
        for one in handles.values() if isinstance(handles, dict) else handles:
            yield from _leaves(one)
    else:
        yield str(handles)
