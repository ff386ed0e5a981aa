"""Files: a picture in one request; videos and animations initialized, appended, finalized, and then processed for a moment."""

from __future__ import annotations

import base64
import binascii
import re
import time
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.routing import BaseRoute

from socialops.sandbox import subtitles
from socialops.sandbox.images import sniff
from socialops.sandbox.models import Media, X
from socialops.sandbox.x.call import Call, XError, endpoint, invalid
from socialops.sandbox.x.entities import media_key
from socialops.sandbox.x.posts import next_id

SCOPE: Final = ("media.write",)
IMAGE_BYTES: Final = 5 * 1024 * 1024
GIF_BYTES: Final = 15 * 1024 * 1024
VIDEO_BYTES: Final = 512 * 1024 * 1024
SEGMENT_BYTES: Final = 5 * 1024 * 1024
IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff")
TYPES: Final = ("video/mp4", "video/webm", "video/quicktime", "video/mp2t", "text/srt", "text/vtt", *IMAGE_TYPES)
ONE_SHOT: Final = ("tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles")
LIFETIME: Final = 86_400
PROCESSING_SECONDS: Final = 1.5
ALT: Final = 1000


SUBTITLED: Final = ("TweetVideo", "AmplifyVideo")
TRACK: Final = frozenset({"id", "language_code", "display_name"})


async def _bytes(call: Call) -> bytes:
    """Raw in a form, base64 in JSON."""
    value = call.body.get("media")
    if isinstance(value, UploadFile):
        return await value.read()
    try:
        return base64.b64decode(str(value or ""), validate=True)
    except binascii.Error as error:
        raise invalid("media", "…", "$.media: is not base64") from error


def _new(call: Call, category: str, mime: str, size: int) -> Media:
    facts = {"category": category, "expires_at": time.time() + LIFETIME, "whole": False, "segments": {}}
    media = Media(next_id(call.world), X, call.me.id, mime, size, time.time(), facts=facts)
    return call.world.media.put(media)


def _described(media: Media) -> dict[str, Any]:
    body: dict[str, Any] = {"id": media.id, "media_key": media_key(media), "size": media.size}
    body["expires_after_secs"] = int(media.facts["expires_at"] - time.time())
    if media.width and media.mime.startswith("image/"):
        body["image"] = {"image_type": media.mime, "w": media.width, "h": media.height}
    if media.ready_at:
        body["processing_info"] = _processing(media)
    return body


def _processing(media: Media) -> dict[str, Any]:
    left = media.ready_at - time.time()
    if left > 0:
        state = "pending" if left > PROCESSING_SECONDS / 2 else "in_progress"
        return {"state": state, "check_after_secs": 1, "progress_percent": int(100 * (1 - left / PROCESSING_SECONDS))}
    if media.facts.get("broken"):
        error = {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}
        return {"state": "failed", "progress_percent": 100, "error": error}
    return {"state": "succeeded", "progress_percent": 100}


async def upload(call: Call) -> tuple[int, dict[str, Any]]:
    category = call.body.get("media_category")
    if category not in ONE_SHOT:
        raise invalid(
            "media_category",
            category,
            f"$.media_category: does not have a value in the enumeration [{', '.join(ONE_SHOT)}]",
        )
    content = await _bytes(call)
    kind = sniff(content)
    if kind.mime not in IMAGE_TYPES or len(content) > IMAGE_BYTES:
        raise XError(
            400,
            "media type unrecognized." if kind.mime not in IMAGE_TYPES else "File size exceeds 5242880 bytes of media.",
            kind="invalid-request",
        )
    media = _new(call, category, kind.mime, len(content))
    media.width, media.height = kind.width, kind.height
    media.facts["whole"] = True
    call.world.disk.put_bytes(media.id, content)
    call.world.media.put(media)
    call.log("", media.id)
    return 200, {"data": _described(media)}


async def initialize(call: Call) -> tuple[int, dict[str, Any]]:
    kind, category, size = (call.body.get(name) for name in ("media_type", "media_category", "total_bytes"))
    if kind not in TYPES:
        raise invalid(
            "media_type", kind, f"$.media_type: does not have a value in the enumeration [{', '.join(TYPES)}]"
        )
    if category not in (*ONE_SHOT, "amplify_video"):
        raise invalid("media_category", category, "$.media_category: does not have a value in the enumeration")
    most = GIF_BYTES if category == "tweet_gif" else VIDEO_BYTES if str(kind).startswith("video/") else IMAGE_BYTES
    if not isinstance(size, int) or not 0 < size <= most:
        raise invalid("total_bytes", size, f"media: file size must be between 1 and {most} bytes")
    media = _new(call, str(category), str(kind), size)
    call.log("", media.id)
    data = {"id": media.id, "media_key": media_key(media), "expires_after_secs": LIFETIME}
    return 200, {"data": data}


def _mine(call: Call, media_id: str) -> Media:
    media = call.world.media.get(media_id)
    if media is None or media.network != X or media.account_id != call.me.id or media.facts["expires_at"] < time.time():
        raise XError(404, "media id not found.", kind="resource-not-found", resource_type="media")
    return media


async def append(call: Call) -> tuple[int, dict[str, Any]]:
    """A segment that was there already is replaced."""
    media, index = _mine(call, call.path("id")), str(call.body.get("segment_index", ""))
    if not index.isdigit() or int(index) > 999:
        raise invalid("segment_index", index, "$.segment_index: is not between 0 and 999")
    content = await _bytes(call)
    if not 0 < len(content) <= SEGMENT_BYTES:
        raise XError(413, "Request Entity Too Large", title="Request Entity Too Large")
    call.world.disk.put_bytes(f"{media.id}-{index}", content)
    media.facts["segments"][index] = len(content)
    call.world.media.put(media)
    return 200, {"data": {"expires_at": int(media.facts["expires_at"])}}


async def finalize(call: Call) -> tuple[int, dict[str, Any]]:
    media = _mine(call, call.path("id"))
    if not media.facts["whole"]:
        content = b"".join(
            call.world.disk.get_bytes(f"{media.id}-{index}") or b"" for index in range(len(media.facts["segments"]))
        )
        if len(content) != media.size:
            raise XError(
                400, f"Segments do not add up to provided total file size of media {media.id}.", kind="invalid-request"
            )
        kind = sniff(content)
        media.facts["whole"] = True
        media.facts["broken"] = not _is_what_it_says(media, content)
        media.width, media.height = kind.width, kind.height
        media.ready_at = call.world.after(PROCESSING_SECONDS)
        call.world.disk.put_bytes(media.id, content)
        call.world.media.put(media)
        call.log("", media.id)
    return 200, {"data": _described(media)}


def _is_what_it_says(media: Media, content: bytes) -> bool:
    if media.facts["category"] == "subtitles":
        return subtitles.is_srt(content) if media.mime == "text/srt" else subtitles.is_webvtt(content)
    kind = sniff(content)
    return kind.is_video if media.mime.startswith("video/") else kind.mime == media.mime


async def status(call: Call) -> tuple[int, dict[str, Any]]:
    if call.query.get("command", "STATUS") != "STATUS":
        raise invalid("command", call.query["command"], "The `command` query parameter value is not one of [STATUS]")
    return 200, {"data": _described(_mine(call, call.query.get("media_id", "")))}


async def metadata(call: Call) -> tuple[int, dict[str, Any]]:
    media = _mine(call, str(call.body.get("id") or ""))
    alt = ((call.body.get("metadata") or {}).get("alt_text") or {}).get("text", "")
    if not isinstance(alt, str) or not 0 < len(alt) <= ALT:
        raise invalid(
            "metadata.alt_text.text", alt[:40], f"$.metadata.alt_text.text: must be 1 to {ALT} characters of media text"
        )
    if media.post_id:
        raise XError(400, "The media is attached to a post already.", kind="invalid-request")
    media.alt = alt
    call.world.media.put(media)
    call.bill("0.005")
    call.log(alt, media.id)
    return 200, {"data": {"id": media.id, "associated_metadata": {"alt_text": {"text": alt}}}}


async def add_subtitles(call: Call) -> tuple[int, dict[str, Any]]:
    """A track that went up before, named beside its video; the same language again takes the place of the one before."""
    video, track = _mine(call, str(call.body.get("id") or "")), call.body.get("subtitles")
    if call.body.get("media_category") not in SUBTITLED or video.facts["category"] not in (
        "tweet_video",
        "amplify_video",
    ):
        raise invalid(
            "media_category",
            call.body.get("media_category"),
            f"$.media_category: does not have a value in the enumeration [{', '.join(SUBTITLED)}]",
        )
    if not isinstance(track, dict) or set(track) - TRACK:
        raise invalid("subtitles", track, "$.subtitles: is not an object of id, language_code and display_name")
    code = str(track.get("language_code") or "")
    if not re.fullmatch("[A-Z]{2}", code):
        raise invalid(
            "subtitles.language_code", code, "$.subtitles.language_code: does not match the pattern ^[A-Z]{2}$"
        )
    text = _mine(call, str(track.get("id") or ""))
    usable = text.facts["category"] == "subtitles" and text.facts["whole"] and not text.facts.get("broken")
    if not usable or text.ready_at > time.time():
        raise XError(400, "Your media IDs are invalid.", kind="invalid-request")
    subtitles.add(call.world, video, code, call.world.disk.get_bytes(text.id) or b"")
    call.log("", video.id)
    data = {
        "id": video.id,
        "media_category": call.body["media_category"],
        "associated_subtitles": {"subtitles": [track]},
    }
    return 200, {"data": data}


routes: list[BaseRoute] = [
    endpoint(
        "/2/media/upload",
        upload,
        "POST",
        limit=500,
        scopes=SCOPE,
        body=("media", "media_category", "additional_owners", "media_type", "shared"),
    ),
    endpoint("/2/media/upload", status, "GET", limit=1000, scopes=SCOPE, query=("command", "media_id")),
    endpoint(
        "/2/media/upload/initialize",
        initialize,
        "POST",
        limit=1875,
        scopes=SCOPE,
        body=("media_type", "media_category", "total_bytes", "additional_owners", "shared"),
    ),
    endpoint("/2/media/upload/{id}/append", append, "POST", limit=1875, scopes=SCOPE, body=("media", "segment_index")),
    endpoint("/2/media/upload/{id}/finalize", finalize, "POST", limit=1875, scopes=SCOPE),
    endpoint("/2/media/metadata", metadata, "POST", limit=500, scopes=SCOPE, body=("id", "metadata")),
    endpoint(
        "/2/media/subtitles",
        add_subtitles,
        "POST",
        limit=500,
        scopes=SCOPE,
        body=("id", "media_category", "subtitles"),
    ),
]
