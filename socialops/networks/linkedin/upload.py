"""Files go up before the post: images and documents in one piece, videos in the pieces LinkedIn asks for, each then waited for until it is AVAILABLE.

`handles["uploads"]` maps a file's key to {"urn", "ready"} and what is needed to go on after an interruption.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.linkedin import captions
from socialops.networks.linkedin.answers import NETWORK, call, is_own_host, message_of, refuse
from socialops.networks.linkedin.restli import address
from socialops.networks.ports import Content, Handles, Media, MediaKind, SaveHandles, Subtitles, Target
from socialops.networks.subtitles import refused

COLLECTION = {MediaKind.IMAGE: "images", MediaKind.DOCUMENT: "documents", MediaKind.VIDEO: "videos"}
COVER = "cover"  # key of the picture on a link's card; a video's own travels with the video


def upload_all(target: Target, content: Content, *, handles: Handles, save: SaveHandles) -> Handles:
    """Every file sent once and found AVAILABLE. OutageError media_processing while LinkedIn is at work, MediaError when it fails."""
    uploads: dict[str, dict[str, Any]] = handles.setdefault("uploads", {})
    files = {media.key: media for media in content.media}
    if content.cover is not None and not content.media:
        files[COVER] = content.cover
    for key, media in files.items():
        if not uploads.get(key, {}).get("sent"):
            _send(target, content, media, key, uploads=uploads, keep=lambda: save(handles))
    for key, media in files.items():
        if not uploads[key].get("ready"):
            _wait(target, media.kind, uploads[key])
            uploads[key] = {**uploads[key], "ready": True}
            save(handles)
    return handles


def _send(
    target: Target,
    content: Content,
    media: Media,
    key: str,
    *,
    uploads: dict[str, dict[str, Any]],
    keep: Callable[[], None],
) -> None:
    if media.kind == MediaKind.VIDEO:
        _send_video(target, content, media, key, uploads=uploads, keep=keep)
    else:
        uploads[key] = {"urn": _send_whole(target, media)}
    uploads[key]["sent"] = time.time()
    keep()


def _initialize(target: Target, kind: MediaKind, **more: Any) -> tuple[http.Answer, dict[str, Any]]:
    body = {"initializeUploadRequest": {"owner": target.external_id, **more}}
    answer = call(target, "POST", address(COLLECTION[kind], action="initializeUpload"), json=body)
    answer.text("value", str(kind))
    value: dict[str, Any] = answer.object()["value"]
    return answer, value


def _send_whole(target: Target, media: Media) -> str:
    """An image or a document. Its URN."""
    answer, value = _initialize(target, media.kind)
    url = answer.text("value", "uploadUrl")
    headers = {"Content-Type": media.content_type}
    if is_own_host(url, target.base_url):
        headers["Authorization"] = f"Bearer {target.credentials.values.get('access_token')}"
    _put(target, url, media.read(), headers)
    return str(value[str(media.kind)])


def _put(target: Target, url: str, content: bytes, headers: dict[str, str]) -> http.Answer:
    token = str(target.credentials.values.get("access_token") or "")
    answer = http.call("PUT", url, headers=headers, content=content, secrets=(token,))
    if answer.ok:
        return answer
    if answer.status >= 500 or answer.status in (408, 429):
        raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status}, raw=answer.raw())
    if answer.status in (401, 403, 410):
        if "Authorization" in headers:
            refuse(answer)
        raise MediaError(Code.MEDIA_EXPIRED, raw=answer.raw())  # a signed address that is over: begun anew
    detail = {"field": "media", "message": message_of(answer) or str(answer.status)}
    raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())


# ---------------------------------------------------------------- video


def _send_video(
    target: Target,
    content: Content,
    media: Media,
    key: str,
    *,
    uploads: dict[str, dict[str, Any]],
    keep: Callable[[], None],
) -> None:
    """Goes on where it stopped; starts anew when the addresses have expired. Their bytes are inclusive, and they take no token: each is signed."""
    cover, track = content.cover, captions.track_of(content, media)
    if uploads.get(key, {}).get("expires", 0) < time.time() * 1000:
        uploads[key] = _video_begun(target, media, cover=cover, subtitled=track is not None)
        keep()
    if track is not None and not uploads[key].get("subtitles"):
        uploads[key] = _subtitled(target, media, track, uploads[key], cover=cover)
        keep()
    upload = uploads[key]
    if cover is not None and not upload.get("cover_sent"):
        _put(target, upload["cover_url"], cover.read(), {"media-type-family": "STILLIMAGE"})
        upload["cover_sent"] = True
        keep()
    for url, first, last in upload["parts"][len(upload["etags"]) :]:
        part = _put(target, url, media.chunk(first, last + 1), {"Content-Type": "application/octet-stream"})
        if not (etag := part.headers.get("etag")):  # without it the part can't be named: it is sent again
            raise OutageError(Code.UNREADABLE_ANSWER, raw=part.raw())
        upload["etags"].append(etag)
        keep()
    _finalize(target, upload)
    uploads[key] = {name: upload[name] for name in ("urn", "subtitles") if name in upload}


def _subtitled(
    target: Target, media: Media, track: Subtitles, upload: dict[str, Any], *, cover: Media | None
) -> dict[str, Any]:
    """With "subtitles": their language, and why LinkedIn refused them. What was announced must come: then the video is begun anew without them."""
    try:
        captions.send(target, track, upload["captions_url"])
    except MediaError as error:
        refusal = {"language": track.language, "refused": refused(error)}
        return {**_video_begun(target, media, cover=cover, subtitled=False), "subtitles": refusal}
    return {**upload, "subtitles": {"language": track.language, "refused": []}}


def _video_begun(target: Target, media: Media, *, cover: Media | None, subtitled: bool) -> dict[str, Any]:
    facts = {"fileSizeBytes": media.size, "uploadCaptions": subtitled, "uploadThumbnail": cover is not None}
    answer, value = _initialize(target, media.kind, **facts)
    cover_url = str(value.get("thumbnailUploadUrl") or "")
    if cover is not None and not cover_url:
        answer.unexpected()
    try:
        found = value["uploadInstructions"]
        parts = [[str(part["uploadUrl"]), int(part["firstByte"]), int(part["lastByte"])] for part in found]
    except (KeyError, TypeError, ValueError):
        answer.unexpected()
    return {
        "urn": str(value["video"]),
        "token": str(value.get("uploadToken") or ""),
        "parts": parts,
        "etags": [],
        "cover_url": cover_url,
        "captions_url": str(value.get("captionsUploadUrl") or ""),
        "expires": value.get("uploadUrlsExpireAt") or (time.time() + 3600) * 1000,
    }


def _finalize(target: Target, upload: dict[str, Any]) -> None:
    """Repeatable: what was finalized before an interruption is refused, and then shows that it is past waiting for its upload."""
    told = {"video": upload["urn"], "uploadToken": upload["token"], "uploadedPartIds": upload["etags"]}
    body = {"finalizeUploadRequest": told}
    answer = call(target, "POST", address("videos", action="finalizeUpload"), json=body, accept=(400, 409, 422))
    if answer.ok:
        return
    seen = call(target, "GET", address("videos", upload["urn"]))
    if seen.text("status") in ("WAITING_UPLOAD", "PROCESSING_FAILED"):
        detail = {"field": "media", "message": message_of(answer)}
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())


# ---------------------------------------------------------------- processing


def _wait(target: Target, kind: MediaKind, upload: dict[str, Any]) -> None:
    """Returns once the file is AVAILABLE. Where the token may not look (403, a member's images), a grace period stands in."""
    rule = network_data(NETWORK)["media"]
    later = datetime.now(UTC) + timedelta(seconds=rule["poll_seconds"][kind])
    answer = call(target, "GET", address(COLLECTION[kind], upload["urn"]), accept=(403,))
    if answer.status == 403:
        if time.time() < upload["sent"] + rule["grace_seconds"]:
            raise OutageError(Code.MEDIA_PROCESSING, until=later, raw=answer.raw())
        return
    status = answer.text("status")
    if status == "PROCESSING_FAILED":
        message = str(answer.object().get("processingFailureReason") or status)
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": message}, raw=answer.raw())
    if status != "AVAILABLE":
        raise OutageError(Code.MEDIA_PROCESSING, until=later, raw=answer.raw())
