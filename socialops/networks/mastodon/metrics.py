"""Mastodon's counters, as the account's own server knows them. There are no impressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from socialops.networks.data import network_data
from socialops.networks.mastodon.answers import NETWORK, call
from socialops.networks.ports import Metrics, PostMetrics, Target

POST_METRICS = ("favourites_count", "reblogs_count", "replies_count", "quotes_count")
POLL_METRICS = ("votes_count",)
ACCOUNT_METRICS = ("followers_count", "following_count", "statuses_count")


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    """Batched where the server can (Mastodon 4.3 and later), one by one where it can't."""
    size = network_data(NETWORK)["read"]["metrics_batch"]
    metrics: dict[str, Metrics] = {}
    for start in range(0, len(external_ids), size):
        metrics.update(_batch(target, external_ids[start : start + size]))
    return PostMetrics(metrics, frozenset(external_ids) - metrics.keys())


def _batch(target: Target, external_ids: Sequence[str]) -> dict[str, Metrics]:
    answer = call(target, "GET", "/api/v1/statuses", params={"id[]": list(external_ids)}, accept=(400, 404, 405, 422))
    if answer.ok:
        return {str(status["id"]): _of_status(status) for status in answer.list()}
    metrics: dict[str, Metrics] = {}
    for external_id in external_ids:
        one = call(target, "GET", f"/api/v1/statuses/{quote(external_id, safe='')}", accept=(404, 410))
        if one.ok:
            metrics[external_id] = _of_status(one.object())
    return metrics


def _of_status(status: Mapping[str, Any]) -> Metrics:
    return {**_counters(status, POST_METRICS), **_counters(status.get("poll") or {}, POLL_METRICS)}


def pull_account_metrics(target: Target) -> Metrics:
    return _counters(call(target, "GET", "/api/v1/accounts/verify_credentials").object(), ACCOUNT_METRICS)


def _counters(data: Mapping[str, Any], names: Sequence[str]) -> Metrics:
    return {name: data[name] for name in names if isinstance(data.get(name), int)}
