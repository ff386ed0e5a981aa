"""Playlists and their items. Each channel is born with two, whose ids are the same everywhere here: a channel sees only its own."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.models import YOUTUBE, Account, Post, Record
from socialops.sandbox.world import World
from socialops.sandbox.youtube.call import (
    READING,
    WRITING,
    ApiError,
    Call,
    answer,
    bad,
    check_fields,
    endpoint,
    etag,
    gone,
    google_time,
    listed,
    page_of,
)
from socialops.sandbox.youtube.entities import playlist_item_json, uploads_of

COLLECTION: Final = "youtube.playlist"
BORN_WITH: Final = {"PLsandboxAtelier": "Dans l’atelier", "PLsandboxConseils": "Conseils & entretien"}
PAGE: Final = 50
MOST: Final = 5000  # videos of a playlist
TITLE: Final = 150
PLAYLIST_PARTS: Final = ("id", "snippet", "status", "contentDetails")
ITEM_PARTS: Final = ("id", "snippet", "contentDetails", "status")
PLAYLIST: Final[dict[str, Any]] = {
    "kind": str,
    "snippet": {"title": str, "description": str, "defaultLanguage": str},
    "status": {"privacyStatus": str},
}
ITEM: Final[dict[str, Any]] = {
    "kind": str,
    "snippet": {"playlistId": str, "position": int, "resourceId": {"kind": str, "videoId": str}},
    "contentDetails": {"note": str},
}


def add_playlist(world: World, owner: Account, playlist_id: str, title: str) -> Record:
    value = {"id": playlist_id, "title": title, "videos": []}
    return world.records.put(Record(f"{owner.id}/{playlist_id}", owner.id, COLLECTION, "", value, world.now()))


def first_playlists(world: World, owner: Account) -> None:
    """What a channel that has none yet is born with."""
    if not playlists_of(world, owner):
        for playlist_id, title in BORN_WITH.items():
            add_playlist(world, owner, playlist_id, title)


def playlists_of(world: World, owner: Account) -> list[Record]:
    return [record for record in world.records if record.collection == COLLECTION and record.account_id == owner.id]


def titles_of(world: World, post: Post) -> list[str]:
    """The playlists that a video is in."""
    owner = world.accounts.objects[post.account_id]
    return [record.value["title"] for record in playlists_of(world, owner) if post.id in record.value["videos"]]


def _mine(call: Call, playlist_id: str) -> Record:
    record = call.world.records.get(f"{call.account.id}/{playlist_id}")
    if record is None:
        raise gone("playlist", "playlistNotFound")
    return record


def _playlist_json(call: Call, record: Record, parts: list[str]) -> dict[str, Any]:
    value = record.value
    known: dict[str, Any] = {
        "snippet": {
            "publishedAt": google_time(record.created_at),
            "channelId": record.account_id,
            "title": value["title"],
            "description": "",
            "channelTitle": call.account.name,
            "localized": {"title": value["title"], "description": ""},
        },
        "status": {"privacyStatus": "public"},
        "contentDetails": {"itemCount": len(value["videos"])},
    }
    body = {"kind": "youtube#playlist", "etag": etag(record.id, len(value["videos"])), "id": value["id"]}
    return body | {part: known[part] for part in parts if part in known}


async def list_playlists(call: Call) -> Response:
    """One's own."""
    parts = call.parts(PLAYLIST_PARTS)
    if not call.flag("mine", default=False):
        raise bad("missingRequiredParameter", "No filter selected. Expected one of: mine")
    found = playlists_of(call.world, call.account)
    shown, following, size = page_of(call, found, default=5, most=PAGE)
    items = [_playlist_json(call, record, parts) for record in shown]
    return listed("playlist", items, total=len(found), page_size=size, following=following)


async def insert_playlist(call: Call) -> Response:
    parts = call.parts(PLAYLIST_PARTS)
    check_fields(call.body, PLAYLIST)
    title = (call.body.get("snippet") or {}).get("title", "")
    if not title.strip() or len(title) > TITLE:
        raise bad("playlistTitleRequired", "The request must specify a playlist title.", domain="youtube.playlist")
    record = add_playlist(call.world, call.account, "PL" + secrets.token_urlsafe(24), title)
    call.log(title, record.value["id"])
    return answer(_playlist_json(call, record, parts))


async def delete_playlist(call: Call) -> Response:
    record = _mine(call, call.required("id"))
    call.world.records.remove(record.id)
    call.log("", record.value["id"])
    return Response(status_code=204)


# ---------------------------------------------------------------- items


async def list_items(call: Call) -> Response:
    """Of a playlist of one's own, or of the uploads of any channel, newest first: its owner sees private ones too."""
    parts, playlist_id = call.parts(ITEM_PARTS), call.required("playlistId")
    owner = next((a for a in call.world.accounts if a.network == YOUTUBE and uploads_of(a) == playlist_id), None)
    if owner is None:
        ids = _mine(call, playlist_id).value["videos"]
        videos = [post for key in ids if (post := call.world.posts.get(key)) is not None]
    else:
        videos = [p for p in call.world.posts_of(owner.id) if not p.reply_to and call.may_see(p)]
    if wanted := call.query("videoId"):
        videos = [post for post in videos if post.id == wanted]
    shown, following, size = page_of(call, list(enumerate(videos)), default=5, most=PAGE)
    items = [playlist_item_json(call.world, post, parts, position, playlist_id) for position, post in shown]
    return listed("playlistItem", items, total=len(videos), page_size=size, following=following)


async def insert_item(call: Call) -> Response:
    """The same video again stands there twice."""
    parts = call.parts(ITEM_PARTS)
    check_fields(call.body, ITEM)
    snippet = call.body.get("snippet") or {}
    resource = snippet.get("resourceId") or {}
    if not snippet.get("playlistId"):
        raise bad("playlistIdRequired", "The request must specify a playlist.", domain="youtube.playlistItem")
    if resource.get("kind") != "youtube#video" or not resource.get("videoId"):
        raise bad("invalidResourceType", "The type of the resource is not supported.", domain="youtube.playlistItem")
    record, post = _mine(call, snippet["playlistId"]), call.video(resource["videoId"])
    videos = record.value["videos"]
    if len(videos) >= MOST:
        message = "The playlist already contains the maximum allowed number of items."
        raise ApiError(403, "playlistContainsMaximumNumberOfVideos", message, domain="youtube.playlistItem")
    record.value = {**record.value, "videos": [*videos, post.id]}
    call.world.records.put(record)
    call.log(record.value["title"], post.id)
    return answer(playlist_item_json(call.world, post, parts, len(videos), record.value["id"], added_at=time.time()))


V3: Final = "/youtube/v3"
routes: list[BaseRoute] = [
    endpoint(
        f"{V3}/playlists",
        list_playlists,
        scopes=READING,
        params=("part", "mine", "maxResults", "pageToken", "hl"),
    ),
    endpoint(f"{V3}/playlists", insert_playlist, "POST", scopes=WRITING, cost=50, params=("part",), json_body=True),
    endpoint(f"{V3}/playlists", delete_playlist, "DELETE", scopes=WRITING, cost=50, params=("id",)),
    endpoint(
        f"{V3}/playlistItems",
        list_items,
        scopes=READING,
        params=("part", "playlistId", "maxResults", "pageToken", "videoId"),
    ),
    endpoint(f"{V3}/playlistItems", insert_item, "POST", scopes=WRITING, cost=50, params=("part",), json_body=True),
]
