"""Facebook's counters and insights. Metric names die several times a year: they are data, and one dead name hides no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.facebook.answers import NETWORK, is_video
from socialops.networks.meta.graph import GONE, call, error_code
from socialops.networks.meta.insights import ask, insights
from socialops.networks.ports import Metrics, PostMetrics, Target

COUNTERS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0),attachments{media_type,target{id}}"
VIDEO_COUNTERS = "likes.summary(total_count).limit(0),comments.summary(total_count).limit(0)"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    names = list(network_data(NETWORK)["metrics"]["post"])
    metrics: dict[str, Metrics] = {}
    dead: dict[str, str] = {}
    gone: set[str] = set()
    for external_id in external_ids:
        fields = VIDEO_COUNTERS if is_video(external_id) else COUNTERS
        answer = call(target, "GET", external_id, params={"fields": fields}, accept=(GONE,))
        if error_code(answer) == GONE:
            gone.add(external_id)
            continue
        post = answer.object()
        found = _counters(post)
        if not is_video(external_id):
            found |= insights(target, external_id, names, {"period": "lifetime"}, dead)
        if film := _video_of(external_id, post):
            # Asked without names: Meta gives what it has for this kind of video, and no name can be dead.
            found |= ask(target, f"{film}/video_insights", {"period": "lifetime"})
        metrics[external_id] = found
    return PostMetrics(metrics, frozenset(gone), dead)


def pull_account_metrics(target: Target) -> Metrics:
    fields = {"fields": "followers_count,fan_count"}
    page = call(target, "GET", target.external_id, params=fields).object()
    counters: Metrics = {
        name: page[name] for name in ("followers_count", "fan_count") if isinstance(page.get(name), int)
    }
    rule = network_data(NETWORK)["metrics"]
    return {**counters, **insights(target, target.external_id, rule["account"], {"period": rule["account_period"]}, {})}


def _video_of(external_id: str, post: Mapping[str, Any]) -> str:
    """The video's id of a reel or of a post with one, "" for any other post."""
    if is_video(external_id):
        return external_id
    items = (post.get("attachments") or {}).get("data") or ()
    return next((str((i.get("target") or {}).get("id") or "") for i in items if i.get("media_type") == "video"), "")


def _counters(post: Mapping[str, Any]) -> Metrics:
    """A post never shared has no `shares` at all, which does mean none; the others are missing when withheld, and for a video."""
    counters: Metrics = {}
    if not is_video(str(post.get("id"))):
        counters["shares"] = int((post.get("shares") or {}).get("count", 0))
    for name in ("reactions", "likes", "comments"):
        total = ((post.get(name) or {}).get("summary") or {}).get("total_count")
        if isinstance(total, int):
            counters[name] = total
    return counters
