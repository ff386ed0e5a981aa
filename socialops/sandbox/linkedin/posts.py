"""Posts: create, read, list, edit, delete. As strict as LinkedIn about fields, as lax about lost text."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from socialops.sandbox.linkedin import little, polls, targeting
from socialops.sandbox.linkedin.call import (
    POSTS_A_DAY,
    Call,
    LinkedInError,
    created,
    denied,
    invalid,
    no_content,
    spend,
    urn_of,
)
from socialops.sandbox.models import LINKEDIN, Account, Media, Post
from socialops.sandbox.polls import poll_of
from socialops.sandbox.world import World

TEXT: Final = 3_000
ALT_TEXT: Final = 4_086
DUPLICATE_SECONDS: Final = 600
POSTERS: Final = {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"}
READERS: Final = {"ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER", "CONTENT_ADMINISTRATOR"}
REQUIRED: Final = ("author", "commentary", "visibility", "distribution", "lifecycleState")
KNOWN: Final = {*REQUIRED, "content", "isReshareDisabledByAuthor", "reshareContext", "contentCallToActionLabel"}
VISIBILITIES: Final = ("PUBLIC", "CONNECTIONS", "LOGGED_IN")
RESHARED: Final = re.compile(r"urn:li:(groupPost|share|ugcPost):[\w-]+")
MEDIA_KINDS: Final = {"media": ("image", "video", "document")}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def create(call: Call) -> Response:
    body = call.body
    for name in sorted(set(body) - KNOWN):
        raise invalid(name, "unrecognized field found but not allowed")
    for name in REQUIRED:
        if name not in body:
            raise invalid(name, "field is required but not found and has no default value")
    author = call.acts_for(
        body["author"], "author", page_scope="w_organization_social", member_scope="w_member_social", roles=POSTERS
    )
    _check_settings(author, body)
    commentary = _commentary(body["commentary"])
    media = _check_content(call, author, body.get("content"))
    parent = _check_reshare(call.world, body)
    if not commentary.strip() and not body.get("content") and not parent:
        raise invalid("commentary", "a post needs a text or a content")
    print_of = fingerprint(body)
    _check_duplicate(call.world, author, print_of)
    spend(call.world, author.id, "MEMBER", POSTS_A_DAY)
    post = add_post(
        call.world,
        author,
        commentary,
        media,
        **polls.shown(call.world, body.get("content")),
        visibility=body["visibility"],
        reshare_disabled=bool(body.get("isReshareDisabledByAuthor")),
        fingerprint=print_of,
        quotes=parent,
        targeted=body["distribution"].get("targetEntities") or [],
    )
    call.log(author, post.text, post.id)
    return created(post.id)


def _check_reshare(world: World, body: dict[str, Any]) -> str:
    """The URN of the post that is reshared, "" for none. Nothing may stand beside it."""
    context = body.get("reshareContext")
    if context is None:
        return ""
    if not isinstance(context, dict) or set(context) != {"parent"}:
        raise invalid("reshareContext/parent", "field is required but not found and has no default value")
    urn = str(context["parent"])
    if not RESHARED.fullmatch(urn):
        raise invalid(
            "reshareContext/parent", f"Invalid URN type: {urn}. Allowed URN types are groupPost, share, ugcPost"
        )
    parent = world.posts.get(urn)
    if parent is None or not parent.live or parent.facts.get("reshare_disabled"):
        raise invalid("reshareContext/parent", f"{urn} does not exist or can't be reshared")
    if body.get("content"):
        raise invalid("content", "can't be set together with reshareContext")
    return urn


def _check_settings(author: Account, body: dict[str, Any]) -> None:
    visibility = body["visibility"]
    if visibility not in VISIBILITIES or (visibility == "CONNECTIONS" and author.role == "brand"):
        raise invalid("visibility", f'"{visibility}" is not a valid value here')
    if body["lifecycleState"] != "PUBLISHED":
        raise invalid("lifecycleState", "only PUBLISHED is accepted on create")
    distribution = body["distribution"]
    if not isinstance(distribution, dict) or distribution.get("feedDistribution") not in {"MAIN_FEED", "NONE"}:
        raise invalid("distribution/feedDistribution", "field is required")
    targeting.check(author, distribution.get("targetEntities"))


def _commentary(value: Any) -> str:
    if not isinstance(value, str):
        raise invalid("commentary", "must be a string")
    if utf16(value) > TEXT:
        raise invalid(
            "commentary", f"ShareCommentary text length ({utf16(value)} characters) exceeded the maximum ({TEXT})"
        )
    return value


def _check_content(call: Call, author: Account, content: Any) -> list[str]:
    """The ids of its files. One of media, multiImage, article and poll."""
    if content is None:
        return []
    if not isinstance(content, dict) or len(content) != 1:
        raise invalid("content", "exactly one of media, multiImage, article, poll")
    [(kind, value)] = content.items()
    if not isinstance(value, dict):
        raise invalid(f"content/{kind}", "must be an object")
    if kind == "media":
        return [_file(call, author, value, "content/media", ("image", "video", "document"))]
    if kind == "multiImage":
        images = value.get("images")
        if not isinstance(images, list) or not 2 <= len(images) <= 20:
            raise invalid("content/multiImage/images", "must have 2 to 20 images")
        return [_file(call, author, item, "content/multiImage/images", ("image",)) for item in images]
    if kind == "article":
        return _article(call, author, value)
    if kind == "poll":
        polls.check(value)
        return []
    raise invalid(f"content/{kind}", "unrecognized field found but not allowed")


def _article(call: Call, author: Account, value: dict[str, Any]) -> list[str]:
    for name in sorted(set(value) - {"source", "title", "description", "thumbnail"}):
        raise invalid(f"content/article/{name}", "unrecognized field found but not allowed")
    source = urlsplit(str(value.get("source") or ""))
    if source.scheme not in {"http", "https"} or not source.netloc:
        raise invalid("content/article/source", "is not a valid URL")
    if not str(value.get("title") or "").strip() or len(value["title"]) > 400:
        raise invalid("content/article/title", "field is required, of at most 400 characters")
    if thumbnail := value.get("thumbnail"):
        _file(call, author, {"id": thumbnail}, "content/article/thumbnail", ("image",))
    return []


def _file(call: Call, author: Account, item: Any, field: str, kinds: tuple[str, ...]) -> str:
    if not isinstance(item, dict) or set(item) - {"id", "altText", "title"}:
        raise invalid(field, "unrecognized field found but not allowed")
    key = str(item.get("id") or "")
    media = call.world.media.get(key)
    if media is None or media.network != LINKEDIN or key.split(":")[2] not in kinds:
        raise LinkedInError(400, "INVALID_URN_ID", f"/{field}/id: {key!r} is no {' or '.join(kinds)}")
    if media.account_id != author.id:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"/{field}/id: the owner of {key} is not the author")
    if len(str(item.get("altText") or "")) > ALT_TEXT:
        raise invalid(f"{field}/altText", f"is too long: at most {ALT_TEXT} characters")
    status = media_status(media)
    if status == "PROCESSING_FAILED":
        raise LinkedInError(400, "MEDIA_ASSET_PROCESSING_FAILED", f"The processing of {key} failed")
    if status != "AVAILABLE":
        raise LinkedInError(400, "MEDIA_ASSET_WAITING_UPLOAD", f"{key} is not available yet")
    if ":document:" in key and not str(item.get("title") or "").strip():
        raise invalid(f"{field}/title", "a document must have a title")
    media.alt = str(item.get("altText") or media.alt)
    media.facts["title"] = str(item.get("title") or "")
    call.world.media.put(media)
    return key


def media_status(media: Media) -> str:
    if not media.facts.get("uploaded"):
        return "WAITING_UPLOAD"
    if media.ready_at > time.time():
        return "PROCESSING"
    return "PROCESSING_FAILED" if media.facts.get("fails") else "AVAILABLE"


def fingerprint(body: dict[str, Any]) -> str:
    """What makes two posts identical; freshly uploaded files never do."""
    shown = [body.get("content"), body.get("reshareContext")]
    same = json.dumps([body.get("author"), body.get("commentary"), *shown], sort_keys=True)
    return hashlib.sha256(same.encode()).hexdigest()


def _check_duplicate(world: World, author: Account, mark: str) -> None:
    for post in world.posts_of(author.id)[:50]:
        recent = time.time() - post.created_at < DUPLICATE_SECONDS
        if recent and not post.reply_to and post.facts.get("fingerprint") == mark:
            raise LinkedInError(422, "", f"Content is a duplicate of {post.id}")


def add_post(world: World, author: Account, commentary: str, media: list[str], **facts: Any) -> Post:
    """Videos and documents make ugcPosts, the rest shares. The text is what LinkedIn read of the commentary."""
    pieces = little.read(commentary)
    kind = "ugcPost" if any(":video:" in key or ":document:" in key for key in media) else "share"
    facts["commentary"] = little.write(pieces)
    facts["mentioned"] = [piece.urn for piece in pieces if piece.kind == "mention"]
    # every second number: the one after a post's is its activity's
    post = Post(
        f"urn:li:{kind}:{int(world.next_id()) * 2}",
        LINKEDIN,
        author.id,
        little.shown(pieces),
        world.now(),
        media=media,
        facts=facts,
    )
    world.add_post(post)
    for key in media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    return post


# ---------------------------------------------------------------- reading


def node(call: Call, post: Post) -> dict[str, Any]:
    author = call.world.accounts.objects[post.account_id]
    made = int(post.created_at * 1000)
    body: dict[str, Any] = {
        "id": post.id,
        "author": urn_of(author),
        "commentary": post.facts.get("commentary", ""),
        "visibility": post.facts.get("visibility", "PUBLIC"),
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": post.facts.get("targeted") or [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": bool(post.edited_at)},
        "isReshareDisabledByAuthor": post.facts.get("reshare_disabled", False),
        "createdAt": made,
        "publishedAt": made,
        "lastModifiedAt": int((post.edited_at or post.created_at) * 1000),
    }
    if parent := post.facts.get("quotes"):
        above = call.world.posts.get(parent)
        root = above.facts.get("quotes") if above else ""
        body["reshareContext"] = {"parent": parent, "root": root or parent}
    content = {"poll": polls.node(post)} if poll_of(post) else post.facts.get("content")
    return {**body, "content": content} if content else body


def readable(call: Call, author: Account) -> None:
    """A Page's posts by who has a role there; a member's own only with a permission nobody gets any more."""
    if author.id == call.member.id:
        call.need("r_member_social")
        return
    call.need("r_organization_social")
    if not call.roles(author.id) & READERS:
        raise denied(f"posts.{call.method}.20260901")


async def read(call: Call) -> dict[str, Any]:
    post = call.post(call.path[1])
    if post.source != "crowd":
        readable(call, call.world.accounts.objects[post.account_id])
    return node(call, post)


async def read_many(call: Call) -> dict[str, Any]:
    results, errors = {}, {}
    for urn in call.query["ids"]:
        try:
            post = call.post(str(urn))
            readable(call, call.world.accounts.objects[post.account_id])
            results[urn] = node(call, post)
        except LinkedInError as error:
            errors[urn] = error.body
    return {"results": results, "statuses": dict.fromkeys(results, 200), "errors": errors}


async def by_author(call: Call) -> dict[str, Any]:
    author = call.world.accounts.get(call.text("author"))
    if author is None:
        raise LinkedInError(400, "INVALID_URN_ID", "/author")
    readable(call, author)
    posts = [post for post in call.world.posts_of(author.id) if not post.reply_to and post.live]
    if call.query.get("sortBy", "LAST_MODIFIED") == "LAST_MODIFIED":
        posts.sort(key=lambda post: post.edited_at or post.created_at, reverse=True)
    body = call.paged(posts, default=10, most=100)
    return {**body, "elements": [node(call, post) for post in body["elements"]]}


# ---------------------------------------------------------------- changing


def _own(call: Call, post: Post) -> Account:
    author = call.world.accounts.objects[post.account_id]
    return call.acts_for(
        urn_of(author), "author", page_scope="w_organization_social", member_scope="w_member_social", roles=POSTERS
    )


async def update(call: Call) -> Response:
    post = call.post(call.path[1])
    author = _own(call, post)
    changes = (call.body.get("patch") or {}).get("$set")
    if not isinstance(changes, dict) or not changes:
        raise invalid("patch/$set", "field is required")
    for name in sorted(
        set(changes) - {"commentary", "contentCallToActionLabel", "contentLandingPage", "lifecycleState"}
    ):
        raise invalid(f"patch/$set/{name}", "this field can't be updated")
    if "commentary" in changes:
        pieces = little.read(_commentary(changes["commentary"]))
        post.text, post.edited_at = little.shown(pieces), call.world.now()
        post.facts.update(commentary=little.write(pieces), fingerprint="")
    call.world.posts.put(post)
    call.log(author, post.text, post.id)
    return no_content()


async def delete(call: Call) -> Response:
    """Idempotent: what is gone is gone."""
    post = call.world.posts.get(str(call.path[1]))
    if post is None or post.reply_to:
        return no_content()
    author = _own(call, post)
    remove(call.world, post)
    call.log(author, "", post.id)
    return no_content()


def remove(world: World, post: Post) -> None:
    """With all that hangs under it."""
    for reply in list(world.replies(post.id)):
        remove(world, reply)
    world.remove_post(post)
