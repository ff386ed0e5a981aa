"""Rules without a database: dates in a zone with summer time, and what makes two contents the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

# A form shows minutes: somebody who picks the current one means now.
PAST_TOLERANCE = timedelta(seconds=60)
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A wall-clock time made an instant. `skipped`: that time does not exist (clocks go forward), `at` is the next valid one.
    `repeated`: it exists twice (clocks go back), `at` is the first.
    """

    at: datetime  # aware, in the zone
    skipped: bool = False
    repeated: bool = False


def resolve_local(wall: datetime, zone: ZoneInfo) -> LocalTime:
    """The instant that a naive wall-clock time names in a zone."""
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return LocalTime(first)
    back = first.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) != wall:
        return LocalTime(_end_of_gap(first, second, zone), skipped=True)
    return LocalTime(first, repeated=True)


def _end_of_gap(first: datetime, second: datetime, zone: ZoneInfo) -> datetime:
    """In a gap the two readings lie on both sides of the change; the first valid moment is the change itself."""
    low, high = sorted((first.astimezone(UTC), second.astimezone(UTC)))
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0).astimezone(zone)


def one_line(text: str) -> str:
    """Each run of spaces and line ends as one space. No-break spaces stay: French typography needs them."""
    return re.sub(r"\s+", " ", text, flags=re.ASCII).strip()


def clock(seconds: float) -> str:
    """A length as players show it: 0:42, 1:02:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def content_hash(content: Mapping[str, Any]) -> str:
    """sha256 of a frozen content, the same for the same content whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
