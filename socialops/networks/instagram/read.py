"""Reading an account back: its media, the comments under those we watch, media of others that tag it, and its messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.instagram.answers import NETWORK, PLATFORM, ours, page_of, profile_url, read_object
from socialops.networks.meta.cursor import known, remember
from socialops.networks.meta.graph import (
    GONE,
    UNKNOWN_FIELD,
    by_instagram_login,
    call,
    error_code,
    moment_of,
    pages,
    rows,
)
from socialops.networks.meta.messages import pull_messages
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target

MEDIA_FIELDS = "id,caption,timestamp,permalink,media_type,media_product_type,username"
ONE_COMMENT = "id,text,timestamp,username,from{id,username}"
COMMENT_FIELDS = f"{ONE_COMMENT},parent_id,hidden,replies{{{ONE_COMMENT}}}"
TOLD_FIELDS = "id,text,timestamp"
COMMENT, MENTION = "comment", "mention"
TAGS, MESSAGES = "tags", "messages"
NAMED = "named"


def remote_media(media: Mapping[str, Any]) -> RemotePost:
    children = (media.get("children") or {}).get("data")
    return RemotePost(
        external_id=str(media["id"]),
        url=str(media.get("permalink") or ""),
        text=str(media.get("caption") or ""),
        created_at=moment_of(media, "timestamp"),
        media_count=len(children) if isinstance(children, list) else 1,
    )


def comment_url(address: str, comment_id: str) -> str:
    return f"{address.rstrip('/')}/c/{comment_id}/"


def remote_comment(address: str, comment: Mapping[str, Any]) -> RemotePost:
    external_id = str(comment["id"])
    text = str(comment.get("text") or "")
    return RemotePost(external_id, comment_url(address, external_id), text, moment_of(comment, "timestamp"))


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    answer = read_object(target, external_id, fields=f"{MEDIA_FIELDS},children{{id}}")
    if error_code(answer) == GONE:
        return None
    answer.text("id")
    return remote_media(answer.object())


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """New comments and replies under the watched media, media that tag the account, and messages: `cursor` = {media id, or the name of the source: its newest time}.

    What was written in the very second last seen comes again: times have no finer grain, callers know it by external id.
    """
    seen: dict[str, Any] = {}
    mentions: list[RemoteMention] = []
    for media_id in watched[: network_data(NETWORK)["read"]["watched"]]:
        since = known(cursor, media_id)
        found = list(_comments(target, media_id, since))
        mentions += [mention for mention in found if not _is_ours(target, mention)]
        remember(seen, media_id, found, since)
    since = known(cursor, TAGS)
    tagged = list(_tags(target, since))
    remember(seen, TAGS, tagged, since)
    since = known(cursor, MESSAGES)
    messages = list(pull_messages(target, owner=page_of(target), platform=PLATFORM, since=since, ours=ours(target)))
    remember(seen, MESSAGES, messages, since)
    return MentionPage((*mentions, *tagged, *messages), seen)


def _is_ours(target: Target, mention: RemoteMention) -> bool:
    return mention.author_id in ours(target) or mention.author_handle == target.handle


def _comments(target: Target, media_id: str, since: datetime | None) -> Iterator[RemoteMention]:
    """Newest first, down to `since`; the first page whole, for a new reply may stand under an old comment. Nothing from media that is gone."""
    rule = network_data(NETWORK)["read"]
    params = {"fields": COMMENT_FIELDS, "limit": rule["comments_page_size"]}
    for answer in pages(target, f"{media_id}/comments", params, rule["comments_pages"], accept=(GONE,)):
        older = False
        for row in rows(answer):
            for comment, parent in ((row, media_id), *((reply, str(row["id"])) for reply in _replies(row))):
                mention = comment_mention(comment, parent=parent, media_id=media_id)
                if mention is not None and (since is None or mention.created_at >= since):
                    yield mention
                older = older or mention is None
            moment = moment_of(row, "timestamp")
            older = older or moment is None or (since is not None and moment < since)
        if older:
            return


def _replies(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = (row.get("replies") or {}).get("data")
    return found if isinstance(found, list) else ()


def comment_mention(
    row: Mapping[str, Any], *, parent: str, media_id: str, moment: datetime | None = None
) -> RemoteMention | None:
    """None for one without a time. `from` is missing for who hasn't a public account."""
    moment = moment_of(row, "timestamp") or moment
    author = row.get("from") or {}
    handle = str(author.get("username") or row.get("username") or "")
    if moment is None:
        return None
    return RemoteMention(
        external_id=str(row["id"]),
        kind=COMMENT,
        author_id=str(author.get("id") or ""),
        author_handle=handle,
        author_name=handle,
        text=str(row.get("text") or ""),
        url=comment_url(f"{network_data(NETWORK)['hosts']['app']}/p/{media_id}", str(row["id"])),
        created_at=moment,
        author_url=profile_url(handle) if handle else "",
        in_reply_to=parent,
        root=media_id,
    )


def _tags(target: Target, since: datetime | None) -> Iterator[RemoteMention]:
    """One page, newest first: what an account is tagged in between two pulls is less."""
    params = {"fields": MEDIA_FIELDS, "limit": network_data(NETWORK)["read"]["tags_page_size"]}
    for answer in pages(target, f"{target.external_id}/tags", params, 1, accept=(GONE,)):
        for row in rows(answer):
            moment = moment_of(row, "timestamp")
            if moment is not None and (since is None or moment >= since):
                yield _tag_mention(target, row, moment)


def read_told(target: Target, *, external_id: str, root: str) -> RemoteMention | None:
    """What names us under somebody else's media, or in its caption without a tag, is in no list: Instagram's webhook tells its ids, and the account is asked for it.
    By Instagram's own login it comes with the comments, whole.
    """
    row = None if by_instagram_login(target) else _told(target, external_id, COMMENT if root else "media")
    moment = moment_of(row, "timestamp") if row else None
    if row is None or moment is None:
        return None
    if not root:
        return replace(_tag_mention(target, row, moment), extra={NAMED: True})
    mention = comment_mention(row, parent=root, media_id=root)
    return mention and replace(mention, kind=MENTION, extra={NAMED: True})


def _told(target: Target, external_id: str, kind: str) -> Mapping[str, Any] | None:
    """Meta's page doesn't list who wrote a comment; others read it there: it is asked for, and done without where that is refused."""
    named = f"mentioned_{kind}"
    for fields in (MEDIA_FIELDS,) if kind == "media" else (f"{TOLD_FIELDS},username", TOLD_FIELDS):
        wanted = f"{named}.{kind}_id({external_id}){{{fields}}}"
        answer = call(target, "GET", target.external_id, params={"fields": wanted}, accept=(GONE, UNKNOWN_FIELD))
        if error_code(answer) != UNKNOWN_FIELD:
            found = answer.object().get(named)
            return found if isinstance(found, dict) and found.get("id") else None
    return None


def _tag_mention(target: Target, row: Mapping[str, Any], moment: datetime) -> RemoteMention:
    """`extra["named"]`: the caption names us too (with an @ or without: Meta leaves it out of others' captions), so that it can be answered."""
    media, handle = remote_media(row), str(row.get("username") or "")
    return RemoteMention(
        external_id=media.external_id,
        kind=MENTION,
        author_id="",  # Meta tells only the name
        author_handle=handle,
        author_name=handle,
        text=media.text,
        url=media.url,
        created_at=moment,
        author_url=profile_url(handle) if handle else "",
        extra={NAMED: target.handle.lstrip("@").casefold() in media.text.casefold()},
    )
