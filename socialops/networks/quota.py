"""Rate-limit headers: how much is left, and when to come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from socialops.networks.ports import Quota

EPOCH_LIKE = 1_000_000_000  # smaller numbers are seconds from now


def parse_reset(value: str, *, now: datetime) -> datetime | None:
    """ISO 8601 (Mastodon), epoch seconds (Bluesky, mastodon_mock), seconds from now or an HTTP date (Retry-After)."""
    value = value.strip()
    try:
        number = float(value)
    except ValueError:
        number = None
    try:
        if number is not None:
            return datetime.fromtimestamp(number, UTC) if number >= EPOCH_LIKE else now + timedelta(seconds=number)
        moment = datetime.fromisoformat(value) if value[:4].isdigit() else parsedate_to_datetime(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_quota(headers: Mapping[str, str], *, prefix: str, bucket: str) -> Quota | None:
    """`<prefix>-Limit`, `-Remaining` and `-Reset`, None when the network sent none."""
    limit, remaining = _number(headers.get(f"{prefix}-limit")), _number(headers.get(f"{prefix}-remaining"))
    if limit is None and remaining is None:
        return None
    reset = headers.get(f"{prefix}-reset")
    return Quota(bucket, limit, remaining, parse_reset(reset, now=datetime.now(UTC)) if reset else None)


def come_back_at(headers: Mapping[str, str], *, prefix: str, default_seconds: float) -> datetime:
    """When a refused call may be tried again: Retry-After, else the window's reset, else `default_seconds` from now."""
    now = datetime.now(UTC)
    for name in ("retry-after", f"{prefix}-reset"):
        value = headers.get(name)
        moment = parse_reset(value, now=now) if value else None
        if moment is not None and moment > now:
            return moment
    return now + timedelta(seconds=default_seconds)


def _number(value: str | None) -> int | None:
    try:
        return None if value is None else int(float(value))
    except (ValueError, OverflowError):
        return None
