"""Reading a Page back: its posts, the comments under those we watch, what names it or is written on it, and its messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.facebook.answers import MESSENGER, NETWORK, absolute, is_video, web_url
from socialops.networks.meta.cursor import known, remember
from socialops.networks.meta.graph import GONE, call, error_code, moment_of, pages, rows
from socialops.networks.meta.messages import pull_messages
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target

POST_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,target{id},subattachments{target{id}}}"
VIDEO_FIELDS = "id,description,created_time,permalink_url"
MENTION_FIELDS = "id,message,from{id,name},created_time,permalink_url"
TAGGED, VISITORS, MESSAGES = "tagged", "visitor_posts", "messages"


def _attached(post: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in (post.get("attachments") or {}).get("data") or ():
        inner = (item.get("subattachments") or {}).get("data")
        yield from inner or (item,)


def attached_ids(post: Mapping[str, Any]) -> set[str]:
    return {str((item.get("target") or {}).get("id")) for item in _attached(post)}


def remote_post(post: Mapping[str, Any]) -> RemotePost:
    external_id = str(post["id"])
    kinds = {str(item.get("media_type")) for item in (post.get("attachments") or {}).get("data") or ()}
    return RemotePost(
        external_id=external_id,
        url=absolute(post.get("permalink_url"), external_id),
        text=str(post.get("message") or post.get("description") or ""),
        created_at=moment_of(post),
        media_count=len(list(_attached(post))) if kinds & {"photo", "album", "video"} else int(is_video(external_id)),
    )


def remote_comment(post_id: str, comment: Mapping[str, Any]) -> RemotePost:
    external_id = str(comment["id"])
    url = f"{web_url(post_id)}?comment_id={external_id.rpartition('_')[2]}"
    return RemotePost(
        external_id, str(comment.get("permalink_url") or url), str(comment.get("message") or ""), moment_of(comment)
    )


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    fields = VIDEO_FIELDS if is_video(external_id) else POST_FIELDS
    answer = call(target, "GET", external_id, params={"fields": fields}, accept=(GONE,))
    if error_code(answer) == GONE:
        return None
    answer.text("id")
    return remote_post(answer.object())


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """New comments under the watched posts, posts that tag the Page or are written on it, and messages: `cursor` = {post id, or the name of the source: its newest time}.

    What was posted in the very second last seen comes again: times have no finer grain, callers know it by external id.
    """
    asked = watched[: network_data(NETWORK)["read"]["watched"]]
    sources = {post_id: (f"{post_id}/comments", "comment") for post_id in asked}
    sources |= {name: (f"{target.external_id}/{name}", "mention") for name in (TAGGED, VISITORS)}
    seen: dict[str, Any] = {}
    mentions: list[RemoteMention] = []
    for name, (edge, kind) in sources.items():
        since = known(cursor, name)
        found = [_mention(name, kind, row, moment) for row, moment in _rows(target, edge, since)]
        mentions += [mention for mention in found if mention.author_id != target.external_id]
        remember(seen, name, found, since)
    since = known(cursor, MESSAGES)
    ours = frozenset({target.external_id})
    messages = list(pull_messages(target, owner=target.external_id, platform=MESSENGER, since=since, ours=ours))
    remember(seen, MESSAGES, messages, since)
    return MentionPage((*mentions, *messages), seen)


def _rows(target: Target, edge: str, since: datetime | None) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    """Newest first, down to `since`; nothing from a post that is gone."""
    rule = network_data(NETWORK)["read"]
    params: dict[str, Any] = {
        "fields": MENTION_FIELDS + (",parent{id}" if edge.endswith("/comments") else ""),
        "limit": rule["comments_page_size"],
    }
    if edge.endswith("/comments"):
        params |= {"filter": "stream", "order": "reverse_chronological"}
    for answer in pages(target, edge, params, rule["comments_pages"], accept=(GONE,)):
        for row in rows(answer):
            moment = moment_of(row)
            if moment is None or (since is not None and moment < since):
                return
            yield row, moment


def _mention(source: str, kind: str, row: Mapping[str, Any], moment: datetime) -> RemoteMention:
    author = row.get("from") or {}  # absent without pages_read_user_content or the person's consent
    post_id = source if kind == "comment" else ""
    post = remote_comment(post_id, row) if post_id else remote_post(row)
    parent = str((row.get("parent") or {}).get("id") or post_id)
    return mention_of(kind, post, author, moment, parent=parent, root=post_id)


def mention_of(
    kind: str, post: RemotePost, author: Mapping[str, Any], moment: datetime, *, parent: str = "", root: str = ""
) -> RemoteMention:
    name, author_id = str(author.get("name") or ""), str(author.get("id") or "")
    return RemoteMention(
        external_id=post.external_id,
        kind=kind,
        author_id=author_id,
        author_handle=name,
        author_name=name,
        text=post.text,
        url=post.url,
        created_at=moment,
        author_url=web_url(author_id) if author_id else "",
        in_reply_to=parent,
        root=root,
    )
