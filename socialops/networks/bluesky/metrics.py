"""Bluesky's counters, from the AppView. There are no impressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.bluesky.answers import NETWORK, call
from socialops.networks.bluesky.read import get_record
from socialops.networks.data import network_data
from socialops.networks.ports import Metrics, PostMetrics, Target

POST_METRICS = ("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount")
ACCOUNT_METRICS = ("followersCount", "followsCount", "postsCount")


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    size = network_data(NETWORK)["read"]["metrics_batch"]
    metrics: dict[str, Metrics] = {}
    for start in range(0, len(external_ids), size):
        answer = call(
            target, "GET", "app.bsky.feed.getPosts", params={"uris": list(external_ids[start : start + size])}
        )
        posts = answer.object().get("posts")
        for post in posts if isinstance(posts, list) else answer.unexpected():
            metrics[str(post.get("uri"))] = _counters(post, POST_METRICS)
    # The AppView learns of a post seconds late: only the account's own server knows that one is gone.
    missing = frozenset(external_ids) - metrics.keys()
    return PostMetrics(metrics, frozenset(uri for uri in missing if get_record(target, uri) is None))


def pull_account_metrics(target: Target) -> Metrics:
    answer = call(target, "GET", "app.bsky.actor.getProfile", params={"actor": target.external_id})
    return _counters(answer.object(), ACCOUNT_METRICS)


def _counters(data: Mapping[str, Any], names: Sequence[str]) -> Metrics:
    return {name: data[name] for name in names if isinstance(data.get(name), int)}
