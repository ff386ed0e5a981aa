"""Videos of a page: chunked feed videos, reels and stories, processed for a moment before they are out."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Final

from socialops.sandbox import subtitles
from socialops.sandbox.facebook.audience import read_audience
from socialops.sandbox.facebook.page import add_post, check_text
from socialops.sandbox.graph.call import Call, GraphError, graph_time, missing
from socialops.sandbox.graph.fields import Field, paged, parse_fields, select
from socialops.sandbox.graph.uploads import append, fetch, is_whole, new_video
from socialops.sandbox.models import FACEBOOK, Account, Media, Post
from socialops.sandbox.world import World

PROCESSING_SECONDS: Final = 1.0
CHUNK: Final = 1_048_576
REELS_A_DAY: Final = 30
CAPTIONS_BYTES: Final = 200_000
CAPTIONS_TYPES: Final = (None, "", "application/octet-stream")
CAPTIONS_NAME: Final = re.compile(r"[^.]+\.([a-z]{2,3}_[A-Z]{2})\.srt")
FEED, REEL, STORY = "videos", "video_reels", "video_stories"


def _video(call: Call, page: Account, key: str, edge: str) -> Media:
    media = call.world.media.get(key)
    if media is None or media.account_id != page.id or media.facts.get("edge") != edge:
        raise GraphError(100, f"(#100) Invalid parameter: {key!r} is no upload of this page.")
    return media


async def feed_video(call: Call) -> dict[str, Any]:
    """`POST /{page}/videos`: by phases, or at once with a file or its address."""
    page = call.own_page("pages_manage_posts")
    phase = call.params.text("upload_phase")
    if phase == "start":
        size = int(call.params.text("file_size") or 0)
        if size <= 0:
            raise GraphError(100, "(#100) The parameter file_size is required")
        media = new_video(call.world, FACEBOOK, page.id, edge=FEED, size=size)
        call.log("", media.id)
        return {"upload_session_id": f"s{media.id}", "video_id": media.id, **_offsets(media)}
    if phase == "transfer":
        media = _video(call, page, call.params.text("upload_session_id").removeprefix("s"), FEED)
        chunk = call.params.file("video_file_chunk")
        if chunk is None:
            raise GraphError(100, "(#100) The parameter video_file_chunk is required")
        append(call.world, media, int(call.params.text("start_offset")), await chunk.read())
        return _offsets(media)
    if phase == "finish":
        media = _video(call, page, call.params.text("upload_session_id").removeprefix("s"), FEED)
        await _take_thumb(call, media)
        _publish(call, page, media, post_id="", **read_audience(call, place=False))
        return {"success": True}
    return await _video_at_once(call, page)


async def _video_at_once(call: Call, page: Account) -> dict[str, Any]:
    file = call.params.file("source")
    content = await file.read() if file else await fetch(call.params.text("file_url"))
    media = new_video(call.world, FACEBOOK, page.id, edge=FEED, size=len(content))
    append(call.world, media, 0, content)
    _publish(call, page, media, post_id="", **read_audience(call, place=False))
    return {"id": media.id}


def _offsets(media: Media) -> dict[str, str]:
    start, size = media.facts["sent"], media.facts["size"]
    return {"start_offset": str(start), "end_offset": str(min(start + CHUNK, size))}


async def _take_thumb(call: Call, media: Media) -> None:
    if file := call.params.file("thumb"):
        call.world.disk.put_bytes(f"{media.id}-thumb", await file.read())
        media.facts["thumb"] = f"{media.id}-thumb"


async def reel(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_manage_posts")
    if call.params.text("upload_phase") == "start":
        return _start(call, page, REEL)
    media = _finished(call, page, REEL)
    if call.params.text("video_state") != "PUBLISHED":
        raise GraphError(100, "(#100) This sandbox only publishes reels at once: video_state=PUBLISHED.")
    remaining, _ = call.world.spend("facebook-reels", page.id, limit=REELS_A_DAY, window=86_400)
    if remaining < 0:
        raise GraphError(613, "(#613) Calls to this api have exceeded the rate limit.")
    _publish(call, page, media, post_id=media.id, product="reel", **read_audience(call))
    return {"success": True, "post_id": f"{page.id}_{media.id}"}


async def video_story(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_manage_posts")
    if call.params.text("upload_phase") == "start":
        return _start(call, page, STORY)
    media = _finished(call, page, STORY)
    if media.ready_at > time.time():
        raise GraphError(6000, "(#6000) The video is still being processed.")
    _check_kind(media)
    return _story(call, page, media)


async def photo_story(call: Call) -> dict[str, Any]:
    page = call.own_page("pages_manage_posts")
    photo = call.world.media.get(call.params.text("photo_id"))
    if photo is None or photo.account_id != page.id or photo.post_id or not photo.mime.startswith("image/"):
        raise GraphError(100, "(#100) Invalid parameter: photo_id isn't an unpublished photo of this page.")
    return _story(call, page, photo)


def _story(call: Call, page: Account, media: Media) -> dict[str, Any]:
    if media.post_id:
        raise GraphError(100, "(#100) This story has been published.")
    post = add_post(call.world, page, "", [media.id], product="story")
    call.log("", post.id)
    return {"success": True, "post_id": post.id.rpartition("_")[2]}


def _start(call: Call, page: Account, edge: str) -> dict[str, Any]:
    media = new_video(call.world, FACEBOOK, page.id, edge=edge)
    return {"video_id": media.id, "upload_url": f"{call.base}/video-upload/v26.0/{media.id}"}


def _finished(call: Call, page: Account, edge: str) -> Media:
    if call.params.text("upload_phase") != "finish":
        raise GraphError(100, "(#100) Param upload_phase must be one of {START, FINISH}")
    media = _video(call, page, call.params.text("video_id"), edge)
    if not is_whole(media):
        raise GraphError(6000, "(#6000) The video hasn't been uploaded yet.")
    return media


def _check_kind(media: Media) -> None:
    if not media.mime.startswith("video/"):
        raise GraphError(352, "(#352) The video file you selected is in a format that we don't support.")


def _publish(call: Call, page: Account, media: Media, *, post_id: str, **facts: Any) -> None:
    """Accepted; processed a moment later, and only then on the page, or for ever failed."""
    text = call.params.text("description")
    check_text(text)
    if not is_whole(media) or media.facts.get("finished"):
        raise GraphError(6000, "(#6000) There was a problem uploading your video file.", subcode=1_363_030)
    media.facts.update(finished=True, title=call.params.text("title"), reel=bool(post_id))
    media.ready_at = call.world.after(PROCESSING_SECONDS)
    call.world.media.put(media)
    call.log(text, media.id)
    if not media.mime.startswith("video/"):
        return
    post = add_post(call.world, page, text, [media.id], post_id=post_id, **facts)
    post.live = False
    asyncio.get_running_loop().call_later(PROCESSING_SECONDS, ripen, call.world, media.id)


def ripen(world: World, key: str) -> None:
    """A processed video appears; after a restart, when it is next looked at."""
    media = world.media.get(key)
    post = world.posts.get(media.post_id) if media and media.ready_at <= time.time() + 0.05 else None
    if post is not None and not post.live:
        post.live = True
        world.posts.put(post)


# ---------------------------------------------------------------- subtitles


def _film(call: Call) -> Media:
    media = call.world.media.get(call.id)
    if media is None or media.account_id != call.account.id or media.facts.get("edge") not in (FEED, REEL):
        raise missing(call.id, "post")
    return media


async def add_captions(call: Call) -> dict[str, Any]:
    """`POST /{video}/captions`: a file whose name says its locale; one that is there must be deleted first."""
    call.need("pages_manage_posts")
    media, file, default = _film(call), call.params.file("captions_file"), call.params.text("default_locale")
    if file is None:
        raise GraphError(100, "(#100) The parameter captions_file is required")
    content, name = await file.read(), CAPTIONS_NAME.fullmatch(file.filename or "")
    if name is None:
        raise GraphError(
            386,
            "(#386) You uploaded a .SRT file with an incorrect file name. Please use this format: filename.en_US.srt",
        )
    if file.content_type not in CAPTIONS_TYPES or len(content) > CAPTIONS_BYTES or not subtitles.is_srt(content):
        raise GraphError(385, "(#385) Sorry, the captions file you selected is in a format that we don't support.")
    if default not in ("", "none", name[1], *subtitles.subtitles_of(media)):
        raise GraphError(100, "(#100) default_locale must be the locale of a captions file.")
    if name[1] in subtitles.subtitles_of(media):
        raise GraphError(
            482,
            "(#482) The captions files you selected contain locales that had been applied to video, please remove and try again.",
        )
    media.facts["default_locale"] = default
    subtitles.add(call.world, media, name[1], content)
    call.log(name[1], media.id)
    return {"success": True}


async def list_captions(call: Call) -> dict[str, Any]:
    media = _film(call)
    return {
        "data": [
            {
                "create_time": graph_time(media.created_at),
                "is_auto_generated": False,
                "is_default": locale == media.facts.get("default_locale"),
                "locale": locale,
                "locale_name": locale,
            }
            for locale in subtitles.subtitles_of(media)
        ]
    }


# ---------------------------------------------------------------- reading


def status_of(world: World, media: Media) -> dict[str, Any]:
    ripen(world, media.id)
    story, whole, finished = media.facts["edge"] == STORY, is_whole(media), bool(media.facts.get("finished"))
    if whole and story and not media.ready_at:
        media.ready_at = world.after(PROCESSING_SECONDS)  # a story's video is processed before it is published
        world.media.put(media)
    working = media.ready_at > time.time()
    bad = whole and media.ready_at and not working and not media.mime.startswith("video/")
    done = whole and bool(media.ready_at) and not working and not bad
    errors = [{"code": 1_363_026, "message": "The video format isn't supported."}] if bad else []
    published = bool(media.post_id) and done
    state = "error" if bad else "ready" if done else "processing" if working else "upload_complete"
    return {
        "video_status": state if whole else "uploading",
        "uploading_phase": {
            "status": "complete" if whole else "in_progress" if media.facts["sent"] else "not_started",
            "bytes_transfered": media.facts["sent"],
        },
        "processing_phase": {
            "status": "error" if bad else "complete" if done else "in_progress" if working else "not_started",
            "errors": errors,
        },
        "publishing_phase": {
            "status": "complete" if published else "in_progress" if finished and not bad else "not_started",
            "publish_status": "published" if published else "draft",
        },
    }


def video_node(
    call: Call, media: Media, fields: list[Field], counts: dict[str, Callable[[Field], Any]]
) -> dict[str, Any]:
    post = call.world.posts.get(media.post_id)
    kind = "reel" if media.facts.get("reel") else "videos"
    number = post.id.rpartition("_")[2] if post else ""
    status = status_of(call.world, media)
    values: dict[str, Callable[[Field], Any]] = {
        "id": lambda _: media.id,
        "title": lambda _: media.facts.get("title") or None,
        "description": lambda _: post.text if post else None,
        "created_time": lambda _: graph_time(media.created_at),
        "updated_time": lambda _: graph_time(media.created_at),
        "status": lambda _: status,
        "published": lambda _: bool(post and post.live),
        "post_id": lambda _: number or None,
        "permalink_url": lambda _: f"/{kind}/{media.id}/" if post else None,
        "source": lambda _: f"{call.base}/media/{media.id}",
        "from": lambda _: {"id": media.account_id, "name": call.world.accounts.objects[media.account_id].name},
        **counts,
    }
    return select(values, fields, ("updated_time", "description"), "Video")


def _products(call: Call, product: str) -> list[Post]:
    page = call.own_page("pages_read_engagement")
    return [p for p in call.world.posts_of(page.id) if p.facts.get("product") == product and p.live]


async def list_reels(call: Call) -> dict[str, Any]:
    fields = parse_fields(call.params.text("fields"))
    media = [call.world.media.objects[p.id] for p in _products(call, "reel")]
    return paged(call, media, lambda m: video_node(call, m, fields, {}))


async def list_stories(call: Call) -> dict[str, Any]:
    """Those of the last 24 hours are PUBLISHED."""
    wanted = call.names("status")
    fields = parse_fields(call.params.text("fields"))
    shown = [p for p in _products(call, "story") if not wanted or _story_status(p) in wanted]
    return paged(call, shown, lambda p: story_node(call, p, fields))


def _story_status(post: Post) -> str:
    return "PUBLISHED" if post.created_at > time.time() - 86_400 else "ARCHIVED"


def story_node(call: Call, post: Post, fields: list[Field]) -> dict[str, Any]:
    media = call.world.media.get(post.media[0])
    number = post.id.rpartition("_")[2]
    values: dict[str, Callable[[Field], Any]] = {
        "id": lambda _: number,
        "post_id": lambda _: number,
        "status": lambda _: _story_status(post),
        "creation_time": lambda _: graph_time(post.created_at),
        "media_type": lambda _: "video" if media and media.mime.startswith("video/") else "photo",
        "media_id": lambda _: post.media[0],
        "url": lambda _: f"https://facebook.com/stories/{post.account_id}/{number}",
    }
    return select(values, fields, ("post_id", "status", "creation_time", "media_type", "media_id", "url"), "Stories")


def video_metrics(post: Post) -> dict[str, int]:
    views = post.views
    if post.facts.get("product") == "reel":
        names = ("blue_reels_play_count", "fb_reels_total_plays", "post_video_avg_time_watched", "post_video_view_time")
        return dict(zip(names, (views, views + views // 5, 4200, views * 4200), strict=True))
    names = (
        "total_video_views",
        "total_video_complete_views",
        "total_video_avg_time_watched",
        "total_video_view_total_time",
    )
    return dict(zip(names, (views, views // 3, 5100, views * 5100), strict=True))


async def video_insights(call: Call) -> dict[str, Any]:
    """All there is, unless names are given."""
    media = call.world.media.get(call.id)
    if media is None or media.account_id != call.account.id or "edge" not in media.facts:
        raise missing(call.id)
    post = call.world.posts.get(media.post_id)
    found = video_metrics(post) if post is not None else {}
    names = call.names("metric") or list(found)
    if set(names) - set(found):
        raise GraphError(100, "(#100) The value must be a valid insights metric")
    if "read_insights" not in call.token.scopes:
        return {"data": []}
    data = [
        {
            "name": n,
            "period": "lifetime",
            "values": [{"value": found[n]}],
            "id": f"{media.id}/video_insights/{n}/lifetime",
        }
        for n in names
    ]
    return {"data": data}
