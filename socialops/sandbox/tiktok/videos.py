"""The Display API: the account, its public posts and their counters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.routing import BaseRoute

from socialops.sandbox.models import TIKTOK, Post
from socialops.sandbox.tiktok.call import Call, endpoint, invalid, read_only
from socialops.sandbox.world import World

MOST: Final = 20
USER_FIELDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url", "display_name"), "user.info.basic"
    ),
    **dict.fromkeys(("username", "bio_description", "profile_deep_link", "is_verified"), "user.info.profile"),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), "user.info.stats"),
}
VIDEO_FIELDS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "id",
        "create_time",
        "title",
        "video_description",
        "duration",
        "height",
        "width",
        "cover_image_url",
        "share_url",
        "embed_link",
        "embed_html",
        "like_count",
        "comment_count",
        "share_count",
        "view_count",
    ),
    "video.list",
)


def post_path(world: World, post: Post) -> str:
    return f"/@{world.accounts.objects[post.account_id].handle}/{post.facts.get('kind', 'video')}/{post.id}"


def public_posts(world: World, account_id: str) -> list[Post]:
    """Newest first."""
    return [post for post in world.posts_of(account_id) if post.live and not post.reply_to]


async def user_info(call: Call) -> Mapping[str, Any]:
    base, posts = call.world.base_url(TIKTOK), public_posts(call.world, call.me.id)
    avatar = f"{base}/avatar/{call.me.id}.svg"
    values = {
        "open_id": call.me.id,
        "union_id": f"union-{call.me.id}",
        "avatar_url": avatar,
        "avatar_url_100": avatar,
        "avatar_large_url": avatar,
        "display_name": call.me.name,
        "username": call.me.handle,
        "bio_description": call.me.note,
        "profile_deep_link": f"{base}/@{call.me.handle}",
        "is_verified": False,
        "follower_count": call.me.followers,
        "following_count": call.me.following,
        "likes_count": sum(len(post.likes) for post in posts),
        "video_count": len(posts),
    }
    return {"user": {name: values[name] for name in call.fields(USER_FIELDS)}}


def video_json(world: World, post: Post, fields: list[str]) -> dict[str, Any]:
    link = world.base_url(TIKTOK) + post_path(world, post)
    first = world.media.get(post.media[0]) if post.media else None
    values = {
        "id": post.id,
        "create_time": int(post.created_at),
        "title": post.facts.get("title", ""),
        "video_description": post.text,
        "duration": 0 if post.facts.get("kind") == "photo" else 3,
        "height": first.height if first else 0,
        "width": first.width if first else 0,
        "cover_image_url": f"{world.base_url(TIKTOK)}/avatar/{post.account_id}.svg",
        "share_url": link,
        "embed_link": link,
        "embed_html": "",
        "like_count": len(post.likes),
        "comment_count": len([reply for reply in world.replies(post.id) if not reply.hidden]),
        "share_count": len(post.reposts),
        "view_count": post.views,
    }
    return {name: values[name] for name in fields}


async def video_list(call: Call) -> Mapping[str, Any]:
    """`cursor` is a moment in milliseconds: what was posted before it."""
    fields = call.fields(VIDEO_FIELDS)
    read_only(call.body, {"cursor": int, "max_count": int})
    most = call.body.get("max_count", 10)
    if not 1 <= most <= MOST:
        raise invalid("max_count must be between 1 and 20")
    cursor = call.body.get("cursor")
    posts = public_posts(call.world, call.me.id)
    if cursor:
        posts = [post for post in posts if int(post.created_at * 1000) < cursor]
    shown = posts[:most]
    return {
        "videos": [video_json(call.world, post, fields) for post in shown],
        "cursor": int(shown[-1].created_at * 1000) if shown else 0,
        "has_more": len(posts) > most,
    }


async def video_query(call: Call) -> Mapping[str, Any]:
    """Public posts of the account only; others are left out without a word."""
    fields = call.fields(VIDEO_FIELDS)
    read_only(call.body, {"filters": dict})
    filters = call.body.get("filters", {})
    read_only(filters, {"video_ids": list}, "filters.")
    ids = filters.get("video_ids", [])
    if not 1 <= len(ids) <= MOST or not all(isinstance(key, str) for key in ids):
        raise invalid("filters.video_ids must hold 1 to 20 ids")
    found = [post for post in public_posts(call.world, call.me.id) if post.id in ids]
    return {"videos": [video_json(call.world, post, fields) for post in found]}


routes: list[BaseRoute] = [
    endpoint("/v2/user/info/", user_info, "GET"),
    endpoint("/v2/video/list/", video_list, "POST", scopes=("video.list",)),
    endpoint("/v2/video/query/", video_query, "POST", scopes=("video.list",)),
]
