"""Graph nodes as JSON: pages, posts, comments, photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socialops.sandbox.facebook.carousel import children_of, shared
from socialops.sandbox.facebook.videos import video_node
from socialops.sandbox.graph.call import Call, GraphError, graph_time, missing, owner_page
from socialops.sandbox.graph.fields import Field, parse_fields, select
from socialops.sandbox.graph.oauth import TASKS, page_token
from socialops.sandbox.models import FACEBOOK, Account, Media, Post

Values = dict[str, Callable[[Field], Any]]


def _picture(call: Call, account: Account) -> dict[str, Any]:
    url = f"{call.base}/avatar/{account.id}.svg"
    return {"data": {"height": 50, "width": 50, "is_silhouette": False, "url": url}}


def page_values(call: Call, page: Account) -> Values:
    base = call.base
    return {
        "id": lambda _: page.id,
        "name": lambda _: page.name,
        "username": lambda _: page.handle,
        "category": lambda _: page.note,
        "category_list": lambda _: [{"id": "1", "name": page.note}],
        "about": lambda _: page.note,
        "link": lambda _: f"{base}/{page.handle}",
        "picture": lambda _: _picture(call, page),
        "followers_count": lambda _: page.followers,
        "fan_count": lambda _: page.followers,
        "is_published": lambda _: True,
        "verification_status": lambda _: "not_verified",
        "tasks": lambda _: TASKS if call.token.kind == "user" else None,
        "access_token": lambda _: (
            page_token(call.world, call.token, page) if call.token.kind == "user" else call.token.id
        ),
        "instagram_business_account": lambda _: None,
        "connected_instagram_account": lambda _: None,
    }


def account_node(call: Call, account: Account, fields: list[Field]) -> dict[str, Any]:
    if account.role == "brand":
        return select(page_values(call, account), fields, ("name",), "Page")
    values: Values = {
        "id": lambda _: account.id,
        "name": lambda _: account.name,
        "first_name": lambda _: account.name.split()[0],
        "last_name": lambda _: account.name.split()[-1],
        "email": lambda _: f"{account.handle}@example.com",
        "picture": lambda _: _picture(call, account),
    }
    return select(values, fields, ("name",), "User")


def person_json(call: Call, account_id: str) -> dict[str, str]:
    return {"name": call.world.accounts.objects[account_id].name, "id": account_id}


def permalink(call: Call, post: Post) -> str:
    base = call.base
    root = call.world.posts.get(post.root) if post.root else post
    if root is None:
        return base
    handle = call.world.accounts.objects[root.account_id].handle
    link = f"{base}/{handle}/posts/{root.id.rpartition('_')[2]}"
    return f"{link}?comment_id={post.id.rpartition('_')[2]}" if post.root else link


def photo_url(call: Call, media: Media) -> str:
    return f"{call.base}/media/{media.id}"


def attachments(call: Call, post: Post) -> dict[str, Any] | None:
    if post.facts.get("cards"):
        return {"data": [shared(call, post, permalink(call, post))]}
    photos = [m for key in post.media if (m := call.world.media.get(key))]
    if photos and photos[0].mime.startswith("video/"):
        film = photos[0]
        target = {"id": film.id, "url": permalink(call, post)}
        return {"data": [{"media_type": "video", "type": "video_inline", "target": target, "url": target["url"]}]}
    if photos:
        items = [
            {
                "media_type": "photo",
                "type": "photo",
                "description": post.text,
                "target": {"id": m.id, "url": photo_url(call, m)},
                "url": photo_url(call, m),
                "media": {"image": {"src": photo_url(call, m), "width": m.width, "height": m.height}},
            }
            for m in photos
        ]
        if len(items) == 1:
            return {"data": items}
        album = {"media_type": "album", "type": "album", "target": {"id": post.id}, "url": permalink(call, post)}
        return {"data": [{**album, "subattachments": {"data": items}}]}
    if link := post.facts.get("link"):
        share = {
            "media_type": "link",
            "type": "share",
            "title": link,
            "url": link,
            "unshimmed_url": link,
            "target": {"url": link},
        }
        return {"data": [share]}
    return None


def _edge(items: list[dict[str, Any]], wanted: Field) -> dict[str, Any]:
    limit = int(wanted.modifiers.get("limit", "25") or 0)
    body: dict[str, Any] = {"data": items[:limit]}
    if "summary" in wanted.modifiers:
        body["summary"] = {"total_count": len(items)}
    return body


def every_comment(call: Call, post: Post) -> list[Post]:
    """Comments and their replies, oldest first."""
    found: list[Post] = []
    for reply in call.world.replies(post.id):
        found += [reply, *every_comment(call, reply)]
    return sorted(found, key=lambda p: p.created_at)


def post_node(call: Call, post: Post, fields: list[Field]) -> dict[str, Any]:
    def comments(wanted: Field) -> dict[str, Any]:
        body = _edge([{"id": c.id} for c in call.world.replies(post.id)], wanted)
        shown = call.world.replies(post.id)[: len(body["data"])]
        body["data"] = [comment_node(call, c, wanted.fields) for c in shown]
        if "summary" in wanted.modifiers:
            body["summary"].update(order="ranked", can_comment=True, total_count=len(every_comment(call, post)))
        return body

    likes = [person_json(call, key) for key in post.likes if key in call.world.accounts]
    first = call.world.media.get(post.media[0]) if post.media else None
    application = {"category": "Business", "name": "SocialOps", "id": "sandbox-app"}
    values: Values = {
        "id": lambda _: post.id,
        "message": lambda _: post.text or None,
        "story": lambda _: None,
        "created_time": lambda _: graph_time(post.created_at),
        "updated_time": lambda _: graph_time(post.edited_at or post.created_at),
        "permalink_url": lambda _: permalink(call, post),
        "status_type": lambda _: (
            "added_photos"
            if post.media and not post.facts.get("cards")
            else "shared_story"
            if post.facts.get("link")
            else "mobile_status_update"
        ),
        "from": lambda _: person_json(call, post.account_id),
        "is_published": lambda _: post.live,
        "is_hidden": lambda _: post.hidden,
        "is_expired": lambda _: False,
        "targeting": lambda _: post.facts.get("targeting"),
        "place": lambda _: {"id": post.facts["place"]} if post.facts.get("place") else None,
        "full_picture": lambda _: photo_url(call, first) if first else None,
        "attachments": lambda _: attachments(call, post),
        "child_attachments": lambda _: children_of(call, post),
        "application": lambda _: application if post.source == "client" else None,
        "shares": lambda _: {"count": len(post.reposts)} if post.reposts else None,
        "reactions": lambda w: _edge([{**who, "type": "LIKE"} for who in likes], w),
        "likes": lambda w: _edge(list(likes), w),
        "comments": comments,
    }
    return select(values, fields, ("created_time", "message"), "Post")


def _counts(call: Call, post: Post | None) -> Values:
    """The likes and comments of a video are those of its post."""
    likes = [person_json(call, key) for key in (post.likes if post else ()) if key in call.world.accounts]

    def comments(wanted: Field) -> dict[str, Any]:
        every = every_comment(call, post) if post else []
        return _edge([comment_node(call, comment, wanted.fields) for comment in every], wanted)

    return {"likes": lambda w: _edge(list(likes), w), "comments": comments}


def comment_node(call: Call, comment: Post, fields: list[Field]) -> dict[str, Any]:
    def parent(_: Field) -> dict[str, str] | None:
        above = call.world.posts.get(comment.reply_to)
        return {"id": above.id} if above and above.reply_to else None

    mine = comment.account_id == call.account.id
    readable = mine or "pages_read_user_content" in call.token.scopes
    values: Values = {
        "id": lambda _: comment.id,
        "message": lambda _: comment.text,
        "from": lambda _: person_json(call, comment.account_id) if readable else None,
        "created_time": lambda _: graph_time(comment.created_at),
        "parent": parent,
        "object": lambda _: {"id": comment.root},
        "comment_count": lambda _: len(call.world.replies(comment.id)),
        "like_count": lambda _: len(comment.likes),
        "is_hidden": lambda _: comment.hidden,
        "can_hide": lambda _: not mine,
        "can_remove": lambda _: True,
        "can_comment": lambda _: True,
        "can_reply_privately": lambda _: not mine,
        "user_likes": lambda _: call.account.id in comment.likes,
        "permalink_url": lambda _: permalink(call, comment),
        "attachment": lambda _: None,
        "message_tags": lambda _: None,
        "comments": lambda w: _edge([comment_node(call, c, w.fields) for c in call.world.replies(comment.id)], w),
    }
    return select(values, fields, ("created_time", "from", "message"), "Comment")


def photo_node(call: Call, media: Media, fields: list[Field]) -> dict[str, Any]:
    image = {"height": media.height, "width": media.width, "source": photo_url(call, media)}
    values: Values = {
        "id": lambda _: media.id,
        "name": lambda _: media.facts.get("caption") or None,
        "alt_text_custom": lambda _: media.alt or None,
        "alt_text": lambda _: media.alt or None,
        "created_time": lambda _: graph_time(media.created_at),
        "width": lambda _: media.width,
        "height": lambda _: media.height,
        "images": lambda _: [image],
        "source": lambda _: image["source"],
        "picture": lambda _: image["source"],
        "link": lambda _: image["source"],
        "page_story_id": lambda _: media.post_id or None,
        "from": lambda _: person_json(call, media.account_id),
    }
    return select(values, fields, ("created_time", "name"), "Photo")


def node(call: Call, object_id: str, fields: list[Field]) -> dict[str, Any]:
    """Whatever has this id, as far as the token may see it."""
    world = call.world
    account = world.accounts.get(call.account.id if object_id == "me" else object_id)
    if account is not None and account.network == FACEBOOK and account.role != "crowd":
        return account_node(call, account, fields)
    post = world.posts.get(object_id)
    media = world.media.get(object_id)
    if media is not None and "edge" in media.facts and media.account_id == call.account.id:
        return video_node(call, media, fields, _counts(call, world.posts.get(media.post_id)))
    if post is not None and post.network == FACEBOOK:
        if not readable(call, post):
            raise missing(object_id)
        return comment_node(call, post, fields) if post.reply_to else post_node(call, post, fields)
    if media is not None and media.network == FACEBOOK and media.account_id == call.account.id:
        return photo_node(call, media, fields)
    raise missing(object_id)


def readable(call: Call, post: Post) -> bool:
    """By the token of the page it stands under or names, or of the page's owner."""
    pages = {owner_page(call.world, post), *post.facts.get("tagged", [])}
    if call.token.kind == "user":
        pages = {call.world.accounts.objects[key].owner for key in pages if key in call.world.accounts}
    return call.account.id in pages and "pages_read_engagement" in call.token.scopes


async def read_node(call: Call) -> dict[str, Any]:
    return node(call, call.id, parse_fields(call.params.text("fields")))


async def read_nodes(call: Call) -> dict[str, Any]:
    """`/?ids=a,b&fields=…`: by id; one bad id fails the whole call, as on Graph."""
    ids = [key for key in call.params.text("ids").split(",") if key]
    if not ids or len(ids) > 50:
        raise GraphError(100, "(#100) Too many IDs. Maximum: 50." if ids else "(#100) The parameter ids is required")
    fields = parse_fields(call.params.text("fields"))
    return {key: node(call, key, fields) for key in ids}
