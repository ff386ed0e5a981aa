"""Posts and replies as the API shows them: one, lists of them, hiding, deleting."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from socialops.sandbox.models import THREADS, Account, Post
from socialops.sandbox.polls import counts, poll_of
from socialops.sandbox.threads.call import Call, ThreadsError, graph_time, invalid, missing, paged, select, within
from socialops.sandbox.threads.extras import ghost_end, is_archived
from socialops.sandbox.threads.webhooks import tell
from socialops.sandbox.world import World

NAME: Final = re.compile(r"(?<![\w/@.])@([\w.]*\w)")
TYPES: Final[Mapping[str, str]] = {
    "TEXT": "TEXT_POST",
    "IMAGE": "IMAGE",
    "VIDEO": "VIDEO",
    "CAROUSEL": "CAROUSEL_ALBUM",
}
DELETIONS: Final = (100, 86_400)
UNUSED: Final = ("reposted_post",)  # known, never there
PROFILE_DEFAULT: Final = ("id",)


def shortcode(post_id: str) -> str:
    return base64.urlsafe_b64encode(int(post_id).to_bytes(8, "big")).decode().rstrip("=")


def permalink(world: World, post: Post) -> str:
    return f"/@{world.accounts.objects[post.account_id].handle}/post/{shortcode(post.id)}"


def add_post(
    world: World,
    author: Account,
    text: str,
    *,
    above: Post | None = None,
    media: list[str] | None = None,
    source: str = "client",
    **facts: Any,
) -> Post:
    """A post or a reply; whom it concerns is told."""
    named = [a.id for name in NAME.findall(text) if (a := world.find_account(THREADS, name)) and a.id != author.id]
    facts = {"media_type": "TEXT", **facts, "mentions": named}
    above_id, root = (above.id, above.root or above.id) if above else ("", "")
    post = Post(world.next_id(), THREADS, author.id, text, world.now(), source, above_id, root, facts=facts)
    post.media = media or []
    top = world.posts.get(root)
    if top is not None and top.facts.get("approvals") and top.account_id != author.id:
        post.facts["approval"], post.hidden = "pending", True
    world.add_post(post)
    for key in post.media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    _tell(world, author, post, above)
    return post


def _tell(world: World, author: Account, post: Post, above: Post | None) -> None:
    root = world.posts.get(post.root)
    if above is not None and root is not None:
        world.notify(above.account_id, "reply", author.id, post.id)
        if root.account_id != author.id and not post.facts.get("approval"):
            tell(world, "replies", root.account_id, _told(world, post))
    for account_id in post.facts["mentions"]:
        world.notify(account_id, "mention", author.id, post.id)
        tell(world, "mentions", account_id, _told(world, post))
    if above is None and author.role == "brand":
        tell(world, "publish", author.id, _told(world, post))


def _told(world: World, post: Post) -> dict[str, Any]:
    """A post inside a webhook."""
    root = world.posts.get(post.root)
    body: dict[str, Any] = {
        "id": post.id,
        "username": world.accounts.objects[post.account_id].handle,
        "text": post.text,
        "media_type": TYPES[post.facts["media_type"]],
        "permalink": world.base_url(THREADS) + permalink(world, post),
        "shortcode": shortcode(post.id),
        "timestamp": graph_time(post.created_at),
    }
    if root is not None:
        owner = world.accounts.objects[root.account_id]
        body |= {
            "replied_to": {"id": post.reply_to},
            "root_post": {"id": root.id, "owner_id": owner.id, "username": owner.handle},
        }
    return body


def values_of(call: Call, post: Post) -> dict[str, Callable[[], Any]]:
    world = call.world
    author = world.accounts.objects[post.account_id]
    base, kind = world.base_url(THREADS), post.facts["media_type"]
    carousel = kind == "CAROUSEL"

    def media_url() -> str | None:
        return f"{base}/media/{post.media[0]}" if post.media and not carousel else None

    return {
        "id": lambda: post.id,
        "media_product_type": lambda: "THREADS",
        "media_type": lambda: TYPES[kind],
        "media_url": media_url,
        "permalink": lambda: base + permalink(world, post),
        "owner": lambda: {"id": author.id} if author.id == call.me.id else None,
        "username": lambda: author.handle,
        "text": lambda: post.text or None,
        "timestamp": lambda: graph_time(post.created_at),
        "shortcode": lambda: shortcode(post.id),
        "thumbnail_url": lambda: None,
        "children": lambda: {"data": [{"id": key} for key in post.media]} if carousel else None,
        "is_quote_post": lambda: bool(post.facts.get("quotes")),
        "quoted_post": lambda: {"id": post.facts["quotes"]} if post.facts.get("quotes") else None,
        "alt_text": lambda: world.media.objects[post.media[0]].alt or None if post.media else None,
        "link_attachment_url": lambda: post.facts.get("link_attachment") or None,
        "has_replies": lambda: bool(world.replies(post.id)),
        "is_reply": lambda: bool(post.reply_to),
        "is_reply_owned_by_me": lambda: bool(post.reply_to) and author.id == call.me.id,
        "root_post": lambda: {"id": post.root} if post.root else None,
        "replied_to": lambda: {"id": post.reply_to} if post.reply_to else None,
        "hide_status": lambda: (
            ("HIDDEN" if post.hidden and not post.facts.get("approval") else "NOT_HUSHED") if post.reply_to else None
        ),
        "reply_approval_status": lambda: post.facts.get("approval") or None,
        "reply_audience": lambda: str(post.facts.get("reply_control") or "everyone").upper(),
        "topic_tag": lambda: post.facts.get("topic_tag") or None,
        "gif_url": lambda: f"https://media.giphy.com/media/{gif}/giphy.gif" if (gif := post.facts.get("gif")) else None,
        "location_id": lambda: post.facts.get("location_id") or None,
        "allowlisted_country_codes": lambda: post.facts.get("countries") or None,
        "is_spoiler_media": lambda: bool(post.facts.get("spoiler_media")),
        "text_entities": lambda: post.facts.get("spoilers") or None,
        "text_attachment": lambda: post.facts.get("long_text") or None,
        "ghost_post_status": lambda: (
            ("ARCHIVED" if is_archived(post) else "ACTIVE") if post.facts.get("ghost") else None
        ),
        "ghost_post_expiration_timestamp": lambda: graph_time(end) if (end := ghost_end(post)) else None,
        "poll_attachment": lambda: poll_json(post) if poll_of(post) else None,
        "profile_picture_url": lambda: f"{base}/avatar/{author.id}.svg",
        "is_verified": lambda: False,
        **dict.fromkeys(UNUSED, lambda: None),
    }


def poll_json(post: Post) -> dict[str, Any]:
    """With all its fields, whichever are asked for."""
    poll = post.facts["poll"]
    votes = counts(poll)
    total = sum(votes)
    body: dict[str, Any] = {"total_votes": total, "expiration_timestamp": graph_time(poll["ends_at"])}
    for letter, text, number in zip("abcd", poll["choices"], votes, strict=False):
        body[f"option_{letter}"] = text
        body[f"option_{letter}_votes_percentage"] = round(100 * number / total, 2) if total else 0
    return body


def node(call: Call, post: Post) -> dict[str, Any]:
    return select(values_of(call, post), call, ("id",))


def profile(call: Call) -> dict[str, Any]:
    me, base = call.me, call.world.base_url(THREADS)
    values: dict[str, Callable[[], Any]] = {
        "id": lambda: me.id,
        "username": lambda: me.handle,
        "name": lambda: me.name,
        "threads_profile_picture_url": lambda: f"{base}/avatar/{me.id}.svg",
        "threads_biography": lambda: me.note or None,
        "is_verified": lambda: False,
        "is_eligible_for_geo_gating": lambda: True,
        "recently_searched_keywords": list,
    }
    return select(values, call, PROFILE_DEFAULT, "ThreadsUser")


async def list_threads(call: Call) -> dict[str, Any]:
    """Our posts, newest first; ghost posts have a list of their own."""
    me = call.own()
    posts = within(call, [p for p in call.world.posts_of(me.id) if not p.reply_to and not p.facts.get("ghost")])
    return paged(call, posts, lambda p: node(call, p))


async def list_ghost_posts(call: Call) -> dict[str, Any]:
    """Those that were archived too."""
    me = call.own()
    posts = within(call, [p for p in call.world.posts_of(me.id) if p.facts.get("ghost")])
    return paged(call, posts, lambda p: node(call, p))


async def list_own_replies(call: Call) -> dict[str, Any]:
    """Of `me` what we answered; of a post its top-level replies."""
    if call.id in {"me", call.me.id}:
        posts = within(call, [p for p in call.world.posts_of(call.me.id) if p.reply_to])
        return paged(call, posts, lambda p: node(call, p))
    return _answers(call, [p for p in call.world.replies(call.post().id) if not p.facts.get("approval")])


async def conversation(call: Call) -> dict[str, Any]:
    """Replies at every level, flat."""
    if is_archived(call.post()):
        raise invalid("(#100) The post is archived.")
    return _answers(call, [p for p in below(call.world, call.post()) if not p.facts.get("approval")])


async def pending_replies(call: Call) -> dict[str, Any]:
    """Those that wait and those that were ignored, or one kind of them."""
    post, wanted = call.post(), call.params.text("approval_status")
    if wanted not in {"", "pending", "ignored"}:
        raise invalid("(#100) The parameter approval_status must be pending or ignored")
    if post.account_id != call.me.id:
        raise missing(call.id)
    if not post.facts.get("approvals"):
        raise invalid("(#100) The replies of this post need no approval.")
    waiting = [p for p in below(call.world, post) if p.facts.get("approval")]
    return _answers(call, [p for p in waiting if wanted in {"", p.facts["approval"]}])


async def manage_pending_reply(call: Call) -> dict[str, Any]:
    """Approved, it is a reply like any other; what was ignored may still be approved."""
    call.need("threads_manage_replies")
    reply = call.post()
    root = call.world.posts.get(reply.root)
    if root is None or root.account_id != call.me.id:
        raise missing(call.id, "post")
    if not reply.facts.get("approval"):
        raise invalid("(#100) The reply doesn't wait to be approved.")
    if "approve" not in call.params:
        raise invalid("(#100) The parameter approve is required")
    reply.facts["approval"] = "" if call.params.flag("approve") else "ignored"
    reply.hidden = bool(reply.facts["approval"])
    call.world.posts.put(reply)
    call.log("", reply.id)
    return {"success": True}


def below(world: World, post: Post) -> list[Post]:
    """Oldest first."""
    found: list[Post] = []
    for reply in world.replies(post.id):
        found += [reply, *below(world, reply)]
    return sorted(found, key=lambda p: p.created_at)


def _answers(call: Call, replies: list[Post]) -> dict[str, Any]:
    call.need("threads_read_replies", "threads_manage_replies")
    newest_first = call.params.flag("reverse", default=True)
    return paged(call, replies[::-1] if newest_first else replies, lambda p: node(call, p))


async def list_mentions(call: Call) -> dict[str, Any]:
    call.need("threads_manage_mentions")
    me = call.own()
    named = [p for p in reversed(call.world.posts.objects.values()) if me.id in p.facts.get("mentions", ())]
    posts = within(call, [p for p in named if p.network == THREADS])
    return paged(call, posts, lambda p: node(call, p))


async def manage_reply(call: Call) -> dict[str, Any]:
    call.need("threads_manage_replies")
    reply = call.post()
    root = call.world.posts.get(reply.root)
    if root is None or root.account_id != call.me.id or reply.account_id == call.me.id:
        raise missing(call.id, "post")
    if reply.reply_to != reply.root:
        raise invalid("(#100) Only top-level replies can be hidden.")
    if "hide" not in call.params:
        raise invalid("(#100) The parameter hide is required")
    reply.hidden = call.params.flag("hide")
    call.world.posts.put(reply)
    call.log("", reply.id)
    return {"success": True}


async def delete(call: Call) -> dict[str, Any]:
    call.need("threads_delete")
    post = call.post()
    if post.account_id != call.me.id:
        raise missing(call.id, "delete")
    if call.world.spend("threads deletions", call.me.id, limit=DELETIONS[0], window=DELETIONS[1])[0] < 0:
        raise ThreadsError(4, "(#4) The limit of deletions is reached")
    for reply in below(call.world, post)[::-1]:
        call.world.remove_post(reply)
    call.world.remove_post(post)
    call.log("", post.id)
    return {"success": True, "deleted_id": post.id}


async def keyword_search(call: Call) -> dict[str, Any]:
    """Public posts that hold the words, newest first."""
    call.need("threads_keyword_search")
    words = call.params.text("q").lower()
    if not words:
        raise invalid("(#100) The parameter q is required")
    posts = within(call, [p for p in call.world.timeline(THREADS) if words in p.text.lower()])
    return paged(call, posts, lambda p: node(call, p))
