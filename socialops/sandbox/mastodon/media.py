"""Media: images are ready at once (200), video, sound and animated images after a moment (202, then 206)."""

from __future__ import annotations

import time
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.images import sniff
from socialops.sandbox.mastodon.call import ApiError, Call, answer, endpoint
from socialops.sandbox.mastodon.entities import media_json
from socialops.sandbox.models import MASTODON, Media

IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")
VIDEO_TYPES: Final = ("video/mp4", "video/webm", "video/quicktime")
AUDIO_TYPES: Final = ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac")
IMAGE_SIZE: Final = 16_777_216
IMAGE_PIXELS: Final = 33_177_600
VIDEO_SIZE: Final = 103_809_024
DESCRIPTION: Final = 1500
PROCESSING_SECONDS: Final = 1.5
FATE: Final = b"sandbox-fails"  # a video that ends with it can't be processed, so that this can be tried


def _description(call: Call) -> str:
    text = call.params.text("description")
    if len(text) > DESCRIPTION:
        raise ApiError(422, f"Validation failed: Description is too long (maximum is {DESCRIPTION} characters)")
    return text


async def upload(call: Call) -> Response:
    file = call.params.file("file")
    if file is None:
        raise ApiError(422, "Validation failed: File can't be blank")
    content = await file.read()
    kind = sniff(content)
    if kind.mime not in IMAGE_TYPES + VIDEO_TYPES + AUDIO_TYPES:
        raise ApiError(422, "Validation failed: File content type is invalid, File is invalid")
    large = kind.is_video or kind.is_audio
    most = VIDEO_SIZE if large else IMAGE_SIZE
    if len(content) > most:
        raise ApiError(422, f"Validation failed: File file size must be less than {most // 1024 // 1024} MB")
    if kind.width * kind.height > IMAGE_PIXELS:
        raise ApiError(422, f"Validation failed: File {kind.width}x{kind.height} images are not supported")
    still = await _still(call)
    slow = large or kind.mime == "image/gif"
    media = Media(
        id=call.world.next_id(),
        network=MASTODON,
        account_id=call.me.id,
        mime=kind.mime,
        size=len(content),
        created_at=time.time(),
        alt=_description(call),
        width=kind.width,
        height=kind.height,
        ready_at=call.world.after(PROCESSING_SECONDS) if slow else 0.0,
    )
    if still is not None:
        media.facts["still"] = still.id
    media.facts["failed"] = content.endswith(FATE)
    _focus(call, media)
    call.world.disk.put_bytes(media.id, content)
    call.world.media.put(media)
    call.log(media.alt, media.id)
    return answer(media_json(call.world, media, ready=not slow), 202 if slow else 200)


async def _still(call: Call) -> Media | None:
    """The picture that stands for a video or sound, where one is sent."""
    file = call.params.file("thumbnail")
    if file is None:
        return None
    content = await file.read()
    kind = sniff(content)
    if kind.mime not in IMAGE_TYPES or len(content) > IMAGE_SIZE:
        raise ApiError(422, "Validation failed: Thumbnail content type is invalid, Thumbnail is invalid")
    still = Media(call.world.next_id(), MASTODON, call.me.id, kind.mime, len(content), time.time(), post_id="still")
    call.world.disk.put_bytes(still.id, content)
    return call.world.media.put(still)


def _focus(call: Call, media: Media) -> None:
    x, _, y = call.params.text("focus").partition(",")
    try:
        media.facts["focus"] = {"x": float(x), "y": float(y)}
    except ValueError:
        media.facts.pop("focus", None)


def _unattached(call: Call) -> Media:
    media = call.world.media.get(call.path("id"))
    if media is None or media.network != MASTODON or media.account_id != call.me.id or media.post_id:
        raise ApiError(404, "Record not found")
    return media


async def read_media(call: Call) -> Response:
    media = _unattached(call)
    ready = media.ready_at <= time.time()
    if ready and media.facts.get("failed"):
        raise ApiError(422, "Error processing thumbnail for uploaded media")
    return answer(media_json(call.world, media, ready=ready), 200 if ready else 206)


async def change_media(call: Call) -> Response:
    media = _unattached(call)
    if "description" in call.params:
        media.alt = _description(call)
    if "focus" in call.params:
        _focus(call, media)
    call.world.media.put(media)
    call.log(media.alt, media.id)
    return answer(media_json(call.world, media, ready=media.ready_at <= time.time()))


async def delete_media(call: Call) -> Response:
    media = _unattached(call)
    call.world.media.remove(media.id)
    call.log("", media.id)
    return answer({})


routes: list[BaseRoute] = [
    endpoint("/api/v2/media", upload, "POST", scope="write:media", bucket="media"),
    endpoint("/api/v1/media", upload, "POST", scope="write:media", bucket="media"),
    endpoint("/api/v1/media/{id}", read_media, "GET", scope="write:media"),
    endpoint("/api/v1/media/{id}", change_media, "PUT", scope="write:media"),
    endpoint("/api/v1/media/{id}", delete_media, "DELETE", scope="write:media"),
]
