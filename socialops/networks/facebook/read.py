"""Reading a Page back: its posts, and the comments under those we watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.facebook.answers import GONE, NETWORK, call, error_code
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target

POST_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,target{id},subattachments{target{id}}}"
MENTION_FIELDS = "id,message,from{id,name},created_time,permalink_url"
TAGGED = "tagged"


def web_url(external_id: str) -> str:
    return f"{network_data(NETWORK)['hosts']['app']}/{external_id}"


def posted_at(row: Mapping[str, Any]) -> datetime | None:
    """`2026-03-10T07:00:00+0000`, as Graph writes it."""
    try:
        moment = datetime.fromisoformat(str(row.get("created_time")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
        url=str(post.get("permalink_url") or web_url(external_id)),
        text=str(post.get("message") or ""),
        created_at=posted_at(post),
        media_count=len(list(_attached(post))) if kinds & {"photo", "album", "video"} else 0,
    )


def remote_comment(post_id: str, comment: Mapping[str, Any]) -> RemotePost:
    external_id = str(comment["id"])
    url = f"{web_url(post_id)}?comment_id={external_id.rpartition('_')[2]}"
    return RemotePost(
        external_id, str(comment.get("permalink_url") or url), str(comment.get("message") or ""), posted_at(comment)
    )


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    answer = call(target, "GET", external_id, params={"fields": POST_FIELDS}, accept=(GONE,))
    if error_code(answer) == GONE:
        return None
    answer.text("id")
    return remote_post(answer.object())


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """New comments under the watched posts, and posts that tag the Page: `cursor` = {post id or "tagged": its newest time}.

    What was posted in the very second last seen comes again: times have no finer grain, callers know it by external id.
    """
    asked = watched[: network_data(NETWORK)["read"]["watched"]]
    sources = {post_id: (f"{post_id}/comments", "comment") for post_id in asked}
    sources[TAGGED] = (f"{target.external_id}/tagged", "mention")
    seen: dict[str, Any] = {}
    mentions: list[RemoteMention] = []
    for name, (edge, kind) in sources.items():
        since = _known(cursor.get(name))
        found = [_mention(name, kind, row, moment) for row, moment in _rows(target, edge, since)]
        mentions += [mention for mention in found if mention.author_id != target.external_id]
        newest = max((m.created_at for m in found), default=since)
        if newest is not None:
            seen[name] = newest.isoformat()
    return MentionPage(tuple(mentions), seen)


def _known(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _rows(target: Target, edge: str, since: datetime | None) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    """Newest first, down to `since`; nothing from a post that is gone."""
    rule = network_data(NETWORK)["read"]
    params: dict[str, Any] = {
        "fields": MENTION_FIELDS + (",parent{id}" if edge.endswith("/comments") else ""),
        "limit": rule["comments_page_size"],
    }
    if edge.endswith("/comments"):
        params |= {"filter": "stream", "order": "reverse_chronological"}
    for _page in range(rule["comments_pages"]):
        answer = call(target, "GET", edge, params=params, accept=(GONE,))
        if error_code(answer) == GONE:
            return
        rows = answer.object().get("data")
        for row in rows if isinstance(rows, list) else answer.unexpected():
            moment = posted_at(row)
            if moment is None or (since is not None and moment < since):
                return
            yield row, moment
        paging = answer.object().get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after:
            return
        params["after"] = after


def _mention(source: str, kind: str, row: Mapping[str, Any], moment: datetime) -> RemoteMention:
    author = row.get("from") or {}  # absent without pages_read_user_content or the person's consent
    name, author_id = str(author.get("name") or ""), str(author.get("id") or "")
    post_id = source if kind == "comment" else ""
    post = remote_comment(post_id, row) if post_id else remote_post(row)
    return RemoteMention(
        external_id=post.external_id,
        kind=kind,
        author_id=author_id,
        author_handle=name,
        author_name=name,
        text=post.text,
        url=post.url,
        created_at=moment,
        author_url=f"{network_data(NETWORK)['hosts']['app']}/{author_id}" if author_id else "",
        in_reply_to=str((row.get("parent") or {}).get("id") or post_id),
        root=post_id,
    )
