"""Videos, channels, playlists and comments as the Data API shows them. Counts are strings where Google's schema says so."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any, Final

from socialops.sandbox.models import YOUTUBE, Account, Post
from socialops.sandbox.world import World
from socialops.sandbox.youtube.call import Call, etag, google_time

VIDEO_PARTS: Final = (
    "id",
    "snippet",
    "status",
    "statistics",
    "contentDetails",
    "processingDetails",
    "paidProductPlacementDetails",
    "localizations",
    "fileDetails",
)
OWNER_PARTS: Final = frozenset({"processingDetails", "fileDetails"})
CHANNEL_PARTS: Final = ("id", "snippet", "statistics", "status", "contentDetails", "brandingSettings")
STEADY: Final = 3  # significant digits of a public subscriber count


def new_video_id() -> str:
    return secrets.token_urlsafe(8)


def new_comment_id(thread: str = "") -> str:
    """A thread's id, or with `thread` that of a reply under it."""
    code = base64.urlsafe_b64encode(secrets.token_bytes(15)).decode()
    return f"{thread}.{code[:22]}" if thread else f"Ug{code}4AaABAg"


def uploads_of(account: Account) -> str:
    """The playlist of everything a channel uploaded."""
    return "UU" + account.id.removeprefix("UC")


def thumbnails(world: World, post: Post) -> dict[str, Any]:
    media = post.facts.get("thumbnail")
    url = (
        f"{world.base_url(YOUTUBE)}/media/{media}"
        if media
        else f"{world.base_url(YOUTUBE)}/avatar/{post.account_id}.svg"
    )
    sizes = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
    return {name: {"url": url, "width": width, "height": height} for name, (width, height) in sizes.items()}


def upload_status(post: Post) -> str:
    """What processing has made of it by now."""
    facts = post.facts
    if facts.get("ready_at", 0.0) > time.time():
        return "uploaded"
    if facts.get("failure"):
        return "failed"
    return "rejected" if facts.get("rejection") else "processed"


def video_json(world: World, post: Post, parts: list[str], viewer: Account | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": "youtube#video", "etag": etag(post.id, post.edited_at), "id": post.id}
    mine = viewer is not None and viewer.id == post.account_id
    makers = {
        "snippet": _snippet,
        "status": _status,
        "statistics": _statistics,
        "contentDetails": _content_details,
        "processingDetails": _processing,
        "paidProductPlacementDetails": lambda _, p: {"hasPaidProductPlacement": p.facts.get("paid", False)},
        "localizations": lambda _, p: p.facts.get("localizations", {}),
        "fileDetails": _file_details,
    }
    for part in parts:
        if part in makers and (mine or part not in OWNER_PARTS):
            body[part] = makers[part](world, post)
    return body


def _snippet(world: World, post: Post) -> dict[str, Any]:
    facts, author = post.facts, world.accounts.objects[post.account_id]
    body = {
        "publishedAt": google_time(post.created_at),
        "channelId": author.id,
        "title": facts["title"],
        "description": post.text,
        "thumbnails": thumbnails(world, post),
        "channelTitle": author.name,
        "categoryId": facts.get("category", "22"),
        "liveBroadcastContent": "none",
        "localized": {"title": facts["title"], "description": post.text},
    }
    if facts.get("tags"):
        body["tags"] = facts["tags"]
    if facts.get("language"):
        body["defaultLanguage"] = facts["language"]
    return body


def _status(_: World, post: Post) -> dict[str, Any]:
    facts, state = post.facts, upload_status(post)
    body = {
        "uploadStatus": state,
        "privacyStatus": facts.get("privacy", "public"),
        "license": facts.get("license", "youtube"),
        "embeddable": facts.get("embeddable", True),
        "publicStatsViewable": True,
        "madeForKids": facts.get("made_for_kids", False),
        "containsSyntheticMedia": facts.get("synthetic", False),
    }
    if "made_for_kids" in facts:
        body["selfDeclaredMadeForKids"] = facts["made_for_kids"]
    if state == "failed":
        body["failureReason"] = facts["failure"]
    if state == "rejected":
        body["rejectionReason"] = facts["rejection"]
    return body


def _statistics(world: World, post: Post) -> dict[str, Any]:
    body = {"viewCount": str(post.views), "likeCount": str(len(post.likes)), "favoriteCount": "0"}
    if comments_open(post):
        body["commentCount"] = str(sum(1 + len(world.replies(c.id)) for c in world.replies(post.id)))
    return body


def comments_open(post: Post) -> bool:
    return not post.facts.get("made_for_kids") and not post.facts.get("comments_off")


def _content_details(_: World, post: Post) -> dict[str, Any]:
    seconds = int(post.facts.get("seconds", 3))
    return {
        "duration": f"PT{seconds // 60}M{seconds % 60}S" if seconds >= 60 else f"PT{seconds}S",
        "dimension": "2d",
        "definition": "hd",
        "caption": "false",
        "licensedContent": False,
        "contentRating": {},
        "projection": "rectangular",
        "hasCustomThumbnail": bool(post.facts.get("thumbnail")),
    }


def _processing(_: World, post: Post) -> dict[str, Any]:
    state = {"uploaded": "processing", "processed": "succeeded", "failed": "failed", "rejected": "terminated"}
    found = state[upload_status(post)]
    body: dict[str, Any] = {"processingStatus": found, "fileDetailsAvailability": "available"}
    if found == "processing":
        left = str(int(max(0.0, post.facts["ready_at"] - time.time()) * 1000))
        body["processingProgress"] = {"partsTotal": "100", "partsProcessed": "50", "timeLeftMs": left}
    if found == "failed":
        body["processingFailureReason"] = "transcodeFailed"
    return body


def _file_details(world: World, post: Post) -> dict[str, Any]:
    media = world.media.get(post.media[0]) if post.media else None
    return {"fileName": "upload.mp4", "fileSize": str(media.size if media else 0), "fileType": "video"}


def rounded(count: int) -> int:
    """A public subscriber count keeps three significant digits, rounded down."""
    step: int = 10 ** max(0, len(str(count)) - STEADY)
    return count // step * step


def channel_json(world: World, account: Account, parts: list[str]) -> dict[str, Any]:
    base = world.base_url(YOUTUBE)
    videos = [p for p in world.posts_of(account.id) if not p.reply_to]
    picture = {"url": f"{base}/avatar/{account.id}.svg", "width": 88, "height": 88}
    known: dict[str, Any] = {
        "snippet": {
            "title": account.name,
            "description": account.note,
            "customUrl": f"@{account.handle}",
            "publishedAt": google_time(account.created_at),
            "thumbnails": {"default": picture, "medium": picture, "high": picture},
            "localized": {"title": account.name, "description": account.note},
            "country": "FR",
        },
        "statistics": {
            "viewCount": str(sum(p.views for p in videos)),
            "subscriberCount": str(rounded(account.followers)),
            "hiddenSubscriberCount": False,
            "videoCount": str(len(videos)),
        },
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "allowed", "madeForKids": False},
        "contentDetails": {"relatedPlaylists": {"likes": "LL", "uploads": uploads_of(account)}},
        "brandingSettings": {"channel": {"title": account.name, "country": "FR"}},
    }
    body = {"kind": "youtube#channel", "etag": etag(account.id, len(videos)), "id": account.id}
    return body | {part: known[part] for part in parts if part in known}


def playlist_item_json(
    world: World, post: Post, parts: list[str], position: int, playlist_id: str, *, added_at: float = 0.0
) -> dict[str, Any]:
    """In the playlist of uploads a video was added when it was made."""
    author = world.accounts.objects[post.account_id]
    known: dict[str, Any] = {
        "snippet": {
            "publishedAt": google_time(added_at or post.created_at),
            "channelId": author.id,
            "title": post.facts["title"],
            "description": post.text,
            "thumbnails": thumbnails(world, post),
            "channelTitle": author.name,
            "playlistId": playlist_id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": post.id},
            "videoOwnerChannelTitle": author.name,
            "videoOwnerChannelId": author.id,
        },
        "contentDetails": {"videoId": post.id, "videoPublishedAt": google_time(post.created_at)},
        "status": {"privacyStatus": post.facts.get("privacy", "public")},
    }
    item_id = base64.urlsafe_b64encode(f"{playlist_id}.{post.id}".encode()).decode()
    body = {"kind": "youtube#playlistItem", "etag": etag(post.id), "id": item_id}
    return body | {part: known[part] for part in parts if part in known}


def comment_json(call: Call, post: Post) -> dict[str, Any]:
    world = call.world
    author, video = world.accounts.objects[post.account_id], world.posts.get(post.root)
    base = world.base_url(YOUTUBE)
    snippet: dict[str, Any] = {
        "channelId": video.account_id if video else "",
        "videoId": post.root,
        "textDisplay": post.text,
        "textOriginal": post.text,
        "authorDisplayName": f"@{author.handle}",
        "authorProfileImageUrl": f"{base}/avatar/{author.id}.svg",
        "authorChannelUrl": f"{base}/channel/{author.id}",
        "authorChannelId": {"value": author.id},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": len(post.likes),
        "publishedAt": google_time(post.created_at),
        "updatedAt": google_time(post.edited_at or post.created_at),
    }
    if post.reply_to != post.root:
        snippet["parentId"] = post.reply_to
    if call.query("moderationStatus"):
        snippet["moderationStatus"] = post.facts.get("moderation", "published")
    return {"kind": "youtube#comment", "etag": etag(post.id, post.edited_at), "id": post.id, "snippet": snippet}


def thread_json(call: Call, post: Post, parts: list[str]) -> dict[str, Any]:
    """With the newest five of its replies, where there are some and `replies` is asked for."""
    video = call.world.posts.get(post.root)
    replies = [r for r in call.world.replies(post.id) if not r.hidden]
    body: dict[str, Any] = {"kind": "youtube#commentThread", "etag": etag(post.id, len(replies)), "id": post.id}
    if "snippet" in parts:
        body["snippet"] = {
            "channelId": video.account_id if video else "",
            "videoId": post.root,
            "topLevelComment": comment_json(call, post),
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": not post.hidden,
        }
    if "replies" in parts and replies:
        body["replies"] = {"comments": [comment_json(call, r) for r in replies[:-6:-1]]}
    return body
