"""Publishing: a container first, processed for a moment, then published once."""

from __future__ import annotations

import time
from typing import Any, Final

import regex

from socialops.sandbox.graph.call import Call, GraphError, missing
from socialops.sandbox.graph.fields import Field, select
from socialops.sandbox.graph.uploads import append, fetch, is_whole
from socialops.sandbox.instagram.access import OWN_LOGIN, may_see, own_account
from socialops.sandbox.instagram.tagging import read_tags, read_trial
from socialops.sandbox.models import INSTAGRAM, Account, Media, Post

CAPTION, HASHTAGS, TAGS, ALT_TEXT, COLLABORATORS = 2_200, 30, 20, 1_000, 3
IMAGE_BYTES: Final = 8 * 1024 * 1024
RATIOS: Final = (0.8, 1.91)
IMAGE_SECONDS, VIDEO_SECONDS = 0.2, 1.0
LIVES_SECONDS: Final = 86_400
CONTAINERS_A_DAY, POSTS_A_DAY = 400, 100
TYPES: Final = ("", "IMAGE", "REELS", "STORIES", "CAROUSEL", "VIDEO")
HASHTAG: Final = regex.compile(r"(?<!\w)#\w+")
AT: Final = regex.compile(r"(?<![\w@])@\w+")


def _invalid(message: str, code: int = 100, subcode: int = 0) -> GraphError:
    return GraphError(code, f"(#{code}) {message}", subcode=subcode, title="Invalid parameter", text=message)


async def create(call: Call) -> dict[str, Any]:
    account = own_account(call, "content_publish")
    kind = call.params.text("media_type").upper()
    child = call.params.flag("is_carousel_item")
    if kind not in TYPES or (kind == "VIDEO" and not child):
        raise _invalid("Only photo, reel, story or carousel can be accepted as media type.", subcode=2_207_023)
    _check_words(call, kind, child=child)
    tags = read_tags(call, kind, child=child)
    trial = read_trial(call, kind, account)
    remaining, _ = call.world.spend("instagram-containers", account.id, limit=CONTAINERS_A_DAY, window=86_400)
    if remaining < 0:
        raise _invalid("The maximum number of containers for this account has been reached.", 9, 2_207_042)
    media = _new(call, account, kind, child=child)
    media.facts |= {"tags": tags, "trial": trial}
    if call.params.flag("is_paid_partnership") and (child or call.token.kind == OWN_LOGIN):
        raise _invalid("The param is_paid_partnership isn't available here.")
    if kind == "CAROUSEL":
        media.facts["children"] = _children(call, account)
    elif call.params.text("upload_type") == "resumable":
        if call.token.kind == OWN_LOGIN or kind not in {"REELS", "STORIES", "VIDEO"}:
            raise _invalid("upload_type=resumable isn't available here.")
        call.world.media.put(media)
        call.log(media.facts["caption"], media.id)
        return {"id": media.id, "uri": f"{call.base}/ig-api-upload/v26.0/{media.id}"}
    else:
        await _download(call, media, kind)
    call.world.media.put(media)
    call.log(media.facts["caption"], media.id)
    return {"id": media.id}


def _new(call: Call, account: Account, kind: str, *, child: bool) -> Media:
    keys = ("location_id", "cover_url", "thumb_offset", "is_ai_generated", "is_paid_partnership", "share_to_feed")
    facts = {
        "container": kind or "IMAGE",
        "child": child,
        "sent": 0,
        "caption": call.params.text("caption"),
        "collaborators": call.names("collaborators"),
        **{name: call.params.text(name) for name in keys if name in call.params},
    }
    return Media(
        call.world.next_id(),
        INSTAGRAM,
        account.id,
        "application/octet-stream",
        0,
        time.time(),
        alt=call.params.text("alt_text"),
        facts=facts,
    )


def _check_words(call: Call, kind: str, *, child: bool) -> None:
    caption, collaborators = call.params.text("caption"), call.names("collaborators")
    if len(caption) > CAPTION:
        raise _invalid("The caption was too long.", 36_004, 2_207_010)
    if len(HASHTAG.findall(caption)) > HASHTAGS or len(AT.findall(caption)) > TAGS:
        raise _invalid("Too many tags in the caption.", subcode=2_207_040)
    for name in ("caption", "collaborators", "location_id"):
        if child and call.params.text(name, " " if name in call.params else "").strip():
            raise _invalid(f"The param {name} is not allowed for a carousel item.")
    if collaborators and (len(collaborators) > COLLABORATORS or kind == "STORIES"):
        raise _invalid("The param collaborators is not allowed, or has too many names.")
    if len(call.params.text("alt_text")) > ALT_TEXT or (
        call.params.text("alt_text") and kind in {"REELS", "VIDEO", "STORIES"}
    ):
        raise _invalid("The param alt_text is for images, with at most 1,000 characters.")


def _children(call: Call, account: Account) -> list[str]:
    keys = call.names("children")
    if not 2 <= len(keys) <= 10:
        raise _invalid("A carousel has 2 to 10 items.", subcode=2_207_028)
    for key in keys:
        item = call.world.media.get(key)
        if item is None or item.account_id != account.id or not item.facts.get("child"):
            raise _invalid(f"{key} is no carousel item of this account.", 24, 2_207_006)
        if status_of(call, item) != "FINISHED":
            raise GraphError(9007, "The media is not ready to be published, please wait a moment", subcode=2_207_027)
    return keys


async def _download(call: Call, media: Media, kind: str) -> None:
    """The picture or video at its public address; pictures are judged at once, videos while they are processed."""
    image, video = call.params.text("image_url"), call.params.text("video_url")
    if bool(image) == bool(video) or (kind in {"REELS", "VIDEO"} and not video) or (kind in {"", "IMAGE"} and video):
        raise _invalid("The parameter image_url or video_url is required.", 9004, 2_207_052)
    content = await fetch(image or video)
    media.facts["size"] = len(content)
    append(call.world, media, 0, content)
    media.ready_at = call.world.after(IMAGE_SECONDS if image else VIDEO_SECONDS)
    if not image:
        return
    if media.mime != "image/jpeg":
        raise _invalid("The image format is not supported: only JPEG is.", 36_001, 2_207_005)
    if media.size > IMAGE_BYTES:
        raise _invalid("The image is too large to download.", 36_000, 2_207_004)
    if kind != "STORIES" and not RATIOS[0] * 0.99 <= media.width / media.height <= RATIOS[1] * 1.01:
        raise _invalid("The submitted image's aspect ratio isn't in the range of 4:5 to 1.91:1.", 36_003, 2_207_009)


# ---------------------------------------------------------------- status


def status_of(call: Call, media: Media) -> str:
    if media.facts.get("published"):
        return "PUBLISHED"
    if media.created_at < time.time() - LIVES_SECONDS:
        return "EXPIRED"
    if media.facts["container"] == "CAROUSEL":
        states = {status_of(call, call.world.media.objects[key]) for key in media.facts["children"]}
        return "FINISHED" if states <= {"FINISHED", "PUBLISHED"} else "IN_PROGRESS"
    if not is_whole(media):
        return "IN_PROGRESS"
    if not media.ready_at:  # what came by the upload host is processed from then on
        media.ready_at = call.world.after(VIDEO_SECONDS)
        call.world.media.put(media)
    if media.ready_at > time.time():
        return "IN_PROGRESS"
    return "FINISHED" if media.mime == "image/jpeg" or media.mime.startswith("video/") else "ERROR"


SAID: Final = {
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "IN_PROGRESS": "In progress: Media is still being processed.",
    "PUBLISHED": "Published: Media has been published.",
    "EXPIRED": "Expired: The media was not published within 24 hours.",
    "ERROR": "Error: Media upload has failed with error code 2207026",
}


def container_node(call: Call, media: Media, fields: list[Field]) -> dict[str, Any]:
    status = status_of(call, media)
    return select(
        {"id": lambda _: media.id, "status_code": lambda _: status, "status": lambda _: SAID[status]},
        fields,
        ("id",),
        "IGContainer",
    )


def find_container(call: Call, key: str) -> Media | None:
    media = call.world.media.get(key)
    if media is None or "container" not in media.facts or not may_see(call, media.account_id):
        return None
    return media


# ---------------------------------------------------------------- publishing


async def publish(call: Call) -> dict[str, Any]:
    account = own_account(call, "content_publish")
    container = find_container(call, call.params.text("creation_id"))
    if container is None or container.account_id != account.id or container.facts.get("child"):
        raise missing(call.params.text("creation_id"), "post")
    status = status_of(call, container)
    if status == "IN_PROGRESS":
        raise GraphError(
            9007,
            "Media ID is not available",
            subcode=2_207_027,
            title="Media is not ready",
            text="The media is not ready to be published, please wait a moment",
        )
    if status == "EXPIRED":
        raise GraphError(-2, "The media has expired.", subcode=2_207_020)
    if status != "FINISHED":
        raise GraphError(24, "The requested resource does not exist", subcode=2_207_006)
    if call.world.limits and used(call, account) >= POSTS_A_DAY:
        raise GraphError(9, "Application request limit reached", subcode=2_207_042)
    post = _post(call, account, container)
    call.log(post.text, post.id)
    return {"id": post.id}


def _post(call: Call, account: Account, container: Media) -> Post:
    world, kind = call.world, container.facts["container"]
    files = container.facts.get("children") or [container.id]
    video = len(files) == 1 and container.mime.startswith("video/")
    facts = {
        "product": {"REELS": "REELS", "STORIES": "STORY"}.get(kind, "FEED"),
        "type": "CAROUSEL_ALBUM" if kind == "CAROUSEL" else "VIDEO" if video else "IMAGE",
        "collaborators": container.facts["collaborators"],
        "tagged": [key for file in {container.id, *files} for key in world.media.objects[file].facts.get("tags", [])],
        "trial": container.facts.get("trial", ""),
        "location": container.facts.get("location_id", ""),
        "paid": container.facts.get("is_paid_partnership") == "true",
        "shared": container.facts.get("share_to_feed", "true") != "false" and not container.facts.get("trial"),
        "comments": True,
        "container": container.id,
    }
    text = "" if kind == "STORIES" else container.facts["caption"]
    post = world.add_post(Post(world.next_id(), INSTAGRAM, account.id, text, world.now(), media=files, facts=facts))
    for key in {container.id, *files}:
        media = world.media.objects[key]
        media.post_id, media.facts["published"] = post.id, True
        world.media.put(media)
    return post


def used(call: Call, account: Account) -> int:
    since = time.time() - 86_400
    mine = call.world.posts_of(account.id)
    return sum(p.created_at > since and not p.reply_to and "container" in p.facts for p in mine)


async def limit(call: Call) -> dict[str, Any]:
    account = own_account(call, "content_publish")
    found: dict[str, Any] = {"quota_usage": used(call, account)}
    if "config" in call.params.text("fields"):
        found["config"] = {"quota_total": POSTS_A_DAY, "quota_duration": 86_400}
    return {"data": [found]}
