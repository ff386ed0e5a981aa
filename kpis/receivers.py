"""What publishing tells us."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kpis.services.pulls import watch_delivery
from publishing.enums import DeliveryState
from publishing.models import Delivery
from publishing.signals import delivery_changed


@receiver(delivery_changed, sender=Delivery)
def start_watching(delivery: Delivery, previous: str, **_: Any) -> None:
    """A post that is live starts to earn numbers."""
    if delivery.state == DeliveryState.PUBLISHED and delivery.deleted_at is None:
        watch_delivery(delivery=delivery)
