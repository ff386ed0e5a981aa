"""Numbers of a post and of the profile, in Threads' three shapes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from socialops.sandbox.models import Account, Post
from socialops.sandbox.threads.call import Call, graph_time, invalid
from socialops.sandbox.threads.extras import is_archived
from socialops.sandbox.world import World

FIRST: Final = 1_712_991_600  # nothing before 13 April 2024
DAY: Final = 86_400
POST: Final = ("views", "likes", "replies", "reposts", "quotes", "shares")
PROFILE: Final = (
    "views",
    "likes",
    "replies",
    "reposts",
    "quotes",
    "clicks",
    "followers_count",
    "follower_demographics",
)
BREAKDOWNS: Final = ("country", "city", "age", "gender")


def _wanted(call: Call, known: tuple[str, ...]) -> list[str]:
    call.need("threads_manage_insights")
    names = [name for value in call.params.many("metric") for name in str(value).split(",") if name]
    if not names:
        raise invalid("(#100) The parameter metric is required")
    for number, name in enumerate(names):
        if name not in known:
            raise invalid(f"(#100) metric[{number}] must be one of the following values: {', '.join(known)}")
    return names


def _counts(world: World, post: Post) -> dict[str, int]:
    return {
        "views": post.views,
        "likes": len(post.likes),
        "replies": len(world.replies(post.id)),
        "reposts": len(post.reposts),
        "quotes": 0,
        "shares": post.clicks // 5,
    }


def _row(owner: str, name: str, period: str, **value: Any) -> dict[str, Any]:
    title = name.replace("_", " ")
    return {
        "name": name,
        "period": period,
        **value,
        "title": title.title(),
        "description": f"The number of {title}.",
        "id": f"{owner}/insights/{name}/{period}",
    }


async def of_post(call: Call) -> dict[str, Any]:
    post = call.post()
    if is_archived(post):
        raise invalid("(#100) The post is archived.")
    names = _wanted(call, POST)
    counts = _counts(call.world, post)
    return {"data": [_row(post.id, name, "lifetime", values=[{"value": counts[name]}]) for name in names]}


async def of_profile(call: Call) -> dict[str, Any]:
    me = call.own()
    names = _wanted(call, PROFILE)
    since, until = call.params.text("since"), call.params.text("until")
    if since.isdecimal() and int(since) < FIRST:
        raise invalid(f"(#100) param since must be greater than or equal to {FIRST}")
    if (since or until) and {"followers_count", "follower_demographics"} & set(names):
        raise invalid("(#100) since and until aren't supported for followers_count and follower_demographics")
    return {"data": [_of_profile(call, me, name) for name in names]}


def _of_profile(call: Call, me: Account, name: str) -> dict[str, Any]:
    posts = [p for p in call.world.posts_of(me.id) if not p.reply_to]
    if name == "views":
        end = datetime.fromtimestamp(time.time(), UTC).replace(hour=8, minute=0, second=0)
        days = [end - timedelta(days=1), end]
        shown = [{"value": _views(posts, day), "end_time": graph_time(day.timestamp())} for day in days]
        return _row(me.id, name, "day", values=shown)
    if name == "clicks":
        links = [p for p in posts if p.facts.get("link_attachment")]
        totals = [{"value": p.clicks, "link_url": p.facts["link_attachment"]} for p in links]
        return _row(me.id, name, "day", link_total_values=totals)
    if name == "follower_demographics":
        return _demographics(call, me)
    total = me.followers if name == "followers_count" else sum(_counts(call.world, p)[name] for p in posts)
    return _row(me.id, name, "day", total_value={"value": total})


def _views(posts: list[Post], end: datetime) -> int:
    """Of the day before `end`; the last day goes on."""
    start = end.timestamp() - DAY
    return sum(p.views for p in posts if start <= p.created_at)


def _demographics(call: Call, me: Account) -> dict[str, Any]:
    breakdown = call.params.text("breakdown")
    if breakdown not in BREAKDOWNS or me.followers < 100:
        raise invalid("(#100) follower_demographics needs one breakdown and 100 followers")
    results = [{"dimension_values": ["FR" if breakdown == "country" else "—"], "value": me.followers}]
    total = {"breakdowns": [{"dimension_keys": [breakdown], "results": results}]}
    return _row(me.id, "follower_demographics", "lifetime", total_value=total)
