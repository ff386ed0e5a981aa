"""Comment threads and comments: read, write, moderate. Every call wants `youtube.force-ssl`, reading too."""

from __future__ import annotations

import time
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.models import YOUTUBE, Account, Post
from socialops.sandbox.world import World
from socialops.sandbox.youtube.call import (
    COMMENTING,
    ApiError,
    Call,
    answer,
    bad,
    check_fields,
    endpoint,
    gone,
    listed,
    page_of,
)
from socialops.sandbox.youtube.entities import comment_json, comments_open, new_comment_id, thread_json

TEXT: Final = 10_000
STATES: Final = ("published", "heldForReview", "likelySpam", "rejected")
TEXT_FORMATS: Final = ("", "html", "plainText", "textFormatUnspecified")
COMMENT: Final[dict[str, Any]] = {"snippet": {"textOriginal": str}}
THREAD: Final[dict[str, Any]] = {
    "kind": str,
    "snippet": {"videoId": str, "channelId": str, "topLevelComment": {"kind": str, **COMMENT}},
}
REPLY: Final[dict[str, Any]] = {"kind": str, "id": str, "snippet": {"parentId": str, "textOriginal": str}}


def add_comment(world: World, author: Account, above: Post, text: str, *, source: str = "client") -> Post:
    """Under a video a thread of its own; under a comment, or a reply to one, a reply in that thread."""
    video = world.posts.objects[above.root or above.id]
    thread = "" if not above.reply_to else above.id if above.reply_to == video.id else above.reply_to
    comment = Post(new_comment_id(thread), YOUTUBE, author.id, text, world.now(), source, thread or video.id, video.id)
    world.add_post(comment)
    world.notify(video.account_id, "reply", author.id, comment.id)
    return comment


def _check_text(text: str) -> None:
    if not text.strip():
        raise bad(
            "commentTextRequired",
            "The comment resource that is being inserted must specify a value for the textOriginal property.",
            domain="youtube.comment",
        )
    if len(text) > TEXT:
        raise bad(
            "commentTextTooLong",
            "The comment resource that is being inserted contains too many characters in the textOriginal property.",
            domain="youtube.comment",
        )


async def insert_thread(call: Call) -> Response:
    call.parts(("id", "snippet", "replies"))
    check_fields(call.body, THREAD)
    snippet = call.body.get("snippet", {})
    text = snippet.get("topLevelComment", {}).get("snippet", {}).get("textOriginal", "")
    _check_text(text)
    video = call.video(snippet.get("videoId", ""))
    if not comments_open(video) or video.facts.get("privacy") == "private":
        raise ApiError(
            403,
            "commentsDisabled",
            "The video identified by the videoId parameter has disabled comments.",
            domain="youtube.commentThread",
        )
    comment = add_comment(call.world, call.account, video, text)
    call.log(text, comment.id)
    return answer(thread_json(call, comment, ["snippet"]))


async def insert_reply(call: Call) -> Response:
    call.parts(("id", "snippet"))
    check_fields(call.body, REPLY)
    snippet = call.body.get("snippet", {})
    _check_text(snippet.get("textOriginal", ""))
    above = call.world.posts.get(snippet.get("parentId", ""))
    if above is None or above.reply_to != above.root:
        raise gone("comment", "parentCommentNotFound")
    comment = add_comment(call.world, call.account, above, snippet["textOriginal"])
    call.log(comment.text, comment.id)
    return answer(comment_json(call, comment))


async def list_threads(call: Call) -> Response:
    """By video, by channel, or by id; newest threads first. Others than published ones for the channel's owner only."""
    parts = call.parts(("id", "snippet", "replies"))
    state = call.query("moderationStatus") or "published"
    if state not in STATES or call.query("textFormat") not in TEXT_FORMATS:
        raise bad("invalidParameter", "Invalid value at 'moderationStatus' or 'textFormat'")
    if ids := call.many("id"):
        threads = [
            p for key in ids if (p := call.world.posts.get(key)) and p.network == YOUTUBE and p.reply_to == p.root
        ]
        return listed("commentThread", [thread_json(call, p, parts) for p in threads], total=len(threads), page_size=20)
    if video_id := call.query("videoId"):
        videos = [call.video(video_id)]
        if not comments_open(videos[0]):
            raise ApiError(
                403,
                "commentsDisabled",
                "The video identified by the videoId parameter has disabled comments.",
                domain="youtube.commentThread",
            )
    else:
        channel = call.world.accounts.get(call.required("allThreadsRelatedToChannelId"))
        if channel is None or channel.network != YOUTUBE:
            raise gone("channel", "channelNotFound")
        videos = [p for p in call.world.posts_of(channel.id) if not p.reply_to]
    if state != "published" and any(p.account_id != call.account.id for p in videos):
        raise ApiError(
            403,
            "forbidden",
            "One or more of the requested comment threads cannot be retrieved due to insufficient permissions.",
            domain="youtube.commentThread",
        )
    threads = [c for v in videos for c in call.world.replies(v.id) if c.facts.get("moderation", "published") == state]
    threads.sort(key=lambda p: p.created_at, reverse=True)
    shown, following, size = page_of(call, threads, default=20, most=100)
    items = [thread_json(call, p, parts) for p in shown]
    return listed("commentThread", items, total=len(items), page_size=size, following=following)


async def list_comments(call: Call) -> Response:
    """By id, or the replies of a thread, newest first."""
    call.parts(("id", "snippet"))
    if ids := call.many("id"):
        found = [p for key in ids if (p := call.world.posts.get(key)) and p.network == YOUTUBE and p.reply_to]
        return listed("comment", [comment_json(call, p) for p in found], total=len(found), page_size=20)
    parent = call.comment(call.required("parentId"))
    replies = [r for r in call.world.replies(parent.id)[::-1] if not r.hidden]
    shown, following, size = page_of(call, replies, default=20, most=100)
    return listed(
        "comment", [comment_json(call, r) for r in shown], total=len(shown), page_size=size, following=following
    )


async def update_comment(call: Call) -> Response:
    call.parts(("id", "snippet"))
    comment = call.comment(str(call.body.get("id") or ""))
    check_fields(call.body, REPLY)
    text = call.body.get("snippet", {}).get("textOriginal", "")
    _check_text(text)
    if comment.account_id != call.account.id:
        raise ApiError(
            403, "forbidden", "The comment cannot be updated due to insufficient permissions.", domain="youtube.comment"
        )
    comment.text, comment.edited_at = text, time.time()
    call.world.posts.put(comment)
    call.log(text, comment.id)
    return answer(comment_json(call, comment))


def _own_channel(call: Call, comment: Post) -> bool:
    return call.world.posts.objects[comment.root].account_id == call.account.id


async def delete_comment(call: Call) -> Response:
    """One's own, or any on one's own channel."""
    comment = call.comment(call.required("id"))
    if comment.account_id != call.account.id and not _own_channel(call, comment):
        raise ApiError(
            403,
            "forbidden",
            "The comment cannot be deleted because of insufficient permissions.",
            domain="youtube.comment",
        )
    for reply in call.world.replies(comment.id)[::-1]:
        call.world.remove_post(reply)
    call.world.remove_post(comment)
    call.log("", comment.id)
    return Response(status_code=204)


async def moderate(call: Call) -> Response:
    state = call.required("moderationStatus")
    ban = call.flag("banAuthor", default=False)
    if state not in {"heldForReview", "published", "rejected"} or (ban and state != "rejected"):
        raise bad(
            "banWithoutReject" if ban else "invalidParameter", "Invalid moderationStatus", domain="youtube.comment"
        )
    found = [call.comment(key) for key in call.many("id")]
    if any(not _own_channel(call, comment) for comment in found):
        raise ApiError(
            403,
            "forbidden",
            "One or more of the comments cannot be moderated due to insufficient permissions.",
            domain="youtube.comment",
        )
    for comment in found:
        comment.facts["moderation"] = state
        comment.hidden = state != "published"
        call.world.posts.put(comment)
        call.log(state, comment.id)
    return Response(status_code=204)


V3: Final = "/youtube/v3"
LISTING: Final = ("part", "id", "maxResults", "pageToken", "textFormat")
THREADS: Final = (
    *LISTING,
    "videoId",
    "channelId",
    "allThreadsRelatedToChannelId",
    "order",
    "moderationStatus",
    "searchTerms",
)
routes: list[BaseRoute] = [
    endpoint(f"{V3}/commentThreads", list_threads, scopes=COMMENTING, params=THREADS),
    endpoint(
        f"{V3}/commentThreads", insert_thread, "POST", scopes=COMMENTING, cost=50, params=("part",), json_body=True
    ),
    endpoint(f"{V3}/comments", list_comments, scopes=COMMENTING, params=(*LISTING, "parentId")),
    endpoint(f"{V3}/comments", insert_reply, "POST", scopes=COMMENTING, cost=50, params=("part",), json_body=True),
    endpoint(f"{V3}/comments", update_comment, "PUT", scopes=COMMENTING, cost=50, params=("part",), json_body=True),
    endpoint(f"{V3}/comments", delete_comment, "DELETE", scopes=COMMENTING, cost=50, params=("id",)),
    endpoint(
        f"{V3}/comments/setModerationStatus",
        moderate,
        "POST",
        scopes=COMMENTING,
        cost=50,
        params=("id", "moderationStatus", "banAuthor"),
    ),
]
