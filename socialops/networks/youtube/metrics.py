"""YouTube's counters, which are texts there, and what Analytics adds where we may read it: days late, and dead names hide no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, PolicyError, ValidationError
from socialops.networks.ports import Metrics, PostMetrics, Target
from socialops.networks.youtube.answers import ANALYTICS, NETWORK, call, host
from socialops.networks.youtube.oauth import missing_scopes

POST_METRICS = ("viewCount", "likeCount", "dislikeCount", "commentCount")
ACCOUNT_METRICS = ("viewCount", "subscriberCount", "videoCount")
SCOPE = "yt-analytics.readonly"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    rule = network_data(NETWORK)["metrics"]
    metrics: dict[str, Metrics] = {}
    dead: dict[str, str] = {}
    for start in range(0, len(external_ids), rule["batch"]):
        ids = ",".join(external_ids[start : start + rule["batch"]])
        answer = call(target, "GET", "videos.list", params={"part": "statistics", "id": ids})
        items = answer.object().get("items")
        for item in items if isinstance(items, list) else answer.unexpected():
            metrics[str(item.get("id"))] = _counters(item.get("statistics") or {}, POST_METRICS)
    known = list(metrics)
    for start in range(0, len(known), rule["analytics_batch"]):
        for video_id, more in _reports(target, known[start : start + rule["analytics_batch"]], dead).items():
            metrics[video_id] |= more
    return PostMetrics(metrics, frozenset(external_ids) - metrics.keys(), dead)


def pull_account_metrics(target: Target) -> Metrics:
    """The number of subscribers is rounded down to three digits by YouTube, and missing where the channel hides it."""
    answer = call(target, "GET", "channels.list", params={"part": "statistics", "id": target.external_id})
    statistics = (answer.object().get("items") or [{}])[0].get("statistics") or {}
    hidden = ("subscriberCount",) if statistics.get("hiddenSubscriberCount") else ()
    return _counters(statistics, [name for name in ACCOUNT_METRICS if name not in hidden])


def _counters(data: Mapping[str, Any], names: Sequence[str]) -> Metrics:
    return {name: int(data[name]) for name in names if str(data.get(name, "")).isdecimal()}


def _reports(target: Target, video_ids: Sequence[str], dead: dict[str, str]) -> dict[str, Metrics]:
    """Videos without data have no row, which means nothing and not zero. {} without the scope."""
    if SCOPE in missing_scopes(target.credentials.scopes):
        return {}
    alive = [name for name in network_data(NETWORK)["metrics"]["analytics"] if name not in dead]
    return _ask(target, video_ids, alive, dead)


def _ask(target: Target, video_ids: Sequence[str], names: Sequence[str], dead: dict[str, str]) -> dict[str, Metrics]:
    """All names in one call; if that is refused, one by one, so that the refused name is known."""
    if not names:
        return {}
    try:
        return _table(target, video_ids, names)
    except (ValidationError, PolicyError, AuthError) as error:
        if isinstance(error, AuthError) or len(names) == 1:
            dead.update(dict.fromkeys(names, str(error.detail.get("message", ""))))
            return {}
    found: dict[str, Metrics] = {}
    for name in names:
        for video_id, more in _ask(target, video_ids, [name], dead).items():
            found.setdefault(video_id, {}).update(more)
    return found


def _table(target: Target, video_ids: Sequence[str], names: Sequence[str]) -> dict[str, Metrics]:
    rule = network_data(NETWORK)
    today = datetime.now(ZoneInfo(rule["rate_limit"]["zone"])).date()
    params = {
        "ids": "channel==MINE",
        "startDate": rule["metrics"]["first_day"],
        "endDate": today.isoformat(),
        "metrics": ",".join(names),
        "dimensions": "video",
        "filters": f"video=={','.join(video_ids)}",
        "sort": f"-{names[0]}",
        "maxResults": rule["metrics"]["analytics_batch"],
    }
    answer = call(target, "GET", "", url=f"{host(ANALYTICS, target.base_url)}/v2/reports", params=params)
    data = answer.object()
    columns = [str(header.get("name")) for header in data.get("columnHeaders") or ()]
    found: dict[str, Metrics] = {}
    for row in data.get("rows") or ():
        values = dict(zip(columns, row, strict=False))
        numbers = {name: int(values[name]) for name in names if isinstance(values.get(name), int | float)}
        found[str(values.get("video"))] = dict(numbers)
    return found
