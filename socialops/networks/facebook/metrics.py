"""Facebook's counters and insights. Metric names die several times a year: they are data, and one dead name hides no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import ValidationError
from socialops.networks.facebook.answers import GONE, NETWORK, call, error_code
from socialops.networks.ports import Metrics, PostMetrics, Target

COUNTERS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    names = list(network_data(NETWORK)["metrics"]["post"])
    metrics: dict[str, Metrics] = {}
    dead: dict[str, str] = {}
    gone: set[str] = set()
    for external_id in external_ids:
        answer = call(target, "GET", external_id, params={"fields": COUNTERS}, accept=(GONE,))
        if error_code(answer) == GONE:
            gone.add(external_id)
            continue
        alive = [name for name in names if name not in dead]
        insights = _insights(target, external_id, alive, "lifetime", dead)
        metrics[external_id] = {**_counters(answer.object()), **insights}
    return PostMetrics(metrics, frozenset(gone), dead)


def pull_account_metrics(target: Target) -> Metrics:
    fields = {"fields": "followers_count,fan_count"}
    page = call(target, "GET", target.external_id, params=fields).object()
    counters: Metrics = {
        name: page[name] for name in ("followers_count", "fan_count") if isinstance(page.get(name), int)
    }
    rule = network_data(NETWORK)["metrics"]
    return {**counters, **_insights(target, target.external_id, rule["account"], rule["account_period"], {})}


def _counters(post: Mapping[str, Any]) -> Metrics:
    """A post never shared has no `shares` at all, which does mean none; the other two are missing when withheld."""
    counters: Metrics = {"shares": int((post.get("shares") or {}).get("count", 0))}
    for name in ("reactions", "comments"):
        total = ((post.get(name) or {}).get("summary") or {}).get("total_count")
        if isinstance(total, int):
            counters[name] = total
    return counters


def _insights(target: Target, object_id: str, names: Sequence[str], period: str, dead: dict[str, str]) -> Metrics:
    """All names in one call; if that is refused, one by one, so that the refused name is known. {} without read_insights."""
    if not names:
        return {}
    try:
        return _ask(target, object_id, names, period)
    except ValidationError as error:
        if len(names) == 1:
            dead[names[0]] = str(error.detail.get("message", ""))
            return {}
    found: Metrics = {}
    for name in names:
        found |= _insights(target, object_id, [name], period, dead)
    return found


def _ask(target: Target, object_id: str, names: Sequence[str], period: str) -> Metrics:
    params = {"metric": ",".join(names), "period": period}
    answer = call(target, "GET", f"{object_id}/insights", params=params)
    rows = answer.object().get("data")
    found: Metrics = {}
    for row in rows if isinstance(rows, list) else answer.unexpected():
        values = row.get("values") or ()
        value = values[-1].get("value") if values else None
        if isinstance(value, dict):  # broken down (paid, organic): the sum is the metric
            parts = [part for part in value.values() if isinstance(part, int)]
            value = sum(parts) if parts else None
        if isinstance(value, int):
            found[str(row.get("name"))] = value
    return found
