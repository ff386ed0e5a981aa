"""Counters: a Page's share statistics and page views, a member's post analytics."""

from __future__ import annotations

from typing import Any, Final

from socialops.sandbox.linkedin.call import Call, LinkedInError, denied, gone
from socialops.sandbox.linkedin.organizations import is_administrator
from socialops.sandbox.models import LINKEDIN, Account, Post
from socialops.sandbox.world import World

LISTS: Final = {"shares": "share", "ugcPosts": "ugcPost"}


def _comments(world: World, post: Post) -> int:
    top = world.replies(post.id)
    return len(top) + sum(len(world.replies(comment.id)) for comment in top)


def _counts(world: World, posts: list[Post]) -> dict[str, Any]:
    """A post is seen at least by those who did something about it."""
    likes, shares = sum(len(p.likes) for p in posts), sum(len(p.reposts) for p in posts)
    comments, clicks = sum(_comments(world, p) for p in posts), sum(p.clicks for p in posts)
    seen = max(sum(p.views for p in posts), likes + shares + comments)
    return {
        "impressionCount": seen,
        "uniqueImpressionsCount": round(seen * 0.74),
        "clickCount": clicks,
        "likeCount": likes,
        "commentCount": comments,
        "shareCount": shares,
        "engagement": (likes + comments + shares + clicks) / seen if seen else 0.0,
    }


def _page(call: Call, name: str) -> Account:
    call.need("rw_organization_admin")
    page = call.world.accounts.get(call.text(name))
    if page is None or not is_administrator(call, page.id):
        raise denied(f"{call.path[0]}.FINDER.20260901")
    return page


async def shares(call: Call) -> dict[str, Any]:
    """Of all posts, or of those listed: those nobody saw are left out, and so are those that aren't this Page's."""
    page = _page(call, "organizationalEntity")
    listed = [(kind, str(urn)) for name, kind in LISTS.items() for urn in call.query.get(name, [])]
    if listed and "timeIntervals" in call.query:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "timeIntervals can't be combined with shares or ugcPosts")
    if not listed:
        posts = [post for post in call.world.posts_of(page.id) if not post.reply_to]
        elements = [{"organizationalEntity": page.id, "totalShareStatistics": _counts(call.world, posts)}]
        return {"elements": elements, "paging": {"start": 0, "count": 10, "links": []}}
    elements = []
    for kind, urn in listed:
        if not urn.startswith(f"urn:li:{kind}:"):
            raise LinkedInError(400, "INVALID_URN_TYPE", f"{urn} is no {kind}")
        post = call.world.posts.get(urn)
        if post is None or post.account_id != page.id:
            continue
        counts = _counts(call.world, [post])
        if any(counts.values()):
            elements.append({"organizationalEntity": page.id, kind: urn, "totalShareStatistics": counts})
    return {"elements": elements, "paging": {"start": 0, "count": 10, "links": []}}


async def page_views(call: Call) -> dict[str, Any]:
    page = _page(call, "organization")
    views = {"pageViews": page.followers // 8, "uniquePageViews": page.followers // 11}
    return {"elements": [{"organization": page.id, "totalPageStatistics": {"views": {"allPageViews": views}}}]}


async def followers(call: Call) -> dict[str, Any]:
    page = _page(call, "organizationalEntity")
    row = {"organizationalEntity": page.id, "followerCountsByAssociationType": []}
    return {"elements": [row], "paging": {"start": 0, "count": 10, "links": []}}


async def member_post(call: Call) -> dict[str, Any]:
    """One metric of one post, or with q=me of all."""
    call.need("r_member_postAnalytics")
    kind = call.text("queryType")
    if kind == "MEMBERS_REACHED" and call.query.get("aggregation") == "DAILY":
        raise LinkedInError(400, "INVALID_VALUE_FOR_FIELD", "MEMBERS_REACHED is not supported with DAILY aggregation")
    posts = [post for post in call.world.posts_of(call.member.id) if not post.reply_to]
    if call.text("q") == "entity":
        entity = call.query.get("entity")
        urn = str((entity.get("share") or entity.get("ugc")) if isinstance(entity, dict) else "")
        posts = [post for post in posts if post.id == urn]
        if not posts:
            raise gone(urn)
    counts = _counts(call.world, posts)
    known = {
        "IMPRESSION": counts["impressionCount"],
        "MEMBERS_REACHED": counts["uniqueImpressionsCount"],
        "RESHARE": counts["shareCount"],
        "REACTION": counts["likeCount"],
        "COMMENT": counts["commentCount"],
    }
    if kind not in known:
        raise LinkedInError(400, "INVALID_VALUE_FOR_FIELD", f"{kind} is not a metric")
    return {"elements": [{"count": known[kind], "metricType": kind}], "paging": {"start": 0, "count": 10, "links": []}}


async def member_followers(call: Call) -> dict[str, Any]:
    call.need("r_member_profileAnalytics")
    assert call.member.network == LINKEDIN
    return {
        "elements": [{"memberFollowersCount": call.member.followers}],
        "paging": {"start": 0, "count": 10, "links": []},
    }
