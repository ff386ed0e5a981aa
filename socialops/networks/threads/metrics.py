"""Threads' insights: lifetime totals of a post, numbers of the profile. They come in three shapes, and one dead name hides no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import ValidationError
from socialops.networks.ports import Metrics, PostMetrics, Target
from socialops.networks.threads.answers import GONE, NETWORK, call, error_code, rows_of
from socialops.networks.threads.read import is_archived

SCOPE = "threads_manage_insights"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    """One call a post: Threads has no batch. A repost has no numbers at all, a ghost post none once its day is over: it is gone."""
    names = list(network_data(NETWORK)["metrics"]["post"])
    if _refused(target):
        return PostMetrics({}, dead=dict.fromkeys(names, f"scope {SCOPE} was not granted"))
    metrics: dict[str, Metrics] = {}
    dead: dict[str, str] = {}
    gone: set[str] = set()
    for external_id in external_ids:
        alive = [name for name in names if name not in dead]
        refused: dict[str, str] = {}
        found = _insights(target, f"{external_id}/insights", alive, refused)
        if found is None or (refused and not found and is_archived(target, external_id)):
            gone.add(external_id)
        else:
            metrics[external_id] = found
            dead |= refused
    return PostMetrics(metrics, frozenset(gone), dead)


def pull_account_metrics(target: Target) -> Metrics:
    """Of the last day where the number has days; {} without the scope."""
    if _refused(target):
        return {}
    names = network_data(NETWORK)["metrics"]["account"]
    return _insights(target, f"{target.external_id}/threads_insights", names, {}) or {}


def _refused(target: Target) -> bool:
    return bool(target.credentials.scopes) and SCOPE not in target.credentials.scopes


def _insights(target: Target, edge: str, names: Sequence[str], dead: dict[str, str]) -> Metrics | None:
    """All names in one call; if that is refused, one by one, so that the refused name is known. None where the post is gone."""
    if not names:
        return {}
    try:
        answer = call(target, "GET", edge, params={"metric": ",".join(names)}, accept=(GONE,))
    except ValidationError as error:
        if len(names) == 1:
            dead[names[0]] = str(error.detail.get("message", ""))
            return {}
    else:
        if error_code(answer) == GONE:
            return None
        values = {str(row.get("name")): _value(row) for row in rows_of(answer)}
        return {name: value for name, value in values.items() if value is not None}
    found: Metrics = {}
    for name in names:
        one = _insights(target, edge, [name], dead)
        if one is None:
            return None
        found |= one
    return found


def _value(row: Mapping[str, Any]) -> int | None:
    """`total_value`, the sum of `link_total_values`, or the last of `values`."""
    if isinstance(row.get("total_value"), dict):
        value = row["total_value"].get("value")
    elif isinstance(row.get("link_total_values"), list):
        value = sum(link["value"] for link in row["link_total_values"] if isinstance(link.get("value"), int))
    else:
        values = row.get("values") or ()
        value = values[-1].get("value") if values else None
    return value if isinstance(value, int) else None
