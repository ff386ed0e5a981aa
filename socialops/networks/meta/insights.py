"""Meta's insights: several metrics a call; one that is refused never hides the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.errors import NetworkError, OutageError, ValidationError
from socialops.networks.meta.graph import call, rows
from socialops.networks.ports import Metrics, Target


def insights(
    target: Target, object_id: str, names: Sequence[str], params: Mapping[str, Any], dead: dict[str, str]
) -> Metrics:
    """All names in one call; if that is refused, one by one, so that the refused name is known and kept in `dead`. {} without the scope."""
    names = [name for name in names if name not in dead]
    if not names:
        return {}
    try:
        return ask(target, f"{object_id}/insights", {"metric": ",".join(names), **params})
    except (ValidationError, OutageError) as error:
        if len(names) == 1:
            dead[names[0]] = _why(error)
            return {}
    found: Metrics = {}
    for name in names:
        found |= insights(target, object_id, [name], params, dead)
    return found


def _why(error: NetworkError) -> str:
    """An outage of a whole group of metrics is told as a refusal too: "An unknown error has occurred". Of a single one it is an outage."""
    if isinstance(error, OutageError):
        raise error
    return str(error.detail.get("message", ""))


def ask(target: Target, path: str, params: Mapping[str, Any]) -> Metrics:
    """What the edge gives, its newest value; broken down (paid, organic), the sum is the metric."""
    found: Metrics = {}
    for row in rows(call(target, "GET", path, params=params)):
        values = row.get("values") or ()
        value = values[-1].get("value") if values else (row.get("total_value") or {}).get("value")
        if isinstance(value, dict):
            parts = [part for part in value.values() if isinstance(part, int)]
            value = sum(parts) if parts else None
        if isinstance(value, int):
            found[str(row.get("name"))] = value
    return found
