"""Instagram's counters and insights: one group of names for each product, since one that doesn't fit fails the whole call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.instagram.answers import NETWORK, read_object
from socialops.networks.meta.graph import GONE, call, error_code
from socialops.networks.meta.insights import insights
from socialops.networks.ports import Metrics, PostMetrics, Target

COUNTERS = ("like_count", "comments_count")
ACCOUNT_COUNTERS = ("followers_count", "follows_count", "media_count")
STORY = "STORY"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    """A name that died for one product may live for another: it is asked for there all the same."""
    groups = network_data(NETWORK)["metrics"]
    metrics: dict[str, Metrics] = {}
    dead: dict[str, dict[str, str]] = {}
    gone: set[str] = set()
    for external_id in external_ids:
        answer = read_object(target, external_id, fields=f"id,media_product_type,{','.join(COUNTERS)}")
        if error_code(answer) == GONE:
            gone.add(external_id)
            continue
        media = answer.object()
        product = str(media.get("media_product_type") or "FEED")
        counters: Metrics = {name: media[name] for name in COUNTERS if isinstance(media.get(name), int)}
        names = groups.get(product, groups["FEED"])
        metrics[external_id] = {**counters, **_insights(target, external_id, product, names, dead)}
    return PostMetrics(metrics, frozenset(gone), {name: why for of in dead.values() for name, why in of.items()})


def _insights(
    target: Target, external_id: str, product: str, names: Sequence[str], dead: dict[str, dict[str, str]]
) -> Metrics:
    """Nothing for a story with fewer than five viewers, which Meta refuses as it refuses a missing scope."""
    try:
        return insights(target, external_id, names, {}, dead.setdefault(product, {}))
    except AuthError as error:
        if product == STORY and error.code == Code.SCOPE_MISSING:
            return {}
        raise


def pull_account_metrics(target: Target) -> Metrics:
    """Counters of now, and the last whole day's figures."""
    fields = {"fields": ",".join(ACCOUNT_COUNTERS)}
    account: dict[str, Any] = call(target, "GET", target.external_id, params=fields).object()
    counters: Metrics = {name: account[name] for name in ACCOUNT_COUNTERS if isinstance(account.get(name), int)}
    names = network_data(NETWORK)["metrics"]["account"]
    asked = {"period": "day", "metric_type": "total_value"}
    return {**counters, **insights(target, target.external_id, names, asked, {})}
