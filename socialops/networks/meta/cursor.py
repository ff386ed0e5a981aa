"""How far each source was read: its newest time, as JSON keeps it. Times have no finer grain than a second, so the last one is read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.ports import RemoteMention


def known(cursor: Mapping[str, Any], source: str) -> datetime | None:
    value = cursor.get(source)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def remember(cursor: dict[str, Any], source: str, found: Sequence[RemoteMention], since: datetime | None) -> None:
    """The newest of what was found, else what was known."""
    newest = max((mention.created_at for mention in found), default=since)
    if newest is not None:
        cursor[source] = newest.isoformat()
