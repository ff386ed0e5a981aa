"""What the networks say about their limits, and what our calls counted and cost: kept per channel, as connectors report it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
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
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
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

    def __call__(self, news: Quota | Charge) -> None:
        """Never raises: the call it is about is done, and its outcome must not be lost with the bookkeeping."""
        try:
            if isinstance(news, Charge):
                self._charge(news)
            else:
                self._read(news)
        except (OperationalError, InterfaceError) as error:
            logger.warning("usage not kept", channel_id=self.channel_id, bucket=news.bucket, error=str(error))
            connection.close()

    def _charge(self, charge: Charge) -> None:
        slot, bucket = slot_of(timezone.now()), charge.bucket[:40]
        row: list[Any] = [
            self.organization_id,
            self.channel_id,
            self.network,
            self.app,
            bucket,
            slot,
            charge.units,
            charge.amount,
        ]
        with tenant(self.organization_id), connection.cursor() as cursor:
            cursor.execute(_ADD, row)

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


def metered(target: Target, channel: Channel) -> Target:
    """The target whose quota readings and charges are kept. Writes a reading at most every 10 s a bucket, unless less than a fifth is left. No open transaction needed."""
    reporter = _Reporter(channel.organization_id, channel.pk, channel.network, client_id_of(target))
    return replace(target, report=reporter)
