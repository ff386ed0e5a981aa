"""What editorial does when publishing tells something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from editorial.services.settling import settle_post
from publishing.models import Delivery
from publishing.signals import delivery_changed


@receiver(delivery_changed, sender=Delivery, dispatch_uid="editorial.settle_post")
def settle(delivery: Delivery, previous: str, **_: Any) -> None:
    """New ones, and ones that only got another date, change nothing."""
    if delivery.post_key is not None and previous not in {"", delivery.state}:
        settle_post(delivery=delivery)
