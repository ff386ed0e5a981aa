"""What the networks say about their limits, and what our calls counted and cost: kept per channel, as connectors report it."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from publishing.models import QuotaReading
from publishing.selectors.usage import slot_of
from socialops.networks.data import network_settings
from socialops.networks.ports import Charge, Quota, Target
from socialops.tenancy.scope import tenant
from teams.models import Channel

EVERY = 10.0  # seconds between two writes of a bucket that is far from its limit
TIGHT = 0.2  # share left under which every reading is written

_written: dict[tuple[int, str], float] = {}
_lock = threading.Lock()
_ADD = """
INSERT INTO publishing_usage (organization_id, channel_id, network, app, bucket, slot_at, units, amount)
SELECT %s, %s, %s, %s, told.bucket, %s, told.units, told.amount FROM unnest(%s, %s, %s::numeric[]) AS told (bucket, units, amount)
ON CONFLICT (channel_id, app, bucket, slot_at)
DO UPDATE SET units = publishing_usage.units + EXCLUDED.units, amount = publishing_usage.amount + EXCLUDED.amount
"""
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Reporter:
    organization_id: int
    channel_id: int
    network: str
    app: str
    waiting: list[Charge] | None

    def __call__(self, news: Quota | Charge) -> None:
        """Never raises: the call it is about is done, and its outcome must not be lost with the bookkeeping."""
        try:
            if isinstance(news, Quota):
                self._read(news)
            elif self.waiting is not None:
                self.waiting.append(news)
            else:
                with tenant(self.organization_id):
                    self.write([news])
        except (OperationalError, InterfaceError) as error:
            logger.warning("usage not kept", channel_id=self.channel_id, bucket=news.bucket, error=str(error))
            connection.close()

    def write(self, charges: Sequence[Charge]) -> None:
        """One statement, in the caller's tenant."""
        units, amounts = Counter[str](), defaultdict[str, Decimal](Decimal)
        for charge in charges:
            units[charge.bucket[:40]] += charge.units
            amounts[charge.bucket[:40]] += charge.amount
        buckets = sorted(units)  # always in the same order: two deliveries of a channel never wait for each other
        columns: list[list[Any]] = [
            buckets,
            [units[bucket] for bucket in buckets],
            [amounts[bucket] for bucket in buckets],
        ]
        whose: list[Any] = [self.organization_id, self.channel_id, self.network, self.app, slot_of(timezone.now())]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [*whose, *columns])

    def _read(self, quota: Quota) -> None:
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


def client_id_of(target: Target) -> str:
    """The app that the target's calls count against, "" where the network registers us itself."""
    return str(target.app.get("client_id") or network_settings(target.network)["client_id"])[:255]


def metered(target: Target, channel: Channel, *, waiting: list[Charge] | None = None) -> Target:
    """The target whose quota readings and charges are kept. Writes a reading at most every 10 s a bucket, unless less than a fifth is left. No open transaction needed.

    With `waiting`, charges are put there instead, for who writes them with the outcome (`write_charges`).
    """
    app = client_id_of(target)
    return replace(target, report=_Reporter(channel.organization_id, channel.pk, channel.network, app, waiting))


def write_charges(target: Target, channel: Channel, charges: list[Charge]) -> None:
    """In the caller's tenant and transaction; at its end, since other deliveries of the channel wait for the row."""
    if charges:
        _Reporter(channel.organization_id, channel.pk, channel.network, client_id_of(target), None).write(charges)
