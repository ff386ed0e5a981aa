"""Comments, one level of answers, reactions, and what they add up to."""

from __future__ import annotations

import time
from typing import Any, Final

from starlette.responses import Response

from socialops.sandbox.linkedin import notifications
from socialops.sandbox.linkedin.call import (
    Call,
    LinkedInError,
    activity_of,
    created,
    denied,
    gone,
    invalid,
    no_content,
    post_of,
    urn_of,
)
from socialops.sandbox.linkedin.posts import remove, utf16
from socialops.sandbox.models import LINKEDIN, Account, Post
from socialops.sandbox.world import World

COMMENT: Final = 1_250
ACTORS: Final = {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER", "RECRUITING_POSTER"}
READERS: Final = {"ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"}
LAG: Final = "linkedin:lag"  # setting: for how many seconds a new post can't be commented
MENTIONS: Final = {
    "com.linkedin.common.MemberAttributedEntity": "member",
    "com.linkedin.common.CompanyAttributedEntity": "company",
}
REACTIONS: Final = ("LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT")


def _above(call: Call) -> Post:
    """The post or comment in the path."""
    found = post_of(call.world, str(call.path[1]))
    if found is None:
        raise gone(str(call.path[1]))
    return found


def root_of(world: World, post: Post) -> Post:
    return world.posts.objects[post.root] if post.root else post


def add_comment(world: World, author: Account, above: Post, text: str, *, source: str = "client", **facts: Any) -> Post:
    """An answer to an answer hangs beside it: there is one level."""
    root = root_of(world, above)
    parent = above if not above.reply_to or above.reply_to == root.id else world.posts.objects[above.reply_to]
    key = f"urn:li:comment:({activity_of(root)},{world.next_id()})"
    comment = Post(key, LINKEDIN, author.id, text, world.now(), source, parent.id, root.id, facts=facts)
    world.add_post(comment)
    world.notify(root.account_id, "reply", author.id, comment.id)
    return comment


def comment_json(call: Call, comment: Post) -> dict[str, Any]:
    world = call.world
    actor = urn_of(world.accounts.objects[comment.account_id])
    made = int(comment.created_at * 1000)
    root = root_of(world, comment)
    answers = len(world.replies(comment.id))
    body: dict[str, Any] = {
        "id": comment.id.rpartition(",")[2].rstrip(")"),
        "commentUrn": comment.id,
        "actor": actor,
        "object": activity_of(root),
        "message": {"text": comment.text, "attributes": comment.facts.get("attributes", [])},
        "created": {"actor": actor, "time": made},
        "lastModified": {"actor": actor, "time": int((comment.edited_at or comment.created_at) * 1000)},
        "likesSummary": {"totalLikes": len(comment.likes), "aggregatedTotalLikes": len(comment.likes)},
    }
    if answers:
        body["commentsSummary"] = {"totalFirstLevelComments": answers, "aggregatedTotalComments": answers}
    return body if comment.reply_to == root.id else {**body, "parentComment": comment.reply_to}


def _may_read(call: Call, root: Post) -> bool:
    """False for a recruiting poster, who sees an empty list; denied for others without a role."""
    author = call.world.accounts.objects[root.account_id]
    if author.id == call.member.id:
        call.need("r_member_social_feed")
        return True
    call.need("r_organization_social_feed")
    roles = call.roles(author.id)
    if roles & READERS or root.source == "crowd":
        return True
    if "RECRUITING_POSTER" in roles:
        return False
    raise denied("socialActions/comments.GET_ALL.20260901")


async def list_comments(call: Call) -> dict[str, Any]:
    above = _above(call)
    comments = call.world.replies(above.id) if _may_read(call, root_of(call.world, above)) else []
    body = call.paged(comments, default=10, most=100)
    return {**body, "elements": [comment_json(call, comment) for comment in body["elements"]]}


def _text(message: Any) -> tuple[str, list[dict[str, Any]]]:
    if not isinstance(message, dict) or not isinstance(message.get("text"), str) or not message["text"].strip():
        raise invalid("message/text", "field is required but not found and has no default value")
    text, attributes = message["text"], message.get("attributes", [])
    if utf16(text) > COMMENT:
        raise invalid("message/text", f"is too long: at most {COMMENT} characters")
    for item in attributes:
        kind = next(iter(item.get("value") or {}), "")
        if kind not in MENTIONS or not str(item["value"][kind].get(MENTIONS[kind], "")).startswith("urn:li:"):
            raise invalid("message/attributes", "each needs start, length and an attributed entity as value")
        if item.get("start", -1) < 0 or item["start"] + item.get("length", 0) > utf16(text):
            raise invalid("message/attributes", "a range lies outside of the text")
    return text, attributes


async def create_comment(call: Call) -> Response:
    above = _above(call)
    root = root_of(call.world, above)
    for name in sorted(set(call.body) - {"actor", "object", "parentComment", "message", "content"}):
        raise invalid(name, "unrecognized field found but not allowed")
    if call.body.get("content"):
        text = (
            "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/content]"
        )
        raise LinkedInError(403, "ACCESS_DENIED", text, service_code=100)
    actor = _actor(call, call.body.get("actor"))
    if call.body.get("object") not in {root.id, activity_of(root)}:
        raise invalid("object", "is not the entity in the path")
    if call.body.get("parentComment", above.id) != above.id or (above.reply_to and "parentComment" not in call.body):
        raise invalid("parentComment", "is not the comment in the path")
    if time.time() - root.created_at < float(call.world.setting(LAG, "0")):
        raise gone(root.id)
    text, attributes = _text(call.body.get("message"))
    comment = add_comment(call.world, actor, above, text, attributes=attributes)
    call.log(actor, text, comment.id)
    return created(comment.id.rpartition(",")[2].rstrip(")"), comment_json(call, comment))


def _actor(call: Call, urn: Any) -> Account:
    return call.acts_for(
        urn, "actor", page_scope="w_organization_social_feed", member_scope="w_member_social_feed", roles=ACTORS
    )


def _comment(call: Call) -> Post:
    """The comment in the path, by its number under its thread."""
    root = root_of(call.world, _above(call))
    found = call.world.posts.get(f"urn:li:comment:({activity_of(root)},{call.path[3]})")
    if found is None:
        raise gone(f"comment {call.path[3]}")
    return found


async def read_comment(call: Call) -> dict[str, Any]:
    comment = _comment(call)
    _may_read(call, root_of(call.world, comment))
    return comment_json(call, comment)


async def update_comment(call: Call) -> Response:
    comment, actor = _comment(call), _actor(call, call.text("actor"))
    if comment.account_id != actor.id:
        raise denied("socialActions/comments.PARTIAL_UPDATE.20260901")
    patch = call.body.get("patch")
    changes = (patch.get("message") or {}).get("$set") if isinstance(patch, dict) else None
    comment.text, attributes = _text(changes)
    comment.facts["attributes"] = attributes
    comment.edited_at = call.world.now()
    call.world.posts.put(comment)
    call.log(actor, comment.text, comment.id)
    notifications.tell(call.world, root_of(call.world, comment), "COMMENT_EDIT", comment)
    return no_content()


async def delete_comment(call: Call) -> Response:
    """By its author, or by the Page under whose post it stands."""
    comment, actor = _comment(call), _actor(call, call.text("actor"))
    root = root_of(call.world, comment)
    if actor.id not in {comment.account_id, root.account_id}:
        raise denied("socialActions/comments.DELETE.20260901")
    notifications.tell(call.world, root, "COMMENT_DELETE", comment)
    remove(call.world, comment)
    call.log(actor, "", comment.id)
    return no_content()


# ---------------------------------------------------------------- reactions


async def react(call: Call) -> Response:
    actor = _actor(call, call.text("actor"))
    entity = post_of(call.world, str(call.body.get("root") or ""))
    if entity is None:
        raise gone(str(call.body.get("root")))
    if call.body.get("reactionType") not in REACTIONS:
        raise invalid("reactionType", "is not a valid value")
    if actor.id in entity.likes:
        raise LinkedInError(409, "CONFLICT", "The actor has already reacted to this entity")
    entity.likes.append(actor.id)
    call.world.posts.put(entity)
    call.log(actor, "", entity.id)
    return created(f"urn:li:reaction:({urn_of(actor)},{entity.id})", {"reactionType": call.body["reactionType"]})


def _entity(call: Call, key: Any) -> Post:
    entity = post_of(call.world, str(key.get("entity") or "")) if isinstance(key, dict) else None
    if entity is None:
        raise gone(str(key))
    return entity


async def unreact(call: Call) -> Response:
    key = call.path[1]
    actor, entity = _actor(call, key.get("actor") if isinstance(key, dict) else None), _entity(call, key)
    if actor.id not in entity.likes:
        raise gone("the reaction")
    entity.likes.remove(actor.id)
    call.world.posts.put(entity)
    call.log(actor, "", entity.id)
    return no_content()


async def list_reactions(call: Call) -> dict[str, Any]:
    entity = _entity(call, call.path[1])
    _may_read(call, root_of(call.world, entity))
    actors = [urn_of(call.world.accounts.objects[key]) for key in entity.likes if key in call.world.accounts]
    rows = [
        {"id": f"urn:li:reaction:({actor},{entity.id})", "reactionType": "LIKE", "root": entity.id} for actor in actors
    ]
    return call.paged(rows, default=10, most=100)


async def metadata(call: Call) -> dict[str, Any]:
    entity = _above(call)
    _may_read(call, root_of(call.world, entity))
    top = call.world.replies(entity.id)
    every = len(top) + sum(len(call.world.replies(comment.id)) for comment in top)
    reactions = {"LIKE": {"reactionType": "LIKE", "count": len(entity.likes)}} if entity.likes else {}
    return {
        "entity": entity.id,
        "reactionSummaries": reactions,
        "commentSummary": {"count": every, "topLevelCount": len(top)},
        "commentsState": "OPEN",
    }
