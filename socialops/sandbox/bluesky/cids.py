"""Content identifiers and record keys of AT Protocol: DAG-CBOR, CIDv1, TID."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import struct
import time
from typing import Any, Final

TID: Final = re.compile(r"^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$")
RECORD_KEY: Final = re.compile(r"^(?!\.\.?$)[A-Za-z0-9._:~-]{1,512}$")
ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
DAG_CBOR: Final = b"\x01\x71\x12\x20"  # version 1, codec dag-cbor, sha2-256, 32 bytes
RAW: Final = b"\x01\x55\x12\x20"

_last_tid = 0
_clock_id = secrets.randbelow(1024)


def next_tid(at: float = 0.0) -> str:
    """53 bits of microseconds and 10 of clock id in base32-sortable; always greater than the one before, unless of the past (`at`, epoch seconds)."""
    global _last_tid  # noqa: PLW0603 -- a clock is global by nature
    if at and at < time.time() - 60:
        return tid(int(at * 1_000_000))
    _last_tid = max(_last_tid + 1, time.time_ns() // 1000)
    return tid(_last_tid)


def tid(microseconds: int) -> str:
    number = microseconds << 10 | _clock_id
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def record_cid(record: dict[str, Any]) -> str:
    return _cid(DAG_CBOR, encode(record))


def blob_cid(content: bytes) -> str:
    return _cid(RAW, content)


def _cid(prefix: bytes, content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return "b" + base64.b32encode(prefix + digest).decode().lower().rstrip("=")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for extra, limit, form in ((24, 1 << 8, ">B"), (25, 1 << 16, ">H"), (26, 1 << 32, ">I"), (27, 1 << 64, ">Q")):
        if number < limit:
            return bytes([major << 5 | extra]) + struct.pack(form, number)
    raise ValueError("integer too large")


def encode(value: Any) -> bytes:
    """DAG-CBOR of a JSON value of the AT Protocol data model, with `$link` and `$bytes`. ValueError where it has no such form."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        data = value.encode()
        return _head(3, len(data)) + data
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            return _link(str(value["$link"]))
        if set(value) == {"$bytes"}:
            data = base64.b64decode(str(value["$bytes"]) + "==")
            return _head(2, len(data)) + data
        # Shorter keys first, then by bytes: the canonical order that makes a CID depend on content alone.
        items = sorted(((key.encode(), item) for key, item in value.items()), key=lambda pair: (len(pair[0]), pair[0]))
        return _head(5, len(items)) + b"".join(_head(3, len(key)) + key + encode(item) for key, item in items)
    raise ValueError("floats are not part of the AT Protocol data model")


def _link(cid: str) -> bytes:
    if not re.fullmatch(r"b[a-z2-7]{58}", cid):
        raise ValueError(f"{cid!r} is not a CID")
    padded = cid[1:].upper() + "=" * (-len(cid[1:]) % 8)
    data = b"\x00" + base64.b32decode(padded)
    return b"\xd8\x2a" + _head(2, len(data)) + data
