"""Page and post insights under the metric names that live since June 2026; the old ones fail the whole call."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any, Final
from zoneinfo import ZoneInfo

from socialops.sandbox.facebook.nodes import every_comment, readable
from socialops.sandbox.graph.call import Call, GraphError, graph_time, missing, read_moment
from socialops.sandbox.graph.figures import noise
from socialops.sandbox.models import Account, Post
from socialops.sandbox.world import World

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
LONGEST_DAYS: Final = 93
PERIODS: Final = {"day": 1, "week": 7, "days_28": 28}
FOLLOWERS_NEEDED: Final = 100


def _posts_of_day(world: World, page: Account, day: date) -> list[Post]:
    return [
        p
        for p in world.posts_of(page.id)
        if not p.reply_to and datetime.fromtimestamp(p.created_at, PACIFIC).date() == day
    ]


def _views(world: World, page: Account, day: date) -> int:
    return round(page.followers * 0.18 * noise(page, day, "views")) + sum(
        p.views for p in _posts_of_day(world, page, day)
    )


def _engagements(world: World, page: Account, day: date) -> int:
    own = sum(
        len(p.likes) + len(p.reposts) + p.clicks + len(world.replies(p.id)) for p in _posts_of_day(world, page, day)
    )
    return round(page.followers * 0.006 * noise(page, day, "engagements")) + own


def _gained(page: Account, day: date) -> int:
    return round(page.followers * 0.0015 * noise(page, day, "gained"))


def _lost(page: Account, day: date) -> int:
    return round(page.followers * 0.0006 * noise(page, day, "lost"))


def _total_follows(page: Account, day: date) -> int:
    """Today's number less what was gained since."""
    days = (datetime.now(PACIFIC).date() - day).days
    return max(
        0,
        page.followers
        - sum(_gained(page, day + timedelta(n)) - _lost(page, day + timedelta(n)) for n in range(1, days + 1)),
    )


PAGE_METRICS: Final[dict[str, Callable[[World, Account, date], int]]] = {
    "page_media_view": _views,
    "page_total_media_view_unique": lambda w, p, d: round(_views(w, p, d) * 0.62),
    "page_post_engagements": _engagements,
    "page_views_total": lambda _, p, d: round(p.followers * 0.01 * noise(p, d, "visits")),
    "page_follows": lambda _, p, d: _total_follows(p, d),
    "page_daily_follows": lambda _, p, d: _gained(p, d),
    "page_daily_follows_unique": lambda _, p, d: _gained(p, d),
    "page_daily_unfollows_unique": lambda _, p, d: _lost(p, d),
    "page_video_views": lambda _, p, d: round(p.followers * 0.02 * noise(p, d, "video")),
}
DAY_ONLY: Final = frozenset(
    {"page_follows", "page_daily_follows", "page_daily_follows_unique", "page_daily_unfollows_unique"}
)


def _post_metrics(call: Call, post: Post) -> dict[str, Any]:
    likes = len(post.likes)
    return {
        "post_media_view": post.views,
        "post_total_media_view_unique": round(post.views * 0.78),
        "post_clicks": post.clicks,
        "post_clicks_by_type": {"other clicks": post.clicks - post.clicks // 3, "link clicks": post.clicks // 3},
        "post_reactions_by_type_total": {"like": likes} if likes else {},
        "post_reactions_like_total": likes,
        **{f"post_reactions_{name}_total": 0 for name in ("love", "wow", "haha", "sorry", "anger")},
        "post_activity_by_action_type": {
            "like": likes,
            "comment": len(every_comment(call, post)),
            "share": len(post.reposts),
        },
    }


def _wanted(call: Call, known: set[str]) -> list[str]:
    names = call.names("metric")
    if not names:
        raise GraphError(100, "(#100) The parameter metric is required")
    if any(name not in known for name in names):
        raise GraphError(100, "(#100) The value must be a valid insights metric")
    return names


async def insights(call: Call) -> dict[str, Any]:
    """Of a page or of a post; without read_insights an empty list and no error, as on Graph."""
    if call.id in call.world.posts:
        return _of_post(call)
    page = call.own_page("pages_read_engagement")
    names = _wanted(call, set(PAGE_METRICS))
    if "read_insights" not in call.token.scopes:
        return {"data": []}
    if page.followers < FOLLOWERS_NEEDED:
        raise GraphError(100, "(#100) Insights need at least 100 followers.", subcode=2_874_008)
    since, until = _range(call)
    periods = [call.params.text("period")] if call.params.text("period") else ["day", "week", "days_28"]
    if any(period not in PERIODS for period in periods):
        raise GraphError(100, "(#100) period must be one of day, week, days_28")
    data = [
        _series(call, page, name, period, since, until)
        for name in names
        for period in periods
        if period == "day" or name not in DAY_ONLY
    ]
    base = f"{call.base}/v26.0/{page.id}/insights?metric={','.join(names)}"
    length = until - since
    paging = {
        "previous": f"{base}&since={int(_midnight(since - length))}&until={int(_midnight(since))}",
        "next": f"{base}&since={int(_midnight(until))}&until={int(_midnight(until + length))}",
    }
    return {"data": data, "paging": paging}


def _midnight(day: date) -> float:
    """Pages count days in Pacific time."""
    return datetime.combine(day, clock(), PACIFIC).timestamp()


def _range(call: Call) -> tuple[date, date]:
    """Days [since, until); without parameters the last two whole days."""
    today = datetime.now(PACIFIC).date()
    until_text, since_text = call.params.text("until"), call.params.text("since")
    until = datetime.fromtimestamp(read_moment(until_text, "until"), PACIFIC).date() if until_text else today
    since = (
        datetime.fromtimestamp(read_moment(since_text, "since"), PACIFIC).date() if since_text else until - timedelta(2)
    )
    if since > until:
        raise GraphError(100, "(#100) since param must be before until")
    if (until - since).days > LONGEST_DAYS:
        raise GraphError(100, "(#100) There cannot be more than 93 days between since and until")
    return since, min(until, today)


def _series(call: Call, page: Account, name: str, period: str, since: date, until: date) -> dict[str, Any]:
    measure = PAGE_METRICS[name]
    values = []
    for step in range((until - since).days):
        day = since + timedelta(step)
        total = sum(measure(call.world, page, day - timedelta(back)) for back in range(PERIODS[period]))
        # A point stamped D at midnight describes the day before D.
        values.append({"value": total, "end_time": graph_time(_midnight(day + timedelta(1)))})
    title = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "period": period,
        "values": values,
        "title": title,
        "description": title,
        "id": f"{page.id}/insights/{name}/{period}",
    }


def _of_post(call: Call) -> dict[str, Any]:
    post = call.post()
    if not readable(call, post) or post.reply_to:
        raise missing(call.id)
    metrics = _post_metrics(call, post)
    names = _wanted(call, set(metrics))
    if "read_insights" not in call.token.scopes:
        return {"data": []}
    data = [
        {
            "name": n,
            "period": "lifetime",
            "values": [{"value": metrics[n]}],
            "title": n,
            "description": n,
            "id": f"{post.id}/insights/{n}/lifetime",
        }
        for n in names
    ]
    base = f"{call.base}/v26.0/{post.id}/insights?metric={','.join(names)}"
    return {
        "data": data,
        "paging": {"previous": f"{base}&until={int(time.time())}", "next": f"{base}&since={int(time.time())}"},
    }
