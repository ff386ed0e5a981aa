"""Posting: creator info, the three ways to begin, the chunks of a video, and the status of it all."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.models import TIKTOK, Media, Record
from socialops.sandbox.tiktok.call import Call, TikTokError, creator, endpoint, invalid, need, read_only
from socialops.sandbox.tiktok.processing import COLLECTION, PUBLIC, finish, moderate, start
from socialops.sandbox.webhooks import is_local
from socialops.sandbox.world import World

PRIVACY: Final = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
URL_SECONDS: Final = 3600
MB: Final = 1_000_000
SMALLEST, LARGEST, LAST, MOST = 5 * MB, 64 * MB, 128 * MB, 1000
VIDEO_TYPES: Final = ("video/mp4", "video/quicktime", "video/webm")
RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
DAY: Final = 86_400
POSTS_A_DAY, DRAFTS_PENDING, PHOTOS = 15, 5, 35
VIDEO_INFO: Final[Mapping[str, type]] = {
    "title": str,
    "privacy_level": str,
    "disable_duet": bool,
    "disable_stitch": bool,
    "disable_comment": bool,
    "video_cover_timestamp_ms": int,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
    "is_aigc": bool,
}
PHOTO_INFO: Final[Mapping[str, type]] = {
    "title": str,
    "description": str,
    "privacy_level": str,
    "disable_comment": bool,
    "auto_add_music": bool,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
}
UPLOAD: Final[Mapping[str, type]] = {"source": str, "video_size": int, "chunk_size": int, "total_chunk_count": int}
REFUSALS: Final[Mapping[str, int]] = {"reached_active_user_cap": 200, "invalid_param": 400, "internal_error": 500}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def creator_info(call: Call) -> Mapping[str, Any]:
    """Some refusals come with HTTP 200 here."""
    asked = creator(call.world, call.me)
    if asked["refuse"] in {"spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "reached_active_user_cap"}:
        raise TikTokError(asked["refuse"], "The creator can't post now.", 200)
    shown = (
        "privacy_level_options",
        "comment_disabled",
        "duet_disabled",
        "stitch_disabled",
        "max_video_post_duration_sec",
    )
    return {
        "creator_avatar_url": f"{call.world.base_url(TIKTOK)}/avatar/{call.me.id}.svg",
        "creator_username": call.me.handle,
        "creator_nickname": call.me.name,
        **{name: asked[name] for name in shown},
    }


def _begin(call: Call, prefix: str, kind: str, info: Mapping[str, Any], **more: Any) -> Record:
    """The caps, and the record under a new publish_id."""
    asked = creator(call.world, call.me)
    if refuse := asked["refuse"]:
        raise TikTokError(refuse, "Ordered by the test.", REFUSALS.get(refuse, 403))
    if kind == "DIRECT_PUBLISH":
        _check_info(info, asked)
        if call.world.spend("tiktok posts", call.me.id, limit=POSTS_A_DAY, window=DAY)[0] < 0:
            raise TikTokError("spam_risk_too_many_posts", "The daily post cap from the API is reached.", 403)
    elif call.world.spend("tiktok drafts", call.me.id, limit=DRAFTS_PENDING, window=DAY)[0] < 0:
        raise TikTokError("spam_risk_too_many_pending_share", "There are 5 pending shares within 24 hours.", 403)
    value = {
        "type": kind,
        "post_info": dict(info),
        "status": "PROCESSING_UPLOAD",
        "fail_reason": "",
        "post_id": "",
        "ready_at": 0.0,
        "received": 0,
        "downloaded": 0,
        "media": [],
        "photos": [],
        **more,
    }
    record = Record(f"{prefix}{call.world.next_id()}", call.me.id, COLLECTION, "", value, time.time())
    call.world.records.put(record)
    call.log(str(info.get("title") or ""), record.id)
    return record


def _check_info(info: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    level = info.get("privacy_level")
    if level not in PRIVACY:
        raise invalid("post_info.privacy_level is required and must be one of the creator's options")
    if level not in asked["privacy_level_options"]:
        raise TikTokError(
            "privacy_level_option_mismatch", "privacy_level is not one of the creator's privacy_level_options", 403
        )
    if level == "SELF_ONLY" and info.get("brand_content_toggle"):
        raise invalid("Branded content can't be private")


def _object(call: Call, name: str) -> dict[str, Any]:
    found = call.body.get(name)
    if not isinstance(found, dict):
        raise invalid(f"{name} is required")
    return found


async def video_init(call: Call) -> Mapping[str, Any]:
    read_only(call.body, {"post_info": dict, "source_info": dict})
    info = _object(call, "post_info")
    read_only(info, VIDEO_INFO, "post_info.")
    if utf16(info.get("title", "")) > 2200:
        raise invalid("post_info.title is too long: 2200 UTF-16 runes at most")
    return _open(call, "v_pub_file~v2-1.", "DIRECT_PUBLISH", info)


async def inbox_init(call: Call) -> Mapping[str, Any]:
    read_only(call.body, {"source_info": dict})
    return _open(call, "v_inbox_file~v2-1.", "INBOX_SHARE", {})


def _open(call: Call, prefix: str, kind: str, info: Mapping[str, Any]) -> Mapping[str, Any]:
    """FILE_UPLOAD: the chunks are counted down, the last takes the rest."""
    source = _object(call, "source_info")
    if source.get("source") != "FILE_UPLOAD":
        raise invalid("This sandbox takes videos by FILE_UPLOAD only")
    read_only(source, UPLOAD, "source_info.")
    size, chunk, count = (source.get(name, 0) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if size <= 0 or chunk <= 0 or size > 4000 * MB:
        raise invalid("The video size is invalid")
    small = size < SMALLEST and chunk == size
    if not small and not SMALLEST <= chunk <= LARGEST:
        raise invalid("The chunk size is invalid")
    if count != size // chunk or not 1 <= count <= MOST or size - (count - 1) * chunk > LAST:
        raise invalid("The total chunk count is invalid")
    token = secrets.token_hex(16)
    record = _begin(call, prefix, kind, info, size=size, chunk=chunk, count=count, token=token)
    address = f"{call.world.base_url(TIKTOK)}/video/?upload_id={record.id.rpartition('.')[2]}&upload_token={token}"
    return {"publish_id": record.id, "upload_url": address}


async def put_chunk(request: Request) -> Response:
    """The upload host: no bearer, the address is the permission. 206 more to come, 201 all there."""
    world: World = request.app.state.world
    number, token = (request.query_params.get(name, "") for name in ("upload_id", "upload_token"))
    body = await request.body()
    record = next((r for r in world.records if r.collection == COLLECTION and r.id.endswith(f".{number}")), None)
    if record is None or record.value.get("token") != token or time.time() - record.created_at > URL_SECONDS:
        return Response("The upload url is expired or invalid", 403)
    value = record.value
    found = RANGE.fullmatch(request.headers.get("content-range", ""))
    if found is None or request.headers.get("content-type") not in VIDEO_TYPES:
        return Response("Content-Range and Content-Type are required", 400)
    first, last, total = (int(part) for part in found.groups())
    if total != value["size"] or last - first + 1 != len(body):
        return Response("Content-Range doesn't match the body", 400)
    index = first // value["chunk"]
    stop = value["size"] if index >= value["count"] - 1 else first + value["chunk"]
    if first != value["received"] or last + 1 != stop:
        return Response("Wrong range", 416, headers={"Content-Range": f"bytes 0-{value['received'] - 1}/{total}"})
    world.disk.put_bytes(f"{number}-{index}", body)
    value["received"] = last + 1
    world.records.put(record)
    if value["received"] < total:
        return Response(status_code=206, headers={"Content-Range": f"bytes 0-{last}/{total}"})
    _assemble(world, record, number)
    start(world, record)
    return Response(status_code=201, headers={"Content-Range": f"bytes 0-{last}/{total}"})


def _assemble(world: World, record: Record, number: str) -> None:
    content = b"".join(world.disk.get_bytes(f"{number}-{index}") or b"" for index in range(record.value["count"]))
    media = Media(world.next_id(), TIKTOK, record.account_id, "video/mp4", len(content), time.time())
    world.disk.put_bytes(media.id, content)
    world.media.put(media)
    record.value["media"] = [media.id]


async def content_init(call: Call) -> Mapping[str, Any]:
    read_only(call.body, {"media_type": str, "post_mode": str, "post_info": dict, "source_info": dict})
    if call.body.get("media_type") != "PHOTO":
        raise invalid("media_type must be PHOTO")
    modes = {"DIRECT_POST": ("DIRECT_PUBLISH", "video.publish"), "MEDIA_UPLOAD": ("INBOX_SHARE", "video.upload")}
    if call.body.get("post_mode") not in modes:
        raise invalid("post_mode must be DIRECT_POST or MEDIA_UPLOAD")
    kind, scope = modes[str(call.body["post_mode"])]
    need(call.token, scope)
    info, source = _object(call, "post_info"), _object(call, "source_info")
    read_only(info, PHOTO_INFO, "post_info.")
    read_only(source, {"source": str, "photo_images": list, "photo_cover_index": int}, "source_info.")
    if utf16(info.get("title", "")) > 90 or utf16(info.get("description", "")) > 4000:
        raise invalid("post_info.title or post_info.description is too long")
    photos = source.get("photo_images") or []
    if source.get("source") != "PULL_FROM_URL" or not 1 <= len(photos) <= PHOTOS:
        raise invalid("source_info needs PULL_FROM_URL and 1 to 35 photo_images")
    if not 0 <= source.get("photo_cover_index", -1) < len(photos):
        raise invalid("source_info.photo_cover_index is required")
    if not all(is_local(address) and not urlsplit(address).query for address in photos):
        raise TikTokError("url_ownership_unverified", "The domain of the URL isn't verified for this app.", 403)
    record = _begin(call, "p_pub_url~v2-1.", kind, info, photos=photos, status="PROCESSING_DOWNLOAD")
    start(call.world, record)
    return {"publish_id": record.id}


async def status_fetch(call: Call) -> Mapping[str, Any]:
    read_only(call.body, {"publish_id": str})
    record = call.world.records.get(str(call.body.get("publish_id", "")))
    if record is None or record.collection != COLLECTION:
        raise TikTokError("invalid_publish_id", "The publish_id does not exist")
    if record.account_id != call.me.id:
        raise TikTokError(
            "token_not_authorized_for_specified_publish_id", "The publish_id belongs to another account", 403
        )
    finish(call.world, record.id)
    value = record.value
    post = call.world.posts.get(value["post_id"])
    if post is not None:
        moderate(call.world, post)
    public = [int(post.id)] if post is not None and post.live and post.facts["privacy"] == PUBLIC else []
    return {
        "status": value["status"],
        "fail_reason": value["fail_reason"] if value["status"] == "FAILED" else "",
        "publicaly_available_post_id": public,
        "uploaded_bytes": value["received"],
        "downloaded_bytes": value["downloaded"],
    }


routes: list[BaseRoute] = [
    endpoint("/v2/post/publish/creator_info/query/", creator_info, "POST", scopes=("video.publish",), per_minute=20),
    endpoint("/v2/post/publish/video/init/", video_init, "POST", scopes=("video.publish",), per_minute=6),
    endpoint("/v2/post/publish/inbox/video/init/", inbox_init, "POST", scopes=("video.upload",), per_minute=6),
    endpoint("/v2/post/publish/content/init/", content_init, "POST", per_minute=6),
    endpoint(
        "/v2/post/publish/status/fetch/", status_fetch, "POST", scopes=("video.publish", "video.upload"), per_minute=30
    ),
    Route("/video/", put_chunk, methods=["PUT"]),
]
