"""Publishing on a page: feed, photos, comments, likes, edit and delete."""

from __future__ import annotations

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

from socialops.sandbox.facebook.audience import read_audience
from socialops.sandbox.facebook.carousel import read_cards
from socialops.sandbox.facebook.nodes import comment_node, every_comment, photo_node, post_node, readable
from socialops.sandbox.facebook.page import add_post, check_text
from socialops.sandbox.graph.call import Call, GraphError, missing, owner_page, read_moment
from socialops.sandbox.graph.fields import paged, parse_fields
from socialops.sandbox.graph.hooks import tell
from socialops.sandbox.graph.uploads import fetch
from socialops.sandbox.images import sniff
from socialops.sandbox.models import FACEBOOK, Account, Media, Post
from socialops.sandbox.world import World

PHOTO_BYTES: Final = 4_194_304
PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff", "image/webp")


def _check_schedule(call: Call) -> None:
    if call.params.text("scheduled_publish_time"):
        # The sandbox has no clock that publishes later: saying so is better than a post that never comes.
        raise GraphError(100, "(#100) This sandbox doesn't publish scheduled posts; leave scheduled_publish_time out.")


def _attached(call: Call, page: Account) -> list[str]:
    """Photo ids from `attached_media` as a JSON list, a JSON text, or `attached_media[0]` form fields."""
    value = call.params.get("attached_media")
    numbered = [v for k, v in sorted(call.params.values.items()) if k.startswith("attached_media[")]
    items = numbered if value is None else json.loads(value) if isinstance(value, str) else value
    ids: list[str] = []
    for item in items if isinstance(items, list) else []:
        entry = json.loads(item) if isinstance(item, str) else item
        ids.append(str(entry.get("media_fbid", "")) if isinstance(entry, dict) else "")
    for key in ids:
        media = call.world.media.get(key)
        if media is None or media.account_id != page.id or media.post_id:
            raise GraphError(
                100, f"(#100) Invalid parameter: attached_media {key!r} isn't an unpublished photo of this page."
            )
    return ids


async def create_feed(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_manage_posts")
    text, link = call.params.text("message"), call.params.text("link")
    media = _attached(call, page)
    check_text(text)
    _check_schedule(call)
    if not text.strip() and not link and not media:
        raise GraphError(100, "(#100) The post is empty. Please enter a message to share.")
    if link and (urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).netloc):
        raise GraphError(100, "(#100) link URL is not properly formatted", subcode=1_609_005)
    cards = await read_cards(call, page)
    if cards and media:
        raise GraphError(100, "(#100) You can only specify one of attached_media and child_attachments.")
    facts: dict[str, Any] = {"cards": cards, "end_card": call.params.flag("multi_share_end_card", default=True)}
    post = add_post(
        call.world,
        page,
        text,
        media or [card["media"] for card in cards],
        link=link,
        **(facts if cards else {}),
        **read_audience(call),
    )
    post.live = call.params.flag("published", default=True)
    call.log(text, post.id)
    return _created(call, post)


def _created(call: Call, post: Post) -> dict[str, Any]:
    """Read after write: `?fields=` on the POST."""
    fields = parse_fields(call.request.query_params.get("fields", ""))
    return post_node(call, post, fields) if fields else {"id": post.id}


async def create_photo(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_manage_posts")
    _check_schedule(call)
    caption = call.params.text("caption") or call.params.text("message")
    check_text(caption)
    content = await _photo_bytes(call)
    kind = sniff(content)
    if kind.mime not in PHOTO_TYPES or len(content) > PHOTO_BYTES:
        text = "Photos should be smaller than 4 MB and saved as JPG, PNG, GIF, TIFF, HEIF or WebP files."
        raise GraphError(100, "Invalid parameter", subcode=1_366_046, title="Can't Read Files", text=text)
    world = call.world
    media = Media(
        id=world.next_id(),
        network=FACEBOOK,
        account_id=page.id,
        mime=kind.mime,
        size=len(content),
        created_at=time.time(),
        alt=call.params.text("alt_text_custom"),
        width=kind.width,
        height=kind.height,
        facts={"caption": caption},
    )
    world.disk.put_bytes(media.id, content)
    world.media.put(media)
    call.log(caption, media.id)
    if not call.params.flag("published", default=True):
        return {"id": media.id}
    post = add_post(world, page, caption, [media.id])
    call.log(caption, post.id)
    return {"id": media.id, "post_id": post.id}


async def _photo_bytes(call: Call) -> bytes:
    if file := call.params.file("source"):
        return await file.read()
    url = call.params.text("url")
    if not url:
        raise GraphError(324, "(#324) Requires upload file")
    return await fetch(url)


async def create_comment(call: Call) -> dict[str, Any]:
    above = call.post()
    if call.token.kind != "page":
        raise GraphError(1705, "(#1705) There was an error posting to this wall")
    if not readable(call, above):
        raise missing(call.id, "post")
    call.need("pages_manage_engagement")
    text = call.params.text("message")
    if not text.strip():
        raise GraphError(100, "(#100) The parameter message is required.")
    check_text(text)
    comment = add_comment(call.world, call.account, above, text)
    call.log(text, comment.id)
    return {"id": comment.id}


def add_comment(world: World, author: Account, above: Post, text: str, *, source: str = "client") -> Post:
    """A comment, or a reply to one; its id starts with the number of the post."""
    root = above.root or above.id
    number = root.rpartition("_")[2]
    comment = Post(f"{number}_{world.next_id()}", FACEBOOK, author.id, text, world.now(), source, above.id, root)
    world.add_post(comment)
    page = world.accounts.objects[owner_page(world, above)]
    world.notify(page.id, "reply", author.id, comment.id)
    tell_feed(world, page, comment, "add")
    return comment


def tell_feed(world: World, page: Account, post: Post, verb: str) -> None:
    """A change of the page's feed, its own deeds too."""
    author = world.accounts.objects[post.account_id]
    value: dict[str, Any] = {
        "from": {"id": author.id, "name": author.name},
        "item": "comment" if post.reply_to else "status",
        "verb": verb,
        "post_id": post.root or post.id,
        "created_time": int(post.created_at),
    }
    if post.reply_to:
        value |= {"comment_id": post.id, "parent_id": post.reply_to}
    if verb == "add":
        value["message"] = post.text
    tell(world, page, "feed", {"changes": [{"field": "feed", "value": value}]})


async def list_comments(call: Call) -> dict[str, Any]:
    post = call.post()
    if not readable(call, post):
        raise missing(call.id)
    stream = call.params.text("filter") == "stream"
    comments = every_comment(call, post) if stream else call.world.replies(post.id)
    if since := call.params.text("since"):
        comments = [c for c in comments if c.created_at >= read_moment(since, "since")]
    if call.params.text("order") == "reverse_chronological":
        comments = comments[::-1]
    fields = parse_fields(call.params.text("fields"))
    body = paged(call, comments, lambda c: comment_node(call, c, fields))
    if call.params.text("summary"):
        body["summary"] = {"order": "chronological", "total_count": len(every_comment(call, post)), "can_comment": True}
    return body


async def list_posts(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_read_engagement")
    return _list(
        call, [p for p in call.world.posts_of(page.id) if not p.reply_to and p.live and not p.facts.get("product")]
    )


async def list_tagged(call: Call) -> dict[str, Any]:
    """Posts of others that name the page."""
    page = call.own_page("pages_read_user_content")
    posts = [p for p in call.world.timeline(FACEBOOK) if page.id in p.facts.get("tagged", [])]
    return _list(call, posts)


async def list_visitors(call: Call) -> dict[str, Any]:
    """Posts of others on the page."""
    page = call.own_page("pages_read_user_content")
    return _list(call, [p for p in call.world.timeline(FACEBOOK) if page.id == p.facts.get("wall")])


def _list(call: Call, posts: list[Post]) -> dict[str, Any]:
    if since := call.params.text("since"):
        posts = [p for p in posts if p.created_at >= read_moment(since, "since")]
    if until := call.params.text("until"):
        posts = [p for p in posts if p.created_at <= read_moment(until, "until")]
    fields = parse_fields(call.params.text("fields"))
    return paged(call, posts, lambda p: post_node(call, p, fields))


async def list_photos(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_read_engagement")
    photos = [m for m in call.world.media if m.network == FACEBOOK and m.account_id == page.id and m.post_id][::-1]
    fields = parse_fields(call.params.text("fields"))
    return paged(call, photos, lambda m: photo_node(call, m, fields))


async def list_likes(call: Call) -> dict[str, Any]:
    post = call.post()
    if not readable(call, post):
        raise missing(call.id)
    names = [call.world.accounts.objects[key] for key in post.likes if key in call.world.accounts]
    body = paged(call, names, lambda a: {"id": a.id, "name": a.name})
    if call.params.text("summary"):
        body["summary"] = {"total_count": len(post.likes)}
    return body


async def like(call: Call) -> dict[str, Any]:
    post = call.post()
    if not readable(call, post):
        raise missing(call.id, call.verb)
    call.need("pages_manage_engagement")
    if call.request.method == "DELETE":
        post.likes = [key for key in post.likes if key != call.account.id]
    elif call.account.id not in post.likes:
        post.likes.append(call.account.id)
    call.world.posts.put(post)
    call.log("", post.id)
    return {"success": True}


async def change_node(call: Call) -> dict[str, Any]:
    """POST on a post or comment: new text, or hidden or not."""
    post = call.post()
    if not readable(call, post):
        raise missing(call.id, "post")
    call.need("pages_manage_engagement" if post.reply_to else "pages_manage_posts")
    if "message" in call.params or (post.facts.get("product") and "description" in call.params):
        if post.account_id != call.account.id:
            raise GraphError(200, "(#200) You can only edit what this page wrote.")
        text = call.params.text("message") or call.params.text("description")
        check_text(text)
        post.text, post.edited_at = text, time.time()
    if "is_hidden" in call.params:
        post.hidden = call.params.flag("is_hidden")
        if post.reply_to:
            tell_feed(call.world, call.account, post, "hide" if post.hidden else "unhide")
    if "is_published" in call.params:
        post.live = call.params.flag("is_published")
    call.world.posts.put(post)
    call.log(post.text, post.id)
    return {"success": True}


async def delete_node(call: Call) -> dict[str, Any]:
    """A post with all under it, a comment, or a photo."""
    media = call.world.media.get(call.id)
    if media is not None and call.id not in call.world.posts and media.account_id == call.account.id:
        call.world.media.remove(media.id)
        call.log("", call.id)
        return {"success": True}
    post = call.post()
    if not readable(call, post):
        raise missing(call.id, "delete")
    own = post.account_id == call.account.id
    call.need(
        "pages_manage_posts" if not post.reply_to else "pages_manage_engagement" if own else "pages_read_user_content"
    )
    for comment in every_comment(call, post)[::-1]:
        call.world.remove_post(comment)
    call.world.remove_post(post)
    if post.facts.get("product") == "reel":
        call.world.media.remove(post.id)
    if post.reply_to:
        tell_feed(call.world, call.account, post, "remove")
    call.log("", post.id)
    return {"success": True}
