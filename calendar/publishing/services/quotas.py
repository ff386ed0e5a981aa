"""What the networks say about their limits, kept per channel from their own headers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from django.utils import timezone

from publishing.models import QuotaReading
from socialops.networks.ports import Charge, Quota, Target
from socialops.tenancy.scope import tenant
from teams.models import Channel

EVERY = 10.0  # seconds between two writes of a bucket that is far from its limit
TIGHT = 0.2  # share left under which every reading is written

_written: dict[tuple[int, str], float] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Reporter:
    organization_id: int
    channel_id: int

    def __call__(self, quota: Quota | Charge) -> None:
        if isinstance(quota, Charge):
            return
        tight = bool(quota.limit) and quota.remaining is not None and quota.remaining < TIGHT * (quota.limit or 0)
        key, now = (self.channel_id, quota.bucket), time.monotonic()
        with _lock:
            if not tight and now - _written.get(key, -EVERY) < EVERY:
                return
            _written[key] = now
        with tenant(self.organization_id):
            QuotaReading.objects.bulk_create(
                [
                    QuotaReading(
                        channel_id=self.channel_id,
                        bucket=quota.bucket[:40],
                        limit=quota.limit,
                        remaining=quota.remaining,
                        resets_at=quota.resets_at,
                        read_at=timezone.now(),
                    )
                ],
                update_conflicts=True,
                unique_fields=["channel", "bucket"],
                update_fields=["limit", "remaining", "resets_at", "read_at"],
            )


def metered(target: Target, channel: Channel) -> Target:
    """The target whose quota readings and charges are kept. Writes a reading at most every 10 s a bucket, unless less than a fifth is left. No open transaction needed."""
    return replace(target, report=_Reporter(channel.organization_id, channel.pk))
