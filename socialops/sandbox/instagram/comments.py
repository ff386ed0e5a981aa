"""Comments on an account's media, their replies, and answers to mentions elsewhere."""

from __future__ import annotations

from typing import Any

from socialops.sandbox.graph.call import Call, GraphError, missing
from socialops.sandbox.graph.fields import paged, parse_fields
from socialops.sandbox.graph.hooks import tell
from socialops.sandbox.instagram.access import names, own_account, own_comment, own_media
from socialops.sandbox.instagram.nodes import comment_node, comments_of
from socialops.sandbox.models import INSTAGRAM, Account, Post
from socialops.sandbox.world import World

LENGTH = 2_200


async def list_comments(call: Call) -> dict[str, Any]:
    post = own_media(call, "basic")
    fields = parse_fields(call.params.text("fields"))
    return paged(call, comments_of(call, post), lambda c: comment_node(call, c, fields), default=50, most=50)


async def list_replies(call: Call) -> dict[str, Any]:
    comment = own_comment(call, "basic")
    fields = parse_fields(call.params.text("fields"))
    return paged(call, call.world.replies(comment.id), lambda c: comment_node(call, c, fields), default=50, most=50)


def _text(call: Call) -> str:
    text = call.params.text("message")
    if not text.strip() or len(text) > LENGTH:
        raise GraphError(100, "(#100) The parameter message is required, with at most 2,200 characters.")
    return text


async def create_comment(call: Call) -> dict[str, Any]:
    post = own_media(call, "manage_comments")
    if not post.facts.get("comments", True):
        raise GraphError(10, "(#10) Comments are turned off for this media.")
    return _made(call, post)


async def create_reply(call: Call) -> dict[str, Any]:
    return _made(call, own_comment(call, "manage_comments"))


async def answer_mention(call: Call) -> dict[str, Any]:
    """`POST /{ig-id}/mentions`: a comment under somebody else's media that names the account."""
    account = own_account(call, "manage_comments")
    media_id, comment_id = call.params.text("media_id"), call.params.text("comment_id")
    post = call.world.posts.get(comment_id or media_id)
    if post is None or (comment_id and post.root != media_id):
        raise missing(comment_id or media_id, "post")
    if not names(post.text, account):
        if account.id in post.facts.get("tagged", []):
            raise GraphError(100, "(#100) The account is tagged in this media, and not mentioned in its caption.")
        raise missing(comment_id or media_id, "post")
    return _made(call, post)


def _made(call: Call, above: Post) -> dict[str, Any]:
    author = call.world.accounts.objects[call.account.id]
    comment = add_comment(call.world, author, above, _text(call))
    call.log(comment.text, comment.id)
    return {"id": comment.id}


def add_comment(world: World, author: Account, above: Post, text: str, *, source: str = "client") -> Post:
    """Under a media or a comment; a reply to a reply stands beside it."""
    if above.reply_to and above.reply_to != above.root:
        above = world.posts.objects[above.reply_to]
    root = above.root or above.id
    post = Post(world.next_id(), INSTAGRAM, author.id, text, world.now(), source, above.id, root)
    world.add_post(post)
    media = world.posts.objects[root]
    world.notify(media.account_id, "reply", author.id, post.id)
    value: dict[str, Any] = {
        "from": {"id": author.id, "username": author.handle},
        "media": {"id": root, "media_product_type": media.facts.get("product", "FEED")},
        "id": post.id,
        "text": text,
    }
    if above.reply_to:
        value["parent_id"] = above.id
    owner = world.accounts.objects[media.account_id]
    if owner.role == "brand":
        tell(world, owner, "comments", {"changes": [{"field": "comments", "value": value}]})
    for brand in world.brands(INSTAGRAM):
        if brand.id not in {owner.id, author.id} and names(text, brand):
            _tell_mentioned(world, brand, value)
    return post


def _tell_mentioned(world: World, brand: Account, comment: dict[str, Any]) -> None:
    """Who is named under somebody else's media: by its ids alone with Facebook Login, whole and among the comments with Instagram's own."""
    told = world.subscriptions.get(f"{INSTAGRAM}:{brand.id}")
    if told and "mentions" in told.events:
        ids = {"media_id": comment["media"]["id"], "comment_id": comment["id"]}
        tell(world, brand, "mentions", {"changes": [{"field": "mentions", "value": ids}]})
    else:
        tell(world, brand, "comments", {"changes": [{"field": "comments", "value": comment}]})
