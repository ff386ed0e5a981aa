"""Media and account insights under the names that live since April 2025: one that doesn't fit fails the whole call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from socialops.sandbox.graph.call import Call, GraphError, missing
from socialops.sandbox.graph.figures import noise
from socialops.sandbox.instagram.access import OWN_LOGIN, may_see, need, own_account
from socialops.sandbox.models import Account, Post
from socialops.sandbox.world import World

BOTH: Final = ("comments", "likes", "saved", "shares", "reach", "views", "total_interactions", "reposts")
FITS: Final = {
    "FEED": (*BOTH, "follows", "profile_visits", "profile_activity"),
    "REELS": (*BOTH, "ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"),
    "STORY": (
        "navigation",
        "replies",
        "reach",
        "views",
        "shares",
        "reposts",
        "total_interactions",
        "follows",
        "profile_visits",
        "profile_activity",
    ),
}
DEAD: Final = (
    "impressions",
    "plays",
    "video_views",
    "engagement",
    "clips_replays_count",
    "ig_reels_aggregated_all_plays_count",
)
FOLLOWERS_NEEDED: Final = 100
VIEWERS_NEEDED: Final = 5


def _replies(world: World, post: Post) -> int:
    return sum(1 + _replies(world, reply) for reply in world.replies(post.id))


def _measured(world: World, post: Post) -> dict[str, int]:
    likes, comments, shares = len(post.likes), _replies(world, post), len(post.reposts)
    saved = post.views // 40
    return {
        "comments": comments,
        "likes": likes,
        "saved": saved,
        "shares": shares,
        "reposts": shares // 2,
        "reach": round(post.views * 0.8),
        "views": post.views,
        "total_interactions": likes + comments + saved + shares,
        "follows": post.clicks // 10,
        "profile_visits": post.clicks,
        "profile_activity": post.clicks // 3,
        "navigation": post.views // 2,
        "replies": comments,
        "ig_reels_avg_watch_time": 4300,
        "ig_reels_video_view_total_time": post.views * 4300,
        "reels_skip_rate": 31,
    }


def _wanted(call: Call) -> list[str]:
    names = call.names("metric")
    if not names:
        raise GraphError(100, "(#100) The parameter metric is required")
    return names


async def insights(call: Call) -> dict[str, Any]:
    post = call.world.posts.get(call.id)
    return _of_media(call, post) if post is not None else _of_account(call)


def _of_media(call: Call, post: Post) -> dict[str, Any]:
    if post.reply_to or not may_see(call, post.account_id):
        raise missing(call.id)
    need(call, "manage_insights")
    names, product = _wanted(call), post.facts.get("product", "FEED")
    fits = (*FITS[product], *(("total_likes", "total_comments", "total_views") if call.token.kind != OWN_LOGIN else ()))
    if wrong := [n for n in names if n not in fits]:
        if wrong[0] in {"crossposted_views", "facebook_views"}:
            raise GraphError(1, "An unknown error has occurred.", status=500)
        every = ", ".join(fits)
        text = f"(#100) metric[{names.index(wrong[0])}] must be one of the following values: {every}"
        raise GraphError(100, f"(#100) The metric {wrong[0]} is no longer supported." if wrong[0] in DEAD else text)
    if product == "STORY" and post.views < VIEWERS_NEEDED:
        raise GraphError(10, "(#10) Not enough viewers for the media to show insights")
    found = _measured(call.world, post)
    found |= {f"total_{n}": found[n] for n in ("likes", "comments", "views")}
    return {"data": [_row(post.id, n, "lifetime", values=[{"value": found[n]}]) for n in names]}


def _row(object_id: str, name: str, period: str, **more: Any) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    about = {"title": title, "description": title, "id": f"{object_id}/insights/{name}/{period}"}
    return {"name": name, "period": period, **about, **more}


ACCOUNT: Final[dict[str, float]] = {
    "reach": 0.21,
    "views": 0.4,
    "accounts_engaged": 0.02,
    "total_interactions": 0.03,
    "likes": 0.02,
    "comments": 0.004,
    "saves": 0.003,
    "shares": 0.002,
    "replies": 0.001,
    "reposts": 0.001,
    "profile_links_taps": 0.001,
    "follows_and_unfollows": 0.0012,
}
SERIES: Final[dict[str, Callable[[Account], int]]] = {"follower_count": lambda a: max(1, a.followers // 700)}


def _of_account(call: Call) -> dict[str, Any]:
    """One day, in total; `reach` and `follower_count` as a series too."""
    account = own_account(call, "manage_insights")
    names, period = _wanted(call), call.params.text("period")
    total = call.params.text("metric_type") == "total_value"
    if period != "day":
        raise GraphError(100, "(#100) The following metrics need the parameter period=day")
    for name in names:
        if name not in ACCOUNT and name not in SERIES:
            raise GraphError(
                100, f"(#100) metric[{names.index(name)}] must be one of: {', '.join([*ACCOUNT, *SERIES])}"
            )
        if name in SERIES and total:
            raise GraphError(100, f"(#100) The metric {name} is incompatible with metric_type total_value")
        if name not in SERIES and name != "reach" and not total:
            raise GraphError(
                100, f"(#100) The following metrics should be specified with parameter metric_type=total_value: {name}"
            )
        if name in SERIES and account.followers < FOLLOWERS_NEEDED:
            raise GraphError(100, "(#100) Not enough followers for this metric.")
    return {"data": [_account_row(account, name, total=total) for name in names]}


def _account_row(account: Account, name: str, *, total: bool) -> dict[str, Any]:
    today = datetime.now(UTC)
    value = (
        SERIES[name](account)
        if name in SERIES
        else round(account.followers * ACCOUNT[name] * noise(account, today.date(), name))
    )
    if total:
        return _row(account.id, name, "day", total_value={"value": value})
    return _row(
        account.id, name, "day", values=[{"value": value, "end_time": today.strftime("%Y-%m-%dT07:00:00+0000")}]
    )
