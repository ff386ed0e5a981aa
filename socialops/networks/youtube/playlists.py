"""The channel's own playlists: which there are, and putting a video that is up into those chosen.

https://developers.google.com/youtube/v3/docs/playlists/list, https://developers.google.com/youtube/v3/docs/playlistItems/insert
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import NetworkError, OutageError
from socialops.networks.ports import Content, Option, Target
from socialops.networks.youtube.answers import NETWORK, call

OPTION = "playlists"
LIST, LOOK, INSERT = "playlists.list", "playlistItems.list", "playlistItems.insert"
THERE_ALREADY = "videoAlreadyInPlaylist"  # no document names it; as good as an acceptance


def fetch(target: Target) -> dict[str, Any]:
    """Table `playlists` of the limits: `listed` has [id, title] of each, in YouTube's order, of so many pages at most. What was known before where they can't be had: the account's
    other limits count more.
    """
    rule = network_data(NETWORK)["playlists"]
    params: dict[str, Any] = {"part": "snippet", "mine": "true", "maxResults": rule["page_size"]}
    found: list[list[str]] = []
    try:
        for _page in range(rule["pages"]):
            answer = call(target, "GET", LIST, params=params)
            rows = answer.object().get("items")
            if not isinstance(rows, list):
                answer.unexpected()
            found += [[str(row["id"]), str((row.get("snippet") or {}).get("title") or "")] for row in rows]
            if not (following := answer.object().get("nextPageToken")):
                break
            params["pageToken"] = following
    except NetworkError:
        return dict(target.limits.get("playlists") or {})
    return {"listed": found}


def narrowed(options: Sequence[Option], limits: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options, with the channel's playlists under their own titles."""
    titles = _titles(limits)
    return tuple(
        replace(option, choices=tuple(titles), names={"": titles}) if option.name == OPTION else option
        for option in options
    )


def _titles(limits: Mapping[str, Any]) -> dict[str, str]:
    return {key: title or key for key, title in (limits.get("playlists") or {}).get("listed", ())}


def chosen(content: Content) -> list[str]:
    return list(content.options.get(OPTION) or ())


def put_in(target: Target, content: Content, video_id: str) -> list[dict[str, Any]]:
    """The video into each playlist chosen, as often as it is called. What YouTube refuses undoes nothing and is given back, see `Published.extra`."""
    titles, told = _titles(target.limits), []
    for playlist_id in chosen(content):
        try:
            _put(target, playlist_id, video_id)
        except NetworkError as error:
            detail = {**error.detail, "playlist": titles.get(playlist_id, playlist_id)}
            told.append({"field": OPTION, "code": str(error.code), "detail": detail})
    return told


def _put(target: Target, playlist_id: str, video_id: str) -> None:
    try:
        _put_once(target, playlist_id, video_id)
    except OutageError:  # it may be in: looked at once more before anything is sent again
        _put_once(target, playlist_id, video_id)


def _put_once(target: Target, playlist_id: str, video_id: str) -> None:
    """YouTube would show a video twice in a playlist, so whether it is in is asked first."""
    params = {"part": "id", "playlistId": playlist_id, "videoId": video_id}
    answer = call(target, "GET", LOOK, params=params)
    if answer.object().get("items"):
        return
    snippet = {"playlistId": playlist_id, "resourceId": {"kind": "youtube#video", "videoId": video_id}}
    call(target, "POST", INSERT, params={"part": "snippet"}, json={"snippet": snippet}, accept=(THERE_ALREADY,))
