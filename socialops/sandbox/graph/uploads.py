"""The upload host: bytes of a video by offset, for reels and stories of Pages and for Instagram's containers; and fetching a file by its address."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.graph.call import GraphError, authenticate
from socialops.sandbox.images import sniff
from socialops.sandbox.models import Media
from socialops.sandbox.params import Params
from socialops.sandbox.webhooks import is_local
from socialops.sandbox.world import World

FETCH_SECONDS: Final = 10
MOST_BYTES: Final = 400_000_000


def new_video(world: World, network: str, account_id: str, **facts: Any) -> Media:
    """A file still to come: `facts["size"]` once it is told, `facts["sent"]` of it are here."""
    media = Media(world.next_id(), network, account_id, "video/mp4", 0, time.time(), facts={"sent": 0, **facts})
    return world.media.put(media)


def append(world: World, media: Media, offset: int, content: bytes) -> None:
    """Put bytes behind those already here. GraphError where there is a hole, or where they are here already."""
    if offset != media.facts["sent"]:
        told = {"start_offset": str(media.facts["sent"]), "end_offset": str(media.facts.get("size", 0))}
        raise GraphError(
            6001, "There was a problem uploading your video. Please try again.", subcode=1_363_037, data=told
        )
    whole = (world.disk.get_bytes(media.id) or b"") + content
    world.disk.put_bytes(media.id, whole)
    media.facts["sent"] = media.size = len(whole)
    if media.facts["sent"] >= media.facts.get("size", 0):
        kind = sniff(whole)
        media.mime, media.width, media.height = kind.mime, kind.width, kind.height
    world.media.put(media)


def is_whole(media: Media) -> bool:
    size, sent = int(media.facts.get("size", 0)), int(media.facts["sent"])
    return 0 < size <= sent


async def fetch(url: str) -> bytes:
    """What a client put up for us. GraphError where it can't be fetched; this sandbox only fetches from this machine."""
    if not is_local(url) or not url.isascii():
        raise GraphError(
            9004, "The media could not be fetched from this URI.", subcode=2_207_052, title="Media download failed"
        )
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as http:
            answer = await http.get(url)
            answer.raise_for_status()
    except httpx.HTTPError as error:
        raise GraphError(
            9004, f"The media could not be fetched from this URI: {urlsplit(url).path}", subcode=2_207_052
        ) from error
    return answer.content


def _failed(message: str, *, status: int = 400, retriable: bool = False) -> Response:
    info = {"retriable": retriable, "type": "ProcessingFailedError", "message": message}
    return JSONResponse({"debug_info": info}, status)


async def _receive(request: Request) -> Response:
    """`POST /video-upload/v26.0/{video}` and `/ig-api-upload/v26.0/{container}`: raw bytes, or a `file_url` and no body."""
    world: World = request.app.state.world
    media = world.media.get(str(request.path_params["id"]))
    try:
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        if scheme != "OAuth":
            return _failed("The Authorization header must read: OAuth <token>.", status=401)
        _, account = authenticate(world, request, Params({}))
        if media is None or media.account_id != account.id or ("size" in media.facts and is_whole(media)):
            return _failed("The upload session is unknown or over.", status=404)
        if url := request.headers.get("file_url"):
            content, offset = await fetch(url), 0
            size = len(content)
        else:
            content, offset = await request.body(), int(request.headers.get("offset", ""))
            size = int(request.headers.get("file_size", ""))
        if not 0 < size <= MOST_BYTES or offset + len(content) > size:
            return _failed("file_size doesn't fit the bytes that came.")
        media.facts["size"] = size
        append(world, media, offset, content)
    except ValueError:
        return _failed("The headers offset and file_size must be numbers.")
    except GraphError as error:
        return error.response()
    return JSONResponse({"success": True, "message": "Upload successful."})


routes: list[BaseRoute] = [
    Route("/video-upload/{version}/{id}", _receive, methods=["POST"]),
    Route("/ig-api-upload/{version}/{id}", _receive, methods=["POST"]),
]
