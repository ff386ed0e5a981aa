"""Instagram's objects as JSON: accounts, media, comments, and the Pages that accounts are linked to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from socialops.sandbox.graph.call import Call, GraphError, graph_time, missing, page_id
from socialops.sandbox.graph.fields import Field, paged, parse_fields, select
from socialops.sandbox.graph.oauth import TASKS, page_token
from socialops.sandbox.instagram.access import OWN_LOGIN, by_page, may_see, names, need, own_account, own_media
from socialops.sandbox.instagram.containers import container_node, find_container
from socialops.sandbox.models import INSTAGRAM, Account, Media, Post

Values = dict[str, Callable[[Field], Any]]
MENTIONED: Final = frozenset(
    {"id", "text", "timestamp", "like_count", "media", "username"}
)  # its page, and what others read there


def page_node(call: Call, account: Account, fields: list[Field]) -> dict[str, Any]:
    """The Page an account is linked to, as far as Facebook Login needs it."""

    def linked(wanted: Field) -> dict[str, Any] | None:
        return user_node(call, account, wanted.fields) if "instagram_basic" in call.token.scopes else None

    values: Values = {
        "id": lambda _: page_id(account),
        "name": lambda _: account.name,
        "username": lambda _: account.handle,
        "category": lambda _: account.note,
        "tasks": lambda _: TASKS if call.token.kind == "user" else None,
        "access_token": lambda _: page_token(call.world, call.token, account) if call.token.kind == "user" else None,
        "instagram_business_account": linked,
        "connected_instagram_account": linked,
    }
    return select(values, fields, ("name",), "Page")


def user_node(call: Call, account: Account, fields: list[Field]) -> dict[str, Any]:
    base = call.base
    own_login = call.token.kind == OWN_LOGIN
    values: Values = {
        # With its own login, `id` is the app's name for the account, and `user_id` the one that paths and webhooks use.
        "id": lambda _: f"7{account.id[1:]}" if own_login else account.id,
        "user_id": lambda _: account.id if own_login else None,
        "account_type": lambda _: "BUSINESS" if own_login else None,
        "username": lambda _: account.handle,
        "name": lambda _: account.name,
        "biography": lambda _: account.note,
        "website": lambda _: None,
        "profile_picture_url": lambda _: f"{base}/avatar/{account.id}.svg",
        "followers_count": lambda _: account.followers,
        "follows_count": lambda _: account.following,
        "media_count": lambda _: sum(not p.reply_to for p in call.world.posts_of(account.id)),
    }
    if not own_login:  # the guide of Instagram's own login names `tags` and `mentions` alone
        values["mentioned_media"] = lambda w: _mentioned_media(call, account, w)
        values["mentioned_comment"] = lambda w: _mentioned_comment(call, account, w)
    return select(values, fields, ("id",), "IGUser")


def _mentioned_media(call: Call, account: Account, wanted: Field) -> dict[str, Any]:
    post = call.world.posts.get(wanted.modifiers.get("media_id", ""))
    if post is None or account.id not in post.facts.get("tagged", []):
        raise missing(wanted.modifiers.get("media_id", ""))
    return media_node(call, post, wanted.fields)


def _mentioned_comment(call: Call, account: Account, wanted: Field) -> dict[str, Any]:
    comment = call.world.posts.get(wanted.modifiers.get("comment_id", ""))
    if comment is None or not comment.reply_to or not names(comment.text, account):
        raise missing(wanted.modifiers.get("comment_id", ""))
    for field in wanted.fields:
        if field.name not in MENTIONED:
            raise GraphError(100, f"(#100) Tried accessing nonexisting field ({field.name}) on node type (IGComment)")
    return comment_node(call, comment, wanted.fields)


def permalink(call: Call, post: Post) -> str:
    kind = {"REELS": "reel", "STORY": "stories"}.get(post.facts.get("product", ""), "p")
    return f"{call.base}/{kind}/{post.id}/"


def comments_of(call: Call, post: Post) -> list[Post]:
    """Those directly under it, newest first."""
    return call.world.replies(post.id)[::-1]


def media_node(call: Call, post: Post, fields: list[Field]) -> dict[str, Any]:
    author = call.world.accounts.objects[post.account_id]
    files = [m for key in post.media if (m := call.world.media.get(key))]
    album = post.facts.get("type") == "CAROUSEL_ALBUM"

    def comments(wanted: Field) -> dict[str, Any]:
        limit = int(wanted.modifiers.get("limit", "50") or 0)
        return {"data": [comment_node(call, c, wanted.fields) for c in comments_of(call, post)[:limit]]}

    def children(wanted: Field) -> dict[str, Any] | None:
        return {"data": [_child_node(call, m, wanted.fields) for m in files]} if album else None

    values: Values = {
        "id": lambda _: post.id,
        "caption": lambda _: post.text or None,
        "media_type": lambda _: post.facts.get("type", "IMAGE"),
        "media_product_type": lambda _: post.facts.get("product", "FEED"),
        "media_url": lambda _: f"{call.base}/media/{files[0].id}" if files else None,
        "thumbnail_url": lambda _: None,
        "permalink": lambda _: permalink(call, post),
        "shortcode": lambda _: post.id,
        "timestamp": lambda _: graph_time(post.created_at),
        "username": lambda _: author.handle,
        "owner": lambda _: {"id": author.id},
        "alt_text": lambda _: files[0].alt or None if files and not album else None,
        "like_count": lambda _: len(post.likes),
        "comments_count": lambda _: _count(call, post),
        "is_comment_enabled": lambda _: post.facts.get("comments", True),
        "is_shared_to_feed": lambda _: post.facts.get("shared") if post.facts.get("product") == "REELS" else None,
        "collaborators": lambda _: {"data": [{"username": n} for n in post.facts.get("collaborators", [])]},
        "children": children,
        "comments": comments,
    }
    return select(values, fields, ("id",), "IGMedia")


def _child_node(call: Call, media: Media, fields: list[Field]) -> dict[str, Any]:
    values: Values = {
        "id": lambda _: media.id,
        "media_type": lambda _: "VIDEO" if media.mime.startswith("video/") else "IMAGE",
        "media_url": lambda _: f"{call.base}/media/{media.id}",
        "alt_text": lambda _: media.alt or None,
    }
    return select(values, fields, ("id",), "IGMedia")


def _count(call: Call, post: Post) -> int:
    return sum(1 + _count(call, reply) for reply in call.world.replies(post.id))


def comment_node(call: Call, comment: Post, fields: list[Field]) -> dict[str, Any]:
    author = call.world.accounts.objects[comment.account_id]
    mine = comment.account_id == call.account.id

    def replies(wanted: Field) -> dict[str, Any] | None:
        found = call.world.replies(comment.id)
        return {"data": [comment_node(call, reply, wanted.fields) for reply in found]} if found else None

    values: Values = {
        "id": lambda _: comment.id,
        "text": lambda _: comment.text,
        "timestamp": lambda _: graph_time(comment.created_at),
        "username": lambda _: author.handle,
        "from": lambda _: {"id": author.id, "username": author.handle},
        "like_count": lambda _: len(comment.likes),
        "hidden": lambda _: comment.hidden,
        "media": lambda _: {"id": comment.root},
        "parent_id": lambda _: comment.reply_to if comment.reply_to != comment.root else None,
        "replies": replies,
        "user": lambda _: {"id": author.id} if mine else None,
    }
    return select(values, fields, ("id", "timestamp", "text"), "IGComment")


async def read_node(call: Call) -> dict[str, Any]:
    """Whatever has this id, as far as the token may see it."""
    world, fields = call.world, parse_fields(call.params.text("fields"))
    if call.id == "me" and call.token.kind == "page":
        return page_node(call, call.account, fields)
    if call.id in {"me", call.account.id} and call.token.kind == "user":
        values: Values = {"id": lambda _: call.account.id, "name": lambda _: call.account.name}
        return select(values, fields, ("name",), "User")
    page = by_page(world, call.id)
    if page is not None and may_see(call, page.id):
        return page_node(call, page, fields)
    if call.id == "me" or call.id in world.accounts:
        return user_node(call, own_account(call, "basic"), fields)
    if (container := find_container(call, call.id)) is not None and not container.facts.get("gone"):
        return container_node(call, container, fields)
    post = world.posts.get(call.id)
    root = world.posts.get(post.root) if post and post.root else post
    if post is None or root is None or post.network != INSTAGRAM or not may_see(call, root.account_id):
        raise missing(call.id)
    need(call, "basic")
    return comment_node(call, post, fields) if post.reply_to else media_node(call, post, fields)


async def list_media(call: Call) -> dict[str, Any]:
    """Newest first; stories have an edge of their own."""
    account = own_account(call, "basic")
    posts = [p for p in call.world.posts_of(account.id) if not p.reply_to and p.facts.get("product") != "STORY"]
    for name, keep in (("since", 1), ("until", -1)):
        if moment := call.params.text(name):
            if not moment.isdecimal():
                raise GraphError(100, f"(#100) param {name} must be a valid timestamp.")
            posts = [p for p in posts if keep * p.created_at >= keep * float(moment)]
    return _list(call, posts)


async def list_children(call: Call) -> dict[str, Any]:
    """The items of a carousel."""
    post, fields = own_media(call, "basic"), parse_fields(call.params.text("fields"))
    files = [m for key in post.media if (m := call.world.media.get(key))]
    return paged(call, files, lambda m: _child_node(call, m, fields))


async def list_stories(call: Call) -> dict[str, Any]:
    account = own_account(call, "basic")
    since = time.time() - 86_400
    posts = call.world.posts_of(account.id)
    return _list(call, [p for p in posts if p.facts.get("product") == "STORY" and p.created_at > since])


async def list_tags(call: Call) -> dict[str, Any]:
    """Media of others that tag the account."""
    account = own_account(call, "manage_comments")
    return _list(call, [p for p in call.world.timeline(INSTAGRAM) if account.id in p.facts.get("tagged", [])])


def _list(call: Call, posts: list[Post]) -> dict[str, Any]:
    fields = parse_fields(call.params.text("fields"))
    return paged(call, posts, lambda post: media_node(call, post, fields))


async def change_node(call: Call) -> dict[str, Any]:
    """`comment_enabled` of a media, `hide` of a comment; captions can't be changed."""
    post = call.world.posts.get(call.id)
    root = call.world.posts.get(post.root) if post and post.root else post
    if post is None or root is None or post.network != INSTAGRAM or not may_see(call, root.account_id):
        raise missing(call.id, "post")
    need(call, "manage_comments")
    if post.reply_to and "hide" in call.params:
        if post.account_id == root.account_id:
            raise GraphError(100, "(#100) You can't hide your own comment.")
        post.hidden = call.params.flag("hide")
    elif not post.reply_to and "comment_enabled" in call.params:
        post.facts["comments"] = call.params.flag("comment_enabled")
    else:
        raise GraphError(
            100, "(#100) The parameter comment_enabled is required" if not post.reply_to else "(#100) hide"
        )
    call.world.posts.put(post)
    call.log("", post.id)
    return {"success": True}


async def delete_node(call: Call) -> dict[str, Any]:
    """A comment; a media by Facebook Login alone."""
    post = call.world.posts.get(call.id)
    root = call.world.posts.get(post.root) if post and post.root else post
    if post is None or root is None or post.network != INSTAGRAM or not may_see(call, root.account_id):
        raise missing(call.id, "delete")
    if not post.reply_to and call.token.kind == OWN_LOGIN:
        raise missing(call.id, "delete")
    need(call, "manage_comments" if post.reply_to else "manage_contents")
    _remove(call, post)
    call.log("", post.id)
    return {"success": True}


def _remove(call: Call, post: Post) -> None:
    for reply in list(call.world.replies(post.id)):
        _remove(call, reply)
    call.world.remove_post(post)
