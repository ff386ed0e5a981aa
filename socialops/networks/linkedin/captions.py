"""Subtitles of a video, one track: announced with the video, sent before it is finalized.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api, as other people's code quotes its example: a form of a description and a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.linkedin.answers import NETWORK, is_own_host, message_of
from socialops.networks.ports import Content, Media, Subtitles, Target
from socialops.networks.subtitles import as_srt, of_language


def track_of(content: Content, media: Media) -> Subtitles | None:
    """The one that goes along: in the post's own language, else the first; None where LinkedIn has a locale for none."""
    known = [track for track in media.subtitles if _locale(track) is not None]
    return next((track for track in known if track.language == content.language), known[0] if known else None)


def _locale(track: Subtitles) -> Mapping[str, str] | None:
    locales: Mapping[str, Mapping[str, str]] = network_data(NETWORK)["subtitles"]["locales"]
    return of_language(track.language, locales)


def send(target: Target, track: Subtitles, url: str) -> None:
    """MediaError when LinkedIn refuses it, or gave no address for it."""
    if not url:
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": ""})
    described = {**network_data(NETWORK)["subtitles"]["described"], "locale": _locale(track)}
    token = str(target.credentials.values.get("access_token") or "")
    answer = http.call(
        "POST",
        url,
        headers={"Authorization": f"Bearer {token}"} if is_own_host(url, target.base_url) else None,
        files={
            "metadata": (None, json.dumps(described), "application/json"),
            "file": (f"{track.language}.srt", as_srt(track.webvtt).encode(), "application/octet-stream"),
        },
        secrets=(token,),
    )
    if answer.ok:
        return
    if answer.status >= 500 or answer.status in (408, 429):
        raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status}, raw=answer.raw())
    detail = {"field": "media", "message": message_of(answer) or str(answer.status)}
    raise MediaError(Code.MEDIA_REFUSED, detail=detail, raw=answer.raw())
