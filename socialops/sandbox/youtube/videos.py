"""Videos, channels and categories: read, change, delete."""

from __future__ import annotations

import time
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.models import YOUTUBE
from socialops.sandbox.youtube import categories
from socialops.sandbox.youtube.call import (
    READING,
    WRITING,
    ApiError,
    Call,
    answer,
    bad,
    check_fields,
    endpoint,
    listed,
)
from socialops.sandbox.youtube.entities import (
    CHANNEL_PARTS,
    OWNER_PARTS,
    VIDEO_PARTS,
    channel_json,
    video_json,
)

TITLE: Final = 100
DESCRIPTION_BYTES: Final = 5000
TAGS: Final = 500
PAGE: Final = 50
RESOURCE: Final[dict[str, Any]] = {
    "kind": str,
    "etag": str,
    "id": str,
    "snippet": {
        "title": str,
        "description": str,
        "tags": [str],
        "categoryId": str,
        "defaultLanguage": str,
        "defaultAudioLanguage": str,
    },
    "status": {
        "privacyStatus": str,
        "publishAt": str,
        "license": str,
        "embeddable": bool,
        "publicStatsViewable": bool,
        "selfDeclaredMadeForKids": bool,
        "containsSyntheticMedia": bool,
    },
    "paidProductPlacementDetails": {"hasPaidProductPlacement": bool},
}


def tags_length(tags: list[str]) -> int:
    """Commas between them count, and two quotes round each that has a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def apply_resource(facts: dict[str, Any], body: dict[str, Any]) -> None:
    """Put a video resource into the facts. Each section given replaces the whole of it, as videos.update does."""
    check_fields({name: section for name, section in body.items() if name != "localizations"}, RESOURCE)
    if (snippet := body.get("snippet")) is not None:
        _apply_snippet(facts, snippet)
    if (status := body.get("status")) is not None:
        _apply_status(facts, status)
    if (paid := body.get("paidProductPlacementDetails")) is not None:
        facts["paid"] = paid.get("hasPaidProductPlacement", False)
    if (localizations := body.get("localizations")) is not None:
        _apply_localizations(facts, localizations)


def _check_words(title: str, text: str) -> None:
    if not title.strip() or len(title) > TITLE or {"<", ">"} & set(title):
        raise bad(
            "invalidTitle", "The request metadata specifies an invalid or empty video title.", domain="youtube.video"
        )
    if len(text.encode()) > DESCRIPTION_BYTES or {"<", ">"} & set(text):
        raise bad(
            "invalidDescription", "The request metadata specifies an invalid video description.", domain="youtube.video"
        )


def _apply_localizations(facts: dict[str, Any], localizations: Any) -> None:
    """They need the language of the video's own title."""
    known = localizations if isinstance(localizations, dict) else {}
    check_fields(
        {"localizations": localizations},
        {"localizations": {tag: {"title": str, "description": str} for tag in known}},
    )
    if known and not facts.get("language"):
        message = "The request is trying to add localized video details without specifying the default language of the video details."
        raise bad("defaultLanguageNotSet", message, domain="youtube.video")
    for one in known.values():
        _check_words(one.get("title", ""), one.get("description", ""))
    facts["localizations"] = known


def _apply_snippet(facts: dict[str, Any], snippet: dict[str, Any]) -> None:
    title, text, tags = snippet.get("title", ""), snippet.get("description", ""), snippet.get("tags", [])
    _check_words(title, text)
    if tags_length(tags) > TAGS or any({"<", ">"} & set(tag) for tag in tags):
        raise bad("invalidTags", "The request metadata specifies invalid video keywords.", domain="youtube.video")
    category = snippet.get("categoryId", "22")
    if category not in categories.ASSIGNABLE:
        raise bad(
            "invalidCategoryId",
            "The <code>snippet.categoryId</code> property specifies an invalid category ID.",
            domain="youtube.video",
        )
    facts.update(
        title=title, description=text, tags=tags, category=category, language=snippet.get("defaultLanguage", "")
    )


def _apply_status(facts: dict[str, Any], status: dict[str, Any]) -> None:
    privacy = status.get("privacyStatus", facts.get("privacy", "public"))
    if privacy not in {"public", "unlisted", "private"}:
        raise bad("invalidVideoMetadata", f"Invalid value for privacyStatus: {privacy}", domain="youtube.video")
    if status.get("license", "youtube") not in {"youtube", "creativeCommon"}:
        raise bad("invalidVideoMetadata", "Invalid value for license", domain="youtube.video")
    if status.get("publishAt"):
        # The sandbox has no clock that publishes later: saying so is better than a video that never comes.
        raise bad(
            "invalidPublishAt",
            "This sandbox doesn't publish scheduled videos; leave publishAt out.",
            domain="youtube.video",
        )
    facts.update(
        privacy=privacy,
        license=status.get("license", "youtube"),
        embeddable=status.get("embeddable", True),
        synthetic=status.get("containsSyntheticMedia", False),
    )
    if "selfDeclaredMadeForKids" in status:
        facts["made_for_kids"] = status["selfDeclaredMadeForKids"]


async def list_videos(call: Call) -> Response:
    """By id, up to 50: what isn't there, or is private and another's, is silently absent."""
    parts, ids = call.parts(VIDEO_PARTS), call.many("id")
    if not ids:
        raise bad("missingRequiredParameter", "No filter selected. Expected one of: chart, id, myRating")
    if len(ids) > PAGE:
        raise bad("invalidParameter", f"The request specifies too many video ids (at most {PAGE}).")
    found = [p for key in dict.fromkeys(ids) if (p := call.world.posts.get(key)) and call.may_see(p)]
    if OWNER_PARTS & set(parts) and any(p.account_id != call.account.id for p in found):
        raise ApiError(
            403,
            "forbidden",
            "The request is not properly authorized to access video file or processing information.",
            domain="youtube.video",
        )
    items = [video_json(call.world, p, parts, call.account) for p in found]
    return listed("video", items, total=len(items), page_size=len(items))


async def update_video(call: Call) -> Response:
    parts = call.parts(VIDEO_PARTS)
    post = call.video(str(call.body.get("id") or ""), mine=True)
    sections = {name: section for name, section in call.body.items() if name in parts}
    check_fields({name: section for name, section in call.body.items() if name != "localizations"}, RESOURCE)
    if "snippet" in parts and not {"title", "categoryId"} <= sections.get("snippet", {}).keys():
        raise bad(
            "invalidVideoMetadata",
            "The request metadata is invalid: title and categoryId are required.",
            domain="youtube.video",
        )
    facts = {**post.facts, "description": post.text}
    apply_resource(facts, sections)
    post.text, post.facts, post.edited_at = facts.pop("description"), facts, time.time()
    post.live = facts["privacy"] == "public"
    call.world.posts.put(post)
    call.log(f"{facts['title']}\n{post.text}", post.id)
    return answer(video_json(call.world, post, parts, call.account))


async def delete_video(call: Call) -> Response:
    post = call.video(call.required("id"), mine=True)
    for comment in call.world.replies(post.id)[::-1]:
        for reply in call.world.replies(comment.id)[::-1]:
            call.world.remove_post(reply)
        call.world.remove_post(comment)
    call.world.remove_post(post)
    call.log("", post.id)
    return Response(status_code=204)


async def rate_video(call: Call) -> Response:
    post, rating = call.video(call.required("id")), call.required("rating")
    if rating not in {"none", "like", "dislike"}:
        raise bad(
            "invalidRating",
            "The request contained an unexpected value for the rating parameter.",
            domain="youtube.video",
        )
    post.likes = [key for key in post.likes if key != call.account.id] + ([call.account.id] if rating == "like" else [])
    call.world.posts.put(post)
    call.log("", post.id)
    return Response(status_code=204)


async def list_channels(call: Call) -> Response:
    parts = call.parts(CHANNEL_PARTS)
    if call.flag("mine", default=False):
        found = [call.account] if call.account.role == "brand" else []
    elif ids := call.many("id"):
        found = [
            a
            for key in ids[:PAGE]
            if (a := call.world.accounts.get(key)) and a.network == YOUTUBE and a.role != "person"
        ]
    elif handle := call.query("forHandle").lstrip("@"):
        account = call.world.find_account(YOUTUBE, handle)
        found = [account] if account is not None else []
    else:
        raise bad("missingRequiredParameter", "No filter selected. Expected one of: mine, id, forHandle")
    items = [channel_json(call.world, account, parts) for account in found]
    return listed("channel", items, total=len(items), page_size=5)


V3: Final = "/youtube/v3"
routes: list[BaseRoute] = [
    endpoint(f"{V3}/videos", list_videos, scopes=READING, params=("part", "id", "hl", "maxResults", "pageToken")),
    endpoint(f"{V3}/videos", update_video, "PUT", scopes=WRITING, cost=50, params=("part",), json_body=True),
    endpoint(f"{V3}/videos", delete_video, "DELETE", scopes=WRITING, cost=50, params=("id",)),
    endpoint(f"{V3}/videos/rate", rate_video, "POST", scopes=WRITING, cost=50, params=("id", "rating")),
    endpoint(
        f"{V3}/channels",
        list_channels,
        scopes=READING,
        params=("part", "mine", "id", "forHandle", "maxResults", "pageToken", "hl"),
    ),
    endpoint(
        f"{V3}/videoCategories", categories.list_categories, scopes=READING, params=("part", "regionCode", "hl", "id")
    ),
]
