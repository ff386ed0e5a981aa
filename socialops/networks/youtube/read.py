"""Reading a channel back: its videos, its uploads, and the comments under them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target
from socialops.networks.youtube.answers import NETWORK, call, host

PLAIN = {"textFormat": "plainText"}  # else the text comes as HTML


def watch_url(target: Target, video_id: str, comment_id: str = "") -> str:
    address = f"{host('app', target.base_url)}/watch?v={video_id}"
    return f"{address}&lc={comment_id}" if comment_id else address


def moment_of(value: Any) -> datetime | None:
    """`2026-03-10T07:00:00Z`."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def get_video(target: Target, video_id: str, parts: str) -> dict[str, Any] | None:
    """The video's resource, None when the list doesn't have it."""
    answer = call(target, "GET", "videos.list", params={"part": parts, "id": video_id})
    items = answer.object().get("items")
    found = [item for item in (items if isinstance(items, list) else answer.unexpected()) if item.get("id") == video_id]
    return found[0] if found else None


def remote_video(target: Target, video_id: str, snippet: Mapping[str, Any], posted: datetime | None) -> RemotePost:
    """Title and description are one text here."""
    text = "\n\n".join(filter(None, (str(snippet.get("title") or ""), str(snippet.get("description") or ""))))
    return RemotePost(video_id, watch_url(target, video_id), text, posted, media_count=1)


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    video = get_video(target, external_id, "snippet")
    if video is None:
        return None
    snippet = video.get("snippet") or {}
    return remote_video(target, external_id, snippet, moment_of(snippet.get("publishedAt")))


def uploads_since(target: Target, earliest: datetime) -> tuple[list[dict[str, Any]], bool]:
    """Items of the uploads playlist, newest first, back to `earliest`; and whether that was reached."""
    answer = call(target, "GET", "channels.list", params={"part": "contentDetails", "mine": "true"})
    channel = (answer.object().get("items") or [{}])[0]
    playlist = ((channel.get("contentDetails") or {}).get("relatedPlaylists") or {}).get("uploads")
    if not playlist:
        answer.unexpected()
    rule = network_data(NETWORK)["reconcile"]
    params: dict[str, Any] = {"part": "snippet", "playlistId": playlist, "maxResults": rule["page_size"]}
    rows: list[dict[str, Any]] = []
    for _page in range(rule["pages"]):
        answer = call(target, "GET", "playlistItems.list", params=params)
        for row in answer.object().get("items") or ():
            posted = moment_of((row.get("snippet") or {}).get("publishedAt"))
            if posted is not None and posted < earliest:
                return rows, True
            rows.append(row)
        if not (following := answer.object().get("nextPageToken")):
            return rows, True
        params["pageToken"] = following
    return rows, False


# ---------------------------------------------------------------- comments


def pull_mentions(target: Target, *, cursor: Mapping[str, Any]) -> MentionPage:
    """New threads under all of the channel's videos, and new replies in threads of the page whose number of replies has grown.

    `cursor` = {"since": newest comment seen, "replies": {thread: how many}, and while paging "newest", "next"}. What was written in the very second last
    seen comes again: times have no finer grain, callers know it by external id.
    """
    rule = network_data(NETWORK)["read"]
    since, known = str(cursor.get("since") or ""), dict(cursor.get("replies") or {})
    params: dict[str, Any] = {
        "part": "snippet,replies",
        "allThreadsRelatedToChannelId": target.external_id,
        "order": "time",
        "maxResults": rule["page_size"],
        **PLAIN,
    }
    if cursor.get("next"):
        params["pageToken"] = cursor["next"]
    answer = call(target, "GET", "commentThreads.list", params=params)
    items = answer.object().get("items")
    threads = [item for item in (items if isinstance(items, list) else answer.unexpected()) if item.get("snippet")]
    comments: list[dict[str, Any]] = []
    for thread in threads:
        snippet, thread_id = thread["snippet"], str(thread["id"])
        count = int(snippet.get("totalReplyCount") or 0)
        comments.append(snippet.get("topLevelComment") or {})
        if count and count != known.get(thread_id, 0):
            comments += _replies(target, thread, count)
        known.pop(thread_id, None)
        if count:
            known[thread_id] = count
    said = [comment for comment in comments if _written(comment) >= since]
    newest = max((_written(comment) for comment in comments), default="")
    mentions = tuple(m for comment in said if (m := _mention(target, comment)) is not None)
    newest = max(newest, str(cursor.get("newest") or since))
    kept = dict(list(known.items())[-rule["threads_known"] :])
    following = str(answer.object().get("nextPageToken") or "")
    fresh = bool(threads) and all(_written(t["snippet"].get("topLevelComment") or {}) >= since for t in threads)
    # The first pull takes one page: old conversations aren't news.
    if since and following and fresh:
        return MentionPage(mentions, {"since": since, "replies": kept, "newest": newest, "next": following}, more=True)
    return MentionPage(mentions, {"since": newest, "replies": kept})


def _written(comment: Mapping[str, Any]) -> str:
    """ISO 8601 in UTC, so that texts compare as times."""
    return str((comment.get("snippet") or {}).get("publishedAt") or "")


def _replies(target: Target, thread: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """A thread shows a few of its replies; where there are more, they are listed."""
    shown: list[dict[str, Any]] = list((thread.get("replies") or {}).get("comments") or ())
    return shown if len(shown) >= count else list_replies(target, str(thread["id"]))


def list_replies(target: Target, thread_id: str) -> list[dict[str, Any]]:
    rule = network_data(NETWORK)["read"]
    params: dict[str, Any] = {"part": "snippet", "parentId": thread_id, "maxResults": rule["page_size"], **PLAIN}
    found: list[dict[str, Any]] = []
    for _page in range(rule["replies_pages"]):
        answer = call(target, "GET", "comments.list", params=params, accept=("commentNotFound", "notFound"))
        if not answer.ok:
            return found
        found += answer.object().get("items") or []
        if not (following := answer.object().get("nextPageToken")):
            break
        params["pageToken"] = following
    return found


def author_of(comment: Mapping[str, Any]) -> str:
    return str(((comment.get("snippet") or {}).get("authorChannelId") or {}).get("value") or "")


def text_of(comment: Mapping[str, Any]) -> str:
    """`textOriginal` is its author's to see; others get the plain text shown."""
    snippet = comment.get("snippet") or {}
    return str(snippet.get("textOriginal") or snippet.get("textDisplay") or "")


def _mention(target: Target, comment: Mapping[str, Any]) -> RemoteMention | None:
    snippet, author = comment.get("snippet") or {}, author_of(comment)
    written, comment_id = moment_of(snippet.get("publishedAt")), str(comment.get("id") or "")
    if written is None or not comment_id or author == target.external_id:
        return None
    video_id, thread_id = str(snippet.get("videoId") or ""), str(snippet.get("parentId") or "")
    handle = str(snippet.get("authorDisplayName") or author)
    return RemoteMention(
        external_id=comment_id,
        kind="reply" if thread_id else "comment",
        author_id=author,
        author_handle=handle,
        author_name=handle.removeprefix("@"),
        text=text_of(comment),
        url=watch_url(target, video_id or comment_id.partition(".")[0], comment_id),
        created_at=written,
        author_url=str(snippet.get("authorChannelUrl") or ""),
        author_avatar_url=str(snippet.get("authorProfileImageUrl") or ""),
        in_reply_to=thread_id or video_id,
        root=video_id,
        extra={"thread": thread_id or comment_id},
    )
