"""Record keys (TIDs) that can be computed again: a repeated request then meets its own record, never a second one.

A TID is 13 characters of sortable base 32: 53 bits of microseconds since 1970, then 10 bits of clock id
(https://atproto.com/specs/tid).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_BITS = 10


def tid(microseconds: int, clock: int) -> str:
    number = (microseconds << CLOCK_BITS) | (clock & 1023)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def microseconds_of(key: str) -> int:
    """ValueError when `key` is no TID."""
    number = 0
    for letter in key:
        number = (number << 5) | ALPHABET.index(letter)
    return number >> CLOCK_BITS


def post_key(created_at: datetime, idempotency_key: str) -> str:
    """The record key of a post: its millisecond, and 20 bits of its idempotency key below that."""
    milliseconds = (created_at - EPOCH) // timedelta(milliseconds=1)
    return tid(milliseconds * 1000 + _noise(idempotency_key) % 1000, _noise(idempotency_key) >> 32)


def part_key(parent: str, idempotency_key: str) -> str:
    """The record key of what hangs under `parent`: always later than it, from half a second on nobody notices."""
    return tid(microseconds_of(parent) + 1000 + _noise(idempotency_key) % 1000, _noise(idempotency_key) >> 32)


def moment_of(key: str) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds_of(key))


def _noise(idempotency_key: str) -> int:
    return int.from_bytes(hashlib.sha256(idempotency_key.encode()).digest()[:8], "big")
