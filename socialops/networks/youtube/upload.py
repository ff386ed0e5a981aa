"""Google's resumable upload: one session is one video, however often its last bytes are sent.

The address of the session is the idempotency handle: asked how far it is, it answers with the finished video once there is one.
https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import Media, Target
from socialops.networks.youtube.answers import DATA_API, NETWORK, call, host, refuse, token_of

RANGE = re.compile(r"bytes=0-(\d+)")
GONE = (404, 410)
INCOMPLETE = 308  # Google's own meaning, "Resume Incomplete": no redirect


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: `stored` bytes, `video` once it is complete; `gone` when Google no longer knows it (after about a week)."""

    stored: int = 0
    video: str = ""
    gone: bool = False


def begin(target: Target, media: Media, body: Mapping[str, Any], *, notify: bool) -> str:
    """Open a session for this file: its address. Nothing exists on the channel until the last byte came."""
    params = {
        "uploadType": "resumable",
        "part": ",".join(body),
        "notifySubscribers": "true" if notify else "false",
    }
    answer = call(
        target,
        "POST",
        "videos.insert",
        url=f"{host(DATA_API, target.base_url)}/upload/youtube/v3/videos",
        params=params,
        json=body,
        headers={"X-Upload-Content-Length": str(media.size), "X-Upload-Content-Type": media.content_type},
    )
    place = str(answer.headers.get("location", ""))
    if not place:  # a session whose address is lost: nothing came of it, another is opened
        raise OutageError(Code.UNREADABLE_ANSWER, raw=answer.raw())
    return place if _is_googles(target, place) else answer.unexpected()


def _is_googles(target: Target, address: str) -> bool:
    """The token goes with every chunk, so only to whom it belongs."""
    ours, there = urlsplit(host(DATA_API, target.base_url)), urlsplit(address)
    same = (there.scheme, there.netloc) == (ours.scheme, ours.netloc)
    return same or (there.scheme == "https" and (there.hostname or "").endswith(".googleapis.com"))


def ask(target: Target, session: str, size: int) -> Progress:
    return _put(target, session, b"", f"bytes */{size}", one_shot=False)


def send(target: Target, media: Media, session: str, start: int, stop: int, *, one_shot: bool = False) -> Progress:
    """Bytes [start, stop). With the last ones the video is created: `one_shot`."""
    return _put(target, session, media.chunk(start, stop), f"bytes {start}-{stop - 1}/{media.size}", one_shot=one_shot)


def send_all_but_last(target: Target, media: Media, session: str, stored: int) -> Iterator[int]:
    """Send chunk after chunk and give the bytes stored after each; the last chunk is left for the one shot."""
    size = network_data(NETWORK)["upload"]["chunk_bytes"]
    last = max(0, media.size - 1) // size * size
    while stored < last:
        progress = send(target, media, session, stored, min(stored + size, last))
        if progress.gone or progress.stored <= stored:
            raise OutageError(Code.SERVER_ERROR, detail={"status": INCOMPLETE})
        stored = progress.stored
        yield stored


def _put(target: Target, session: str, content: bytes, content_range: str, *, one_shot: bool) -> Progress:
    token = token_of(target)
    upload_id = parse_qs(urlsplit(session).query).get("upload_id", [""])[0]  # opens the session by itself
    answer = http.call(
        "PUT",
        session,
        headers={"Authorization": f"Bearer {token}", "Content-Range": content_range},
        content=content,
        one_shot=one_shot,
        secrets=(token, upload_id),
    )
    if answer.ok:
        return Progress(video=answer.text("id"))
    if answer.status == INCOMPLETE:
        match = RANGE.fullmatch(answer.headers.get("range", ""))
        return Progress(int(match[1]) + 1 if match else 0)
    if answer.status not in GONE:
        refuse(answer)
    return Progress(gone=True)
