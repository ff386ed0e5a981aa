"""Subtitles: captions.insert in one request with its metadata, and captions.list. One track for a language and a name."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox import subtitles
from socialops.sandbox.models import Post
from socialops.sandbox.youtube.call import (
    COMMENTING,
    ApiError,
    Call,
    answer,
    bad,
    check_fields,
    endpoint,
    etag,
    google_time,
)
from socialops.sandbox.youtube.upload import split

DOMAIN: Final = "youtube.caption"
RESOURCE: Final = {
    "kind": str,
    "snippet": {"videoId": str, "language": str, "name": str, "isDraft": bool, "audioTrackType": str, "isCC": bool},
}
PARTS: Final = ("id", "snippet")
NAME: Final = 150


async def insert(call: Call) -> Response:
    call.parts(("snippet",))
    if call.query("uploadType") != "multipart":
        raise bad(
            "mediaBodyRequired",
            "This sandbox takes metadata and track in one request: uploadType=multipart.",
            domain=DOMAIN,
        )
    body, content, _ = split(await call.request.body(), call.request.headers.get("content-type", ""))
    check_fields(body, RESOURCE)
    snippet = body.get("snippet") or {}
    for name in ("videoId", "language", "name"):
        if name not in snippet or (name != "name" and not snippet[name]):
            raise bad("invalidMetadata", f"The request contains invalid metadata values: {name}.", domain=DOMAIN)
    if len(snippet["name"]) > NAME:
        raise bad("nameTooLong", "The specified snippet.name is too long.", domain=DOMAIN)
    post = call.video(snippet["videoId"], mine=True)
    if not content:
        raise bad("contentRequired", "The request does not contain the caption track contents.", domain=DOMAIN)
    tracks = tracks_of(post)
    if any((track["language"], track["name"]) == (snippet["language"], snippet["name"]) for track in tracks):
        message = "A caption track already exists for the specified language and name."
        raise ApiError(409, "captionExists", message, domain=DOMAIN)
    readable = subtitles.is_srt(content) or subtitles.is_webvtt(content)
    track = {
        "id": "AUieDa" + secrets.token_urlsafe(20),
        "language": snippet["language"],
        "name": snippet["name"],
        "isDraft": snippet.get("isDraft", False),
        "updated": time.time(),
        "readable": readable,
    }
    post.facts["captions"] = [*tracks, track]
    call.world.posts.put(post)
    if readable and not track["isDraft"]:
        subtitles.add(call.world, call.world.media.objects[post.media[0]], track["language"], content)
    call.log(track["language"], post.id)
    return answer(caption_json(post, track, PARTS))


def tracks_of(post: Post) -> list[dict[str, Any]]:
    return list(post.facts.get("captions") or [])


def caption_json(post: Post, track: dict[str, Any], parts: tuple[str, ...] | list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": "youtube#caption", "etag": etag(track["id"], track["updated"]), "id": track["id"]}
    if "snippet" in parts:
        shown["snippet"] = {
            "videoId": post.id,
            "lastUpdated": google_time(track["updated"]),
            "trackKind": "standard",
            "language": track["language"],
            "name": track["name"],
            "audioTrackType": "unknown",
            "isCC": False,
            "isLarge": False,
            "isEasyReader": False,
            "isDraft": track["isDraft"],
            "isAutoSynced": False,
            "status": "serving" if track["readable"] else "failed",
            **({} if track["readable"] else {"failureReason": "unknownFormat"}),
        }
    return shown


async def list_captions(call: Call) -> Response:
    """Of one video; not by pages."""
    parts, post, ids = call.parts(PARTS), call.video(call.required("videoId")), call.many("id")
    items = [caption_json(post, track, parts) for track in tracks_of(post) if not ids or track["id"] in ids]
    return answer({"kind": "youtube#captionListResponse", "etag": etag(post.id, len(items)), "items": items})


def _insert(path: str) -> Route:
    return endpoint(path, insert, "POST", scopes=COMMENTING, cost=400, params=("part", "uploadType", "sync"))


routes: list[BaseRoute] = [
    _insert("/upload/youtube/v3/captions"),
    _insert("/resumable/upload/youtube/v3/captions"),
    endpoint("/youtube/v3/captions", list_captions, scopes=COMMENTING, cost=50, params=("part", "videoId", "id")),
]
