"""Images, documents and videos: an upload is announced, its bytes come to an address of its own, and it is processed for a while."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialops.sandbox import subtitles
from socialops.sandbox.images import sniff
from socialops.sandbox.linkedin.call import Call, LinkedInError, authenticate, denied, gone, invalid
from socialops.sandbox.linkedin.posts import POSTERS, media_status
from socialops.sandbox.models import LINKEDIN, Account, Media
from socialops.sandbox.world import World

KINDS: Final = {"images": "image", "documents": "document", "videos": "video"}
PROCESSING_SECONDS: Final = {"image": 0.3, "document": 0.8, "video": 1.5}
CAPTIONS: Final = {"format": "SRT", "source": "USER_PROVIDED", "transcriptType": "CLOSED_CAPTION"}
PART_BYTES: Final = 4_194_304
VIDEO_BYTES: Final = (75_000, 500_000_000)
DOCUMENT_BYTES: Final = 100_000_000
PIXELS: Final = 36_152_320
URL_SECONDS: Final = 86_400
IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif")
DOCUMENT_MARKS: Final = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # PDF, Office Open XML, older Office


async def initialize(call: Call) -> dict[str, Any]:
    if call.query.get("action") != "initializeUpload":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "unknown action")
    kind = KINDS[call.path[0]]
    asked = call.body.get("initializeUploadRequest")
    if not isinstance(asked, dict) or not asked.get("owner"):
        raise invalid("initializeUploadRequest/owner", "field is required but not found and has no default value")
    owner = call.acts_for(
        asked["owner"],
        "initializeUploadRequest/owner",
        page_scope="w_organization_social",
        member_scope="w_member_social",
        roles=POSTERS,
    )
    known = {"owner", "mediaLibraryMetadata"}
    known |= {"fileSizeBytes", "uploadCaptions", "uploadThumbnail"} if kind == "video" else set()
    for name in sorted(set(asked) - known):
        raise invalid(f"initializeUploadRequest/{name}", "unrecognized field found but not allowed")
    return {"value": _video(call, owner, asked) if kind == "video" else _whole(call, owner, kind)}


def _new(world: World, owner: Account, kind: str, size: int, **facts: Any) -> Media:
    key = f"urn:li:{kind}:D4E{secrets.token_hex(9)}"
    secret = secrets.token_urlsafe(24)
    return world.media.put(
        Media(key, LINKEDIN, owner.id, "", size, time.time(), facts={"secret": secret, "uploaded": False, **facts})
    )


def _url(world: World, media: Media, part: str) -> str:
    return f"{world.base_url(LINKEDIN)}/dms-uploads/{media.id.rpartition(':')[2]}/{part}?sig={media.facts['secret']}"


def _expires() -> int:
    return int((time.time() + URL_SECONDS) * 1000)


def _whole(call: Call, owner: Account, kind: str) -> dict[str, Any]:
    media = _new(call.world, owner, kind, 0)
    return {"uploadUrlExpiresAt": _expires(), "uploadUrl": _url(call.world, media, kind), kind: media.id}


def _video(call: Call, owner: Account, asked: dict[str, Any]) -> dict[str, Any]:
    size = asked.get("fileSizeBytes")
    if not isinstance(size, int) or not 0 < size <= VIDEO_BYTES[1]:
        raise invalid("initializeUploadRequest/fileSizeBytes", "field is required, of at most 500 MB")
    token = secrets.token_urlsafe(8)
    media = _new(call.world, owner, "video", size, token=token, parts={}, captions=bool(asked.get("uploadCaptions")))
    ranges = [(first, min(first + PART_BYTES, size) - 1) for first in range(0, size, PART_BYTES)]
    value = {
        "uploadUrlsExpireAt": _expires(),
        "video": media.id,
        "uploadInstructions": [
            {"uploadUrl": _url(call.world, media, f"video-{first}"), "firstByte": first, "lastByte": last}
            for first, last in ranges
        ],
        "uploadToken": token,
    }
    if asked.get("uploadThumbnail"):
        value["thumbnailUploadUrl"] = _url(call.world, media, "thumbnail")
    if asked.get("uploadCaptions"):
        value["captionsUploadUrl"] = _url(call.world, media, "captions")
    return value


# ---------------------------------------------------------------- the bytes


async def receive(request: Request) -> Response:
    """PUT of one piece. Images and documents want the token again, the pieces of a video must come without."""
    world: World = request.app.state.world
    key, part = request.path_params["key"], request.path_params["part"]
    kind = "video" if part.startswith(("video", "thumbnail")) else part
    media = world.media.get(f"urn:li:{kind}:{key}")
    if media is None or request.query_params.get("sig") != media.facts["secret"]:
        return JSONResponse({"message": "unknown upload"}, 404)
    content = await request.body()
    if kind == "video":
        if "authorization" in request.headers:
            return JSONResponse({"message": "no Authorization header is accepted here"}, 400)
        return _keep_part(world, media, part, content)
    try:
        authenticate(world, request)
    except LinkedInError as error:
        return error.response()
    _keep(world, media, kind, content)
    return Response(status_code=201)


async def receive_captions(request: Request) -> Response:
    """POST of a form: what the file is, and the file. The token is wanted again."""
    world: World = request.app.state.world
    media = world.media.get(f"urn:li:video:{request.path_params['key']}")
    asked = media is not None and media.facts["captions"] and request.query_params.get("sig") == media.facts["secret"]
    if media is None or not asked:
        return JSONResponse({"message": "unknown upload"}, 404)
    try:
        authenticate(world, request)
    except LinkedInError as error:
        return error.response()
    form = await request.form()
    described, file = form.get("metadata"), form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    language = _language(described) if isinstance(described, str) else ""
    if not language or not subtitles.is_srt(content):
        return JSONResponse({"message": "Invalid captions: metadata or file can't be read", "status": 400}, 400)
    subtitles.add(world, media, language, content)
    return Response(status_code=201)


def _language(described: str) -> str:
    """The locale of a description that is whole, "" of another."""
    try:
        found = json.loads(described)
    except ValueError:
        return ""
    locale = found.get("locale") if isinstance(found, dict) else None
    if not isinstance(locale, dict) or set(locale) - {"language", "country", "variant"}:
        return ""
    flags = [found.get(name) for name in ("formattedForEasyReader", "largeText")]
    if {name: found.get(name) for name in CAPTIONS} != CAPTIONS or not all(isinstance(flag, bool) for flag in flags):
        return ""
    named = f"{str(locale.get('language')).lower()}_{locale.get('country')}"
    return named if re.fullmatch("[a-z]{2}_[A-Z]{2}", named) else ""


def _keep(world: World, media: Media, kind: str, content: bytes) -> None:
    """What isn't what it should be is found out while it is processed, as on LinkedIn."""
    found = sniff(content)
    fits = found.mime in IMAGE_TYPES and found.width * found.height < PIXELS
    if kind == "document":
        fits = content.startswith(DOCUMENT_MARKS) and len(content) <= DOCUMENT_BYTES
    media.mime = found.mime if kind == "image" else "application/pdf"
    media.width, media.height, media.size = found.width, found.height, len(content)
    _begin_processing(world, media, kind, fits=fits)
    world.disk.put_bytes(media.id, content)
    world.media.put(media)


def _begin_processing(world: World, media: Media, kind: str, *, fits: bool) -> None:
    media.facts.update(uploaded=True, fails=not fits)
    media.ready_at = world.after(PROCESSING_SECONDS[kind])


def _keep_part(world: World, media: Media, part: str, content: bytes) -> Response:
    if part == "thumbnail":
        media.facts["thumbnail"] = sniff(content).is_image
        world.media.put(media)
        return Response(status_code=201)
    etag = f"/ambry-video/signedId/{hashlib.sha256(content).hexdigest()[:24]}"
    media.facts["parts"][part.removeprefix("video-")] = etag
    world.disk.put_bytes(f"{media.id}-{part}", content)
    world.media.put(media)
    return Response(status_code=200, headers={"etag": etag})


async def finalize(call: Call) -> Response:
    asked = call.body.get("finalizeUploadRequest")
    if not isinstance(asked, dict):
        raise invalid("finalizeUploadRequest", "field is required but not found and has no default value")
    media = call.world.media.get(str(asked.get("video")))
    if media is None or media.network != LINKEDIN:
        raise gone(str(asked.get("video")))
    if media.facts["uploaded"]:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "this upload is finalized already")
    firsts = sorted(media.facts["parts"], key=int)
    expected = [media.facts["parts"][first] for first in firsts]
    if asked.get("uploadToken") != media.facts["token"] or asked.get("uploadedPartIds") != expected:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "uploadToken or uploadedPartIds don't match what was uploaded")
    pieces = [call.world.disk.get_bytes(f"{media.id}-video-{first}") or b"" for first in firsts]
    content = b"".join(pieces)
    if media.facts["captions"] and not subtitles.subtitles_of(media):
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "captions were announced and not uploaded")
    if len(content) != media.size:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"{len(content)} of {media.size} bytes were uploaded")
    media.mime = sniff(content).mime
    _begin_processing(call.world, media, "video", fits=media.mime == "video/mp4")
    call.world.disk.put_bytes(media.id, content)
    call.world.media.put(media)
    return Response(status_code=200)


async def read(call: Call) -> dict[str, Any]:
    """A member's images and documents can't be read back with that member's own permissions."""
    media = call.world.media.get(str(call.path[1]))
    if media is None or media.network != LINKEDIN or media.id.split(":")[2] != KINDS[call.path[0]]:
        raise gone(str(call.path[1]))
    if media.account_id == call.member.id and call.path[0] != "videos":
        raise denied(f"{call.path[0]}.GET.20260901")
    body: dict[str, Any] = {"id": media.id, "owner": media.account_id, "status": media_status(media)}
    if body["status"] == "PROCESSING_FAILED":
        body["processingFailureReason"] = "UNSUPPORTED_FORMAT"
    elif body["status"] == "AVAILABLE":
        body["downloadUrl"] = f"{call.world.base_url(LINKEDIN)}/media/{media.id}"
    return body
