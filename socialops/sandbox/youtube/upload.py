"""Uploads: a video in one request or by the resumable protocol, and a video's thumbnail."""

from __future__ import annotations

import email
import email.policy
import re
import secrets
import time
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.images import sniff
from socialops.sandbox.models import YOUTUBE, Account, Media, Post, Token
from socialops.sandbox.world import World
from socialops.sandbox.youtube.call import UPLOADING, ApiError, Call, answer, bad, endpoint, etag, parse_json
from socialops.sandbox.youtube.entities import VIDEO_PARTS, new_video_id, thumbnails, video_json
from socialops.sandbox.youtube.videos import apply_resource

GRAIN: Final = 262_144
MOST: Final = 274_877_906_944
THUMBNAIL_BYTES: Final = 52_428_800
SESSION_SECONDS: Final = 7 * 86_400
PROCESSING_SECONDS: Final = 1.5
RANGE: Final = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
# A file that ends with one of these words fails or is rejected, so that both can be tried: `sandbox-fails:codec`, `sandbox-rejects:copyright`.
FATE: Final = re.compile(rb"sandbox-(fails|rejects):([A-Za-z]+)$")
PARAMS: Final = (
    "uploadType",
    "part",
    "notifySubscribers",
    "autoLevels",
    "stabilize",
    "onBehalfOfContentOwner",
    "onBehalfOfContentOwnerChannel",
    "upload_id",
)


async def insert(call: Call) -> Response:
    """videos.insert: `uploadType` resumable opens a session, multipart brings metadata and file at once."""
    parts = call.parts(VIDEO_PARTS)
    kind = call.request.headers.get("content-type", "")
    how = call.query("uploadType")
    content = await call.request.body()
    if how == "resumable":
        draft = draft_of(call, parts, parse_json(content, kind) if content else {})
        return _open(call, parts, draft)
    if how == "multipart":
        body, file, mime = split(content, kind)
        _check_type(mime)
        post = make_video(call.world, call.account, draft_of(call, parts, body), file)
        return answer(video_json(call.world, post, parts, call.account))
    raise bad("mediaBodyRequired", "The request does not include the video content.", domain="youtube.video")


def draft_of(call: Call, parts: list[str], body: dict[str, Any]) -> dict[str, Any]:
    """The facts of the future video; ApiError where YouTube would refuse them. Sections that `part` doesn't name are not read."""
    draft: dict[str, Any] = {"privacy": "public", "title": "unknown", "description": ""}
    apply_resource(draft, {name: section for name, section in body.items() if name in parts or name == "kind"})
    draft["notified"] = call.flag("notifySubscribers", default=True)
    return draft


def _open(call: Call, parts: list[str], draft: dict[str, Any]) -> Response:
    headers = call.request.headers
    total, mime = headers.get("x-upload-content-length", ""), headers.get("x-upload-content-type", "")
    if total and not 0 < int(total) <= MOST:
        raise bad("badRequest", "Invalid X-Upload-Content-Length", domain="global")
    _check_type(mime)
    upload_id = "ABP" + secrets.token_urlsafe(90)
    call.world.issue(
        YOUTUBE,
        "upload",
        call.account.id,
        value=upload_id,
        lifetime=SESSION_SECONDS,
        client_id=call.token.client_id,
        draft=draft,
        parts=parts,
        total=int(total or 0),
        stored=0,
        video="",
    )
    query = urlencode({"uploadType": "resumable", "part": ",".join(parts), "upload_id": upload_id})
    place = f"{call.world.base_url(YOUTUBE)}/upload/youtube/v3/videos?{query}"
    return Response(status_code=200, headers={"Location": place, "X-GUploader-UploadID": upload_id})


def _check_type(mime: str) -> None:
    if not mime.startswith("video/") and mime != "application/octet-stream":
        raise bad(
            "badContent",
            f"Media type '{mime}' is not supported. Valid media types: [video/*, application/octet-stream]",
            domain="global",
        )


def split(content: bytes, kind: str) -> tuple[dict[str, Any], bytes, str]:
    """multipart/related: (metadata, file, its type)."""
    message = email.message_from_bytes(
        b"Content-Type: " + kind.encode() + b"\r\nMIME-Version: 1.0\r\n\r\n" + content, policy=email.policy.HTTP
    )
    pieces = list(message.iter_parts()) if message.is_multipart() else []
    if len(pieces) != 2:
        raise bad("badRequest", "Malformed multipart body.", domain="global")
    metadata, file = (piece.get_payload(decode=True) for piece in pieces)
    assert isinstance(metadata, bytes)
    assert isinstance(file, bytes)
    return parse_json(metadata, pieces[0].get_content_type()), file, pieces[1].get_content_type()


async def proceed(request: Request) -> Response:
    """PUT on a session: a chunk, the whole file, or the question how far it is. The session's address is its own permission."""
    world: World = request.app.state.world
    session = world.read_token(request.query_params.get("upload_id", ""), YOUTUBE, "upload")
    content = await request.body()
    try:
        if session is None or session.expires_at < time.time():
            raise ApiError(404, "notFound", "Upload session not found.", domain="global")
        if session.facts["video"]:
            return _finished(world, session)
        return _take(world, session, request.headers.get("content-range", ""), content)
    except ApiError as error:
        return error.response()


def _finished(world: World, session: Token, status: int = 200) -> Response:
    account = world.accounts.objects[session.account_id]
    post = world.posts.get(session.facts["video"])
    if post is None:  # deleted since
        raise ApiError(410, "gone", "The upload was finished, and its video deleted.", domain="global")
    return answer(video_json(world, post, session.facts["parts"], account), status)


def _take(world: World, session: Token, header: str, content: bytes) -> Response:
    facts = session.facts
    stored: int = facts["stored"]
    match = RANGE.fullmatch(header.strip()) if header else None
    if header and match is None:
        raise bad("badRequest", "Failed to parse Content-Range header.", domain="global")
    start, stop, total = 0, len(content), len(content)
    if match is not None:
        if match[1] is None:
            return _incomplete(stored)
        start, stop = int(match[1]), int(match[2]) + 1
        total = int(match[3]) if match[3] != "*" else 0
    if (
        stop - start != len(content)
        or (total and stop > total)
        or (facts["total"] and total not in (0, facts["total"]))
    ):
        raise bad(
            "badRequest",
            "Invalid request. The number of bytes uploaded does not match the Content-Range header.",
            domain="global",
        )
    if start > stored:
        raise ApiError(
            503, "backendError", "Invalid request. There were bytes missing before this chunk.", domain="global"
        )
    last = bool(total) and stop == total
    if not last and len(content) % GRAIN:
        raise bad("badRequest", f"Invalid chunk size: not a multiple of {GRAIN}.", domain="global")
    earlier = (world.disk.get_bytes(session.id) or b"")[:start]
    file = earlier + content
    if last:
        post = make_video(world, world.accounts.objects[session.account_id], facts["draft"], file)
        facts["video"] = post.id
        world.disk.put_bytes(session.id, b"")
        world.tokens.put(session)
        return _finished(world, session, 201)
    world.disk.put_bytes(session.id, file)
    facts["stored"] = max(stored, stop)
    world.tokens.put(session)
    return _incomplete(facts["stored"])


def _incomplete(stored: int) -> Response:
    """308 without a place to go to; no Range where nothing is stored."""
    return Response(status_code=308, headers={"Range": f"bytes=0-{stored - 1}"} if stored else {})


def make_video(world: World, account: Account, draft: dict[str, Any], content: bytes) -> Post:
    """The video exists from its last byte on, and is processed for a moment."""
    kind, now = sniff(content), world.now()
    media = Media(world.next_id(), YOUTUBE, account.id, kind.mime, len(content), now)
    fate = FATE.search(content[-80:])
    facts = {**draft, "ready_at": world.after(PROCESSING_SECONDS)}
    if not content:
        facts["failure"] = "emptyFile"
    elif fate is not None:
        facts["failure" if fate[1] == b"fails" else "rejection"] = fate[2].decode()
    elif not kind.is_video:
        facts["failure"] = "invalidFile"
    live = draft["privacy"] == "public" and not {"failure", "rejection"} & facts.keys()
    text = facts.pop("description")
    post = Post(new_video_id(), YOUTUBE, account.id, text, now, media=[media.id], live=live, facts=facts)
    media.post_id = post.id
    world.disk.put_bytes(media.id, content)
    world.media.put(media)
    world.add_post(post)
    world.accept(YOUTUBE, "POST", "/upload/youtube/v3/videos", account.handle, f"{facts['title']}\n{text}", post.id)
    return post


async def set_thumbnail(call: Call) -> Response:
    post = call.video(call.required("videoId"), mine=True)
    kind, content = call.request.headers.get("content-type", ""), await call.request.body()
    if call.query("uploadType") == "multipart":
        _, content, kind = split(content, kind)
    if kind not in {"image/jpeg", "image/png", "application/octet-stream"}:
        raise bad("mediaBodyRequired", "The request does not include the image content.", domain="youtube.thumbnail")
    if len(content) > THUMBNAIL_BYTES:
        raise ApiError(413, "uploadTooLarge", "Media larger than allowed.", domain="global")
    image = sniff(content)
    if image.mime not in {"image/jpeg", "image/png"}:
        raise bad("invalidImage", "The provided image content is invalid.", domain="youtube.thumbnail")
    if call.account.note == "unverified":
        message = "The authenticated user doesnt have permissions to upload and set custom video thumbnails."
        raise ApiError(403, "forbidden", message, domain="youtube.thumbnail")
    media = Media(call.world.next_id(), YOUTUBE, call.account.id, image.mime, len(content), time.time())
    media.width, media.height = image.width, image.height
    call.world.disk.put_bytes(media.id, content)
    call.world.media.put(media)
    post.facts["thumbnail"] = media.id
    call.world.posts.put(post)
    call.log("", post.id)
    item = thumbnails(call.world, post)
    return answer({"kind": "youtube#thumbnailSetResponse", "etag": etag(media.id), "items": [item]})


def _insert(path: str) -> Route:
    return endpoint(path, insert, "POST", scopes=UPLOADING, bucket="uploads", params=PARAMS)


def _thumbnail(path: str) -> Route:
    return endpoint(path, set_thumbnail, "POST", scopes=UPLOADING, cost=50, params=("videoId", "uploadType"))


routes: list[BaseRoute] = [
    _insert("/upload/youtube/v3/videos"),
    _insert("/resumable/upload/youtube/v3/videos"),
    Route("/upload/youtube/v3/videos", proceed, methods=["PUT"]),
    _thumbnail("/upload/youtube/v3/thumbnails/set"),
    _thumbnail("/resumable/upload/youtube/v3/thumbnails/set"),
]
