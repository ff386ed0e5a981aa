"""Files on X: pictures in one request, videos, animations and subtitles in segments and then processed; alt text and subtitles before the post."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.ports import Charge, Handles, Media, MediaKind, SaveHandles, Subtitles, Target
from socialops.networks.subtitles import as_srt, name_of
from socialops.networks.x.answers import NETWORK, call, price, problem_of

EARLY_SECONDS = 300  # an upload that ends so soon is made anew
SCOPE = "media.write"
GIF = "image/gif"
PICTURE, ANIMATION, VIDEO, SUBTITLES = "tweet_image", "tweet_gif", "tweet_video", "subtitles"  # X's categories
LANGUAGE = re.compile(r"[a-zA-Z]{2}(?=-|$)")


def is_gif(media: Media) -> bool:
    """X shows a GIF as a video without sound, alone in its post."""
    return media.content_type == GIF


def is_described(media: Media) -> bool:
    """Pictures and animations carry an alt text."""
    return media.kind == MediaKind.IMAGE and bool(media.alt_text.strip())


def upload(target: Target, media: Media, *, handles: Handles, save: SaveHandles) -> None:
    """Bring `handles["media"][media.key]` to the end: {"id", "media_key", "expires_at" (epoch seconds), "sent" (bytes), "finalized", "ready", "described", "subtitles"}, the last one
    by X's language code: the same of each track, and "added".

    OutageError media_processing while X works on it, MediaError media_refused when it can't.
    """
    uploaded = handles.setdefault("media", {})
    file: dict[str, Any] = uploaded.get(media.key, {})
    if file and file["expires_at"] < time.time() + EARLY_SECONDS:
        file = {}

    def keep() -> None:
        uploaded[media.key] = file
        save(handles)

    if media.kind == MediaKind.VIDEO or is_gif(media):
        _send_segments(target, media, file, category=ANIMATION if is_gif(media) else VIDEO, keep=keep)
    elif not file:
        file |= _send(target, media)
        keep()
    if is_described(media) and not file.get("described"):
        _describe(target, media, file)
        file["described"] = True
        keep()
    for code, track in tracks_of(media).items():
        _add_subtitles(target, track, code, file, keep=keep)


def _send_segments(
    target: Target, media: Media, file: dict[str, Any], *, category: str, keep: Callable[[], None]
) -> None:
    if not file:
        file |= _initialize(target, media, category)
        keep()
    while file["sent"] < media.size:
        _append(target, media, file)
        keep()
    if not file.get("finalized"):
        answer = call(target, "POST", f"/2/media/upload/{quote(file['id'])}/finalize", scope=SCOPE, bucket="media")
        file["finalized"] = True
        keep()
        file["ready"] = _is_ready(answer)
        keep()
    if not file.get("ready"):
        params = {"command": "STATUS", "media_id": file["id"]}
        file["ready"] = _is_ready(call(target, "GET", "/2/media/upload", params=params, scope=SCOPE, bucket="status"))
        keep()


def _send(target: Target, media: Media) -> dict[str, Any]:
    files = {"media": (media.filename, media.read(), media.content_type)}
    form = {"media_category": PICTURE}
    answer = call(target, "POST", "/2/media/upload", files=files, form=form, scope=SCOPE, bucket="media")
    return _file(answer, sent=media.size)


def _initialize(target: Target, media: Media, category: str) -> dict[str, Any]:
    body = {"media_type": media.content_type, "total_bytes": media.size, "media_category": category}
    answer = call(target, "POST", "/2/media/upload/initialize", json=body, scope=SCOPE, bucket="media")
    return _file(answer, sent=0)


def _file(answer: http.Answer, *, sent: int) -> dict[str, Any]:
    media_id, data = answer.text("data", "id"), answer.object()["data"]
    seconds = data.get("expires_after_secs")
    lifetime = seconds if isinstance(seconds, int) else 86_400
    return {
        "id": media_id,
        "media_key": str(data.get("media_key") or ""),
        "expires_at": int(time.time()) + lifetime,
        "sent": sent,
    }


def _append(target: Target, media: Media, file: dict[str, Any]) -> None:
    """The next segment; sent again after a lost answer it replaces itself."""
    rule = network_data(NETWORK)["media"]
    size = max(rule["chunk_bytes"], -(-media.size // rule["segments"]))
    start = file["sent"]
    stop = min(start + size, media.size)
    call(
        target,
        "POST",
        f"/2/media/upload/{quote(file['id'])}/append",
        files={"media": (media.filename, media.chunk(start, stop), "application/octet-stream")},
        form={"segment_index": str(start // size)},
        scope=SCOPE,
        bucket="segments",
    )
    file["sent"] = stop


def _is_ready(answer: http.Answer) -> bool:
    """No processing information at all means there is nothing to wait for."""
    data = answer.object().get("data")
    if not isinstance(data, dict):
        answer.unexpected()
    info = data.get("processing_info") or {}
    state = info.get("state", "succeeded")
    if state == "failed":
        error = info.get("error") or {}
        message = str(error.get("message") or error.get("name") or "")
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": message}, raw=answer.raw())
    if state != "succeeded":
        seconds = info.get("check_after_secs")
        wait = seconds if isinstance(seconds, int) else network_data(NETWORK)["media"]["check_after_seconds"]
        raise OutageError(Code.MEDIA_PROCESSING, until=datetime.now(UTC) + timedelta(seconds=wait))
    return True


def _describe(target: Target, media: Media, file: dict[str, Any]) -> None:
    body = {"id": file["id"], "metadata": {"alt_text": {"text": media.alt_text}}}
    call(target, "POST", "/2/media/metadata", json=body, scope=SCOPE, bucket="metadata")
    target.report(Charge("metadata", 1, price("metadata")))


# ---------------------------------------------------------------- subtitles


def tracks_of(media: Media) -> Mapping[str, Subtitles]:
    """By X's code: the two letters of a language, in capitals. The first of each; a language without two letters has none."""
    found: dict[str, Subtitles] = {}
    for track in media.subtitles:
        if letters := LANGUAGE.match(track.language):
            found.setdefault(letters[0].upper(), track)
    return found


def _add_subtitles(
    target: Target, track: Subtitles, code: str, file: dict[str, Any], *, keep: Callable[[], None]
) -> None:
    """The track goes up as a file of its own and is then named beside the video; named again after a lost answer it is the same."""
    sent: dict[str, Any] = file.setdefault("subtitles", {}).setdefault(code, {})
    if sent.get("added"):
        return
    text = as_srt(track.webvtt).encode()
    written = Media(code, "text/srt", len(text), "", lambda: text, filename=f"{code}.srt")
    _send_segments(target, written, sent, category=SUBTITLES, keep=keep)
    body = {
        "id": file["id"],
        "media_category": "TweetVideo",
        "subtitles": {"id": sent["id"], "language_code": code, "display_name": name_of(track.language)},
    }
    answer = call(target, "POST", "/2/media/subtitles", json=body, scope=SCOPE, bucket="subtitles", accept=(400, 404))
    if not answer.ok:
        detail = {"field": "media", "message": problem_of(answer)[1]}
        raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
    sent["added"] = True
    keep()
