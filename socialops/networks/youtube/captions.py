"""Subtitles of a video that is there. A track is known by its language and its name: the same one again is refused as there already, which is as good.

https://developers.google.com/youtube/v3/docs/captions/insert
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from socialops.networks.ports import Subtitles, Target
from socialops.networks.subtitles import added, as_srt
from socialops.networks.youtube.answers import DATA_API, call, host

INSERT = "captions.insert"
THERE_ALREADY = "captionExists"


def add(target: Target, video_id: str, tracks: Iterable[Subtitles]) -> list[dict[str, Any]]:
    """Each track, as often as it is called. What YouTube refuses undoes nothing and is given back, see `Published.extra`."""
    return added(tracks, lambda track: _send(target, video_id, track))


def _send(target: Target, video_id: str, track: Subtitles) -> None:
    """Its name is its language's tag: it must have one that is always the same."""
    snippet = {"videoId": video_id, "language": track.language, "name": track.language, "isDraft": False}
    boundary = uuid.uuid4().hex
    pieces = (
        ("application/json; charset=UTF-8", json.dumps({"snippet": snippet})),
        ("application/octet-stream", as_srt(track.webvtt)),
    )
    body = "".join(f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in pieces)
    call(
        target,
        "POST",
        INSERT,
        url=f"{host(DATA_API, target.base_url)}/upload/youtube/v3/captions",
        params={"part": "snippet", "uploadType": "multipart"},
        headers={"Content-Type": f"multipart/related; boundary={boundary}"},
        content=f"{body}--{boundary}--\r\n".encode(),
        accept=(THERE_ALREADY,),
    )
