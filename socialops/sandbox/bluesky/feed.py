"""The AppView's reads: threads, feeds, search, notifications, profiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.bluesky.call import Call, answer, invalid, xrpc
from socialops.sandbox.bluesky.views import notification, post_view, profile, profile_detailed, quotes
from socialops.sandbox.models import BLUESKY, Notice, Post
from socialops.sandbox.world import iso

Item = TypeVar("Item", Post, Notice)


def _post(call: Call, uri: str) -> Post | None:
    """By at:// URI, whose authority may be a DID or a handle."""
    if not uri.startswith("at://") or uri.count("/") < 4:
        raise invalid("Error: uri must be a valid at-uri")
    parts = uri.split("/")
    if not parts[2].startswith("did:") and (account := call.world.find_account(BLUESKY, parts[2])):
        parts[2] = account.id
    return call.world.posts.get("/".join(parts))


def page(call: Call, items: Sequence[Item], *, default: int = 50, most: int = 100) -> tuple[list[Item], dict[str, str]]:
    """Newest first; the cursor is the time of the last item shown, absent at the end."""
    limit, cursor = call.limit(default, most), call.query("cursor")
    if cursor:
        try:
            before = float(cursor)
        except ValueError as error:
            raise invalid("Malformed cursor", "InvalidCursor") from error
        items = [i for i in items if i.created_at < before]
    shown = list(items[:limit])
    return shown, {"cursor": repr(shown[-1].created_at)} if len(items) > limit else {}


async def post_thread(call: Call) -> Response:
    uri = call.required("uri")
    post = _post(call, uri)
    if post is None:
        raise invalid(f"Post not found: {uri}", "NotFound")
    depth, height = (_count(call, name, default) for name, default in (("depth", 6), ("parentHeight", 80)))
    thread = _thread(call, post, depth)
    if post.reply_to:
        thread["parent"] = _parent(call, post.reply_to, height)
    return answer({"thread": thread})


def _count(call: Call, name: str, default: int) -> int:
    text = call.query(name)
    if text and not text.isdecimal():
        raise invalid(f"Error: {name} must be an integer")
    return min(int(text), 1000) if text else default


def _thread(call: Call, post: Post, depth: int) -> dict[str, Any]:
    view: dict[str, Any] = {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": post_view(call.world, post, call.account),
        "threadContext": {},
    }
    if depth > 0:
        view["replies"] = [_thread(call, reply, depth - 1) for reply in call.world.replies(post.id)]
    return view


def _parent(call: Call, uri: str, height: int) -> dict[str, Any]:
    post = call.world.posts.get(uri)
    if post is None:
        return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}
    view = _thread(call, post, 0)
    if post.reply_to and height > 1:
        view["parent"] = _parent(call, post.reply_to, height - 1)
    return view


async def get_posts(call: Call) -> Response:
    uris = call.queries("uris")
    if not uris or len(uris) > 25:
        raise invalid("Error: uris must have from 1 to 25 elements")
    found = (_post(call, uri) for uri in uris)
    return answer({"posts": [post_view(call.world, p, call.account) for p in found if p]})


def _feed(call: Call, posts: Sequence[Post]) -> Response:
    shown, cursor = page(call, posts)
    feed = []
    for post in shown:
        item: dict[str, Any] = {"post": post_view(call.world, post, call.account)}
        if post.reply_to:
            root, parent = (call.world.posts.get(uri) for uri in (post.root, post.reply_to))
            if root and parent:
                item["reply"] = {"root": post_view(call.world, root), "parent": post_view(call.world, parent)}
        feed.append(item)
    return answer({"feed": feed, **cursor})


async def author_feed(call: Call) -> Response:
    posts = call.world.posts_of(call.actor(call.required("actor")).id)
    if call.query("filter") == "posts_no_replies":
        posts = [p for p in posts if not p.reply_to]
    elif call.query("filter") == "posts_with_media":
        posts = [p for p in posts if p.media]
    return _feed(call, posts)


async def timeline(call: Call) -> Response:
    return _feed(call, call.world.timeline(BLUESKY))


async def search_posts(call: Call) -> Response:
    world, query = call.world, call.query("q").lower()
    if not query:
        raise invalid('Error: Params must have the property "q"')
    posts = [p for p in reversed(world.posts.objects.values()) if p.network == BLUESKY]
    words = [w for w in query.split() if w != "*"]
    posts = [p for p in posts if all(w.lstrip("#@") in p.text.lower() for w in words)]
    if author := call.query("author"):
        posts = [p for p in posts if p.account_id == call.actor(author).id]
    if mentions := call.query("mentions"):
        did = call.actor(mentions).id
        posts = [
            p
            for p in posts
            if any(f.get("did") == did for facet in p.facts["record"].get("facets") or [] for f in facet["features"])
        ]
    for name, later in (("since", True), ("until", False)):
        if text := call.query(name):
            moment = _moment(text)
            posts = [p for p in posts if (p.created_at >= moment) == later]
    shown, cursor = page(call, posts, default=25)
    return answer({"posts": [post_view(world, p, call.account) for p in shown], "hitsTotal": len(posts), **cursor})


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise invalid("Error: since and until must be datetimes") from error


async def list_notifications(call: Call) -> Response:
    notices = call.world.notices_of(call.me.id)
    if reasons := set(call.queries("reasons")):
        notices = [n for n in notices if n.kind in reasons]
    shown, cursor = page(call, notices)
    body = {"notifications": [notification(call.world, n) for n in shown], "priority": False, **cursor}
    if call.me.seen_at:
        body["seenAt"] = iso(call.me.seen_at)
    return answer(body)


async def unread_count(call: Call) -> Response:
    return answer({"count": sum(n.created_at > call.me.seen_at for n in call.world.notices_of(call.me.id))})


async def update_seen(call: Call) -> Response:
    call.me.seen_at = min(_moment(str(call.body.get("seenAt", ""))), time.time())
    call.world.accounts.put(call.me)
    return Response(status_code=200)


async def get_profile(call: Call) -> Response:
    return answer(profile_detailed(call.world, call.actor(call.required("actor"))))


async def get_profiles(call: Call) -> Response:
    actors = call.queries("actors")
    if not actors or len(actors) > 25:
        raise invalid("Error: actors must have from 1 to 25 elements")
    found = (call.world.find_account(BLUESKY, actor) for actor in actors)
    return answer({"profiles": [profile_detailed(call.world, a) for a in found if a]})


def _marks(field: str, name: str) -> Callable[[Call], Any]:
    async def handler(call: Call) -> Response:
        uri = call.required("uri")
        post = _post(call, uri)
        marks: list[str] = getattr(post, field) if post else []
        actors = [profile(call.world, call.world.accounts.objects[did]) for did in marks[: call.limit(50, 100)]]
        if field == "reposts":
            return answer({"uri": uri, name: actors})
        when = iso(post.created_at) if post else ""
        return answer({"uri": uri, name: [{"actor": a, "createdAt": when, "indexedAt": when} for a in actors]})

    return handler


async def get_quotes(call: Call) -> Response:
    shown, cursor = page(call, quotes(call.world, call.required("uri")))
    return answer(
        {"uri": call.required("uri"), "posts": [post_view(call.world, p, call.account) for p in shown], **cursor}
    )


routes: list[BaseRoute] = [
    xrpc("app.bsky.feed.getPostThread", post_thread),
    xrpc("app.bsky.feed.getPosts", get_posts),
    xrpc("app.bsky.feed.getAuthorFeed", author_feed),
    xrpc("app.bsky.feed.getTimeline", timeline, auth="access"),
    xrpc("app.bsky.feed.searchPosts", search_posts),
    xrpc("app.bsky.feed.getLikes", _marks("likes", "likes")),
    xrpc("app.bsky.feed.getRepostedBy", _marks("reposts", "repostedBy")),
    xrpc("app.bsky.feed.getQuotes", get_quotes),
    xrpc("app.bsky.actor.getProfile", get_profile),
    xrpc("app.bsky.actor.getProfiles", get_profiles),
    xrpc("app.bsky.notification.listNotifications", list_notifications, auth="access"),
    xrpc("app.bsky.notification.getUnreadCount", unread_count, auth="access"),
    xrpc("app.bsky.notification.updateSeen", update_seen, "POST", auth="access"),
]
