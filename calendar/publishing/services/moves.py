"""The one writer of a delivery's state (the dispatcher's claim, one SQL statement for many rows, is the only other place)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from publishing.models import Delivery
from publishing.services.rows import update_row
from publishing.signals import delivery_changed
from publishing.states import SEEN_BY_PEOPLE, require_legal

NO_LEASE: dict[str, Any] = {"lease_owner": "", "lease_until": None}


class Overtaken(RuntimeError):
    """Somebody else moved the row since it was read (cancelled, suspended, lease lost): the caller stops without a trace."""


def move(delivery: Delivery, target: str, *, also: str = "", **fields: Any) -> None:
    """Move one delivery and set `fields` with it, if it still is in the state (and under the lease) in which it was read, and `also` (SQL) holds;
    else Overtaken.

    Sends `delivery_changed` in the same transaction when people see the new state. IllegalMove for an arrow the graph lacks.
    """
    source = delivery.state
    require_legal(source, target)
    _write(delivery, also, state=target, **fields)
    if target in SEEN_BY_PEOPLE:
        delivery_changed.send(sender=Delivery, delivery=delivery, previous=source)


def move_all(deliveries: Sequence[Delivery], target: str, **fields: Any) -> None:
    """Move locked rows together, in one statement; announced one by one."""
    sources = [delivery.state for delivery in deliveries]
    for source in set(sources):
        require_legal(source, target)
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(state=target, **fields)
    for delivery, source in zip(deliveries, sources, strict=True):
        for name, value in {"state": target, **fields}.items():
            setattr(delivery, name, value)
        if target in SEEN_BY_PEOPLE:
            delivery_changed.send(sender=Delivery, delivery=delivery, previous=source)


def note(delivery: Delivery, **fields: Any) -> None:
    """Set fields without a move, under the same guard. Overtaken likewise."""
    _write(delivery, "", **fields)


def _write(delivery: Delivery, also: str, **fields: Any) -> None:
    guard = {"id": delivery.pk, "state": delivery.state, "lease_owner": delivery.lease_owner}
    if not update_row(Delivery, values=fields, where=guard, also=also):
        raise Overtaken(f"delivery {delivery.pk} is no longer {delivery.state} for {delivery.lease_owner or 'nobody'}")
    for name, value in fields.items():
        setattr(delivery, name, value)
