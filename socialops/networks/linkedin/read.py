"""Reading back: our posts, the comments under those we watch, and who mentions a Page.

Comments are read per post (their order is undocumented, so every page is read); mentions come from a Page's notifications. Members have neither without
`r_member_social_feed`. How long what is read may be kept is in `[retention]` of the data file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.linkedin import little
from socialops.networks.linkedin.answers import (
    GONE,
    NETWORK,
    call,
    elements,
    has_role,
    host,
    is_organization,
    milliseconds,
    moment_of,
)
from socialops.networks.linkedin.people import names_of
from socialops.networks.linkedin.publish import web_url
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.urns import canonical, comment_urn
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target


class CommentsGoneError(Exception):
    """What the comments would stand under isn't there (or not yet)."""


def remote_post(target: Target, row: Mapping[str, Any]) -> RemotePost:
    urn = str(row["id"])
    return RemotePost(
        external_id=urn,
        url=web_url(target, urn),
        text=_text(row),
        created_at=moment_of(row.get("createdAt") or row.get("publishedAt")),
        media_count=len(_files(row)),
    )


def _text(row: Mapping[str, Any]) -> str:
    """Of a poll without a text, its question."""
    written = little.named(little.plain(str(row.get("commentary") or "")))
    return written or asked(row)


def asked(row: Mapping[str, Any]) -> str:
    """The question of its poll, "" without one."""
    return str(((row.get("content") or {}).get("poll") or {}).get("question") or "")


def reshared(row: Mapping[str, Any]) -> str:
    """The URN of the post that it quotes, "" for none."""
    return str((row.get("reshareContext") or {}).get("parent") or "")


def _files(row: Mapping[str, Any]) -> set[str]:
    shown = row.get("content") or {}
    images = (shown.get("multiImage") or {}).get("images") or ()
    return {str(item["id"]) for item in (shown.get("media") or {}, *images) if item.get("id")}


def attached(row: Mapping[str, Any]) -> set[str]:
    """URNs of a post's files, the picture of its card among them."""
    thumbnail = ((row.get("content") or {}).get("article") or {}).get("thumbnail")
    return _files(row) | ({str(thumbnail)} if thumbnail else set())


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    """AuthError for a member's post: LinkedIn grants reading those to nobody new."""
    answer = call(target, "GET", address("posts", external_id), accept=GONE)
    if not answer.ok:
        return None
    answer.text("id")
    return remote_post(target, answer.object())


# ---------------------------------------------------------------- comments


def may_read_comments(target: Target) -> bool:
    if is_organization(target):
        return has_role(target, "comments")
    return "r_member_social_feed" in target.credentials.scopes


def comments_under(target: Target, urn: str) -> tuple[list[dict[str, Any]], bool]:
    """Comments on a post, or answers to a comment, and whether these are all. CommentsGoneError where there is no such thing."""
    rule = network_data(NETWORK)["read"]
    size = rule["comments_page_size"]
    rows: list[dict[str, Any]] = []
    for page in range(rule["comments_pages"]):
        where = address("socialActions", urn, "comments", start=page * size, count=size)
        answer = call(target, "GET", where, accept=GONE)
        if not answer.ok:
            raise CommentsGoneError
        found = elements(answer)
        rows += found
        if len(found) < size:
            return rows, True
    return rows, False


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """`cursor`: {"comments": {post: {"at": newest ms, "threads": {comment: number of answers}}}, "notifications": newest ms}.

    What was said in the very millisecond last seen comes again: callers know it by external id.
    """
    seen: dict[str, Any] = {}
    found: list[RemoteMention] = []
    if may_read_comments(target):
        known = cursor.get("comments") or {}
        for post in watched[: network_data(NETWORK)["read"]["watched"]]:
            mentions, seen[post] = _new_comments(target, post, known.get(post) or {})
            found += mentions
    since = cursor.get("notifications")
    if is_organization(target) and has_role(target, "administer"):
        mentions, since = _new_mentions(target, since)
        found += mentions
    names = names_of(target, {mention.author_id for mention in found})
    mentions = [_named(mention, names) for mention in found if mention.author_id != target.external_id]
    return MentionPage(tuple(mentions), {"comments": seen, "notifications": since})


def _new_comments(target: Target, post: str, known: Mapping[str, Any]) -> tuple[list[RemoteMention], dict[str, Any]]:
    """Comments newer than the newest seen, and new answers where a comment has more of them than before."""
    newest, counts = known.get("at") or 0, known.get("threads") or {}
    try:
        comments, _complete = comments_under(target, post)
    except CommentsGoneError:
        return [], dict(known)
    threads: dict[str, int] = {}
    rows = [(row, "") for row in comments]
    for comment in comments:
        urn, answers = comment_urn(comment), _answers(comment)
        if answers:
            threads[urn] = answers
        if answers > counts.get(urn, 0):
            rows += [(row, urn) for row in _answers_to(target, urn)]
    mentions = [
        mention
        for row, parent in rows
        if (mention := comment_mention(target, row, post=post, parent=parent)) is not None
    ]
    fresh = [mention for mention in mentions if milliseconds(mention.created_at) >= newest]
    latest = max([newest, *(milliseconds(mention.created_at) for mention in mentions)])
    return fresh, {"at": latest, "threads": threads}


def _answers(comment: Mapping[str, Any]) -> int:
    summary = comment.get("commentsSummary") or {}
    count = summary.get("aggregatedTotalComments") or summary.get("totalFirstLevelComments") or 0
    return count if isinstance(count, int) else 0


def _answers_to(target: Target, urn: str) -> list[dict[str, Any]]:
    try:
        return comments_under(target, urn)[0]
    except CommentsGoneError:
        return []  # deleted between two calls


def comment_mention(target: Target, row: Mapping[str, Any], *, post: str, parent: str) -> RemoteMention | None:
    """None for a row that doesn't tell what it is."""
    urn, moment = comment_urn(row), moment_of((row.get("created") or {}).get("time"))
    if not urn or moment is None:
        return None
    above = canonical(str(row.get("parentComment") or "")) or parent
    return _mention(
        target,
        external_id=urn,
        kind="reply" if above else "comment",
        author=str(row.get("actor") or (row.get("created") or {}).get("actor") or ""),
        text=str((row.get("message") or {}).get("text") or ""),
        url=web_url(target, post, urn),
        moment=moment,
        in_reply_to=above or post,
        root=post,
    )


def _mention(
    target: Target,
    *,
    external_id: str,
    kind: str,
    author: str,
    text: str,
    url: str,
    moment: datetime,
    in_reply_to: str = "",
    root: str = "",
) -> RemoteMention:
    """Still without its author's name."""
    return RemoteMention(
        external_id=external_id,
        kind=kind,
        author_id=author,
        author_handle="",
        author_name=str(network_data(NETWORK)["read"]["unnamed"]),
        text=text,
        url=url,
        created_at=moment,
        author_url=f"{host(target.base_url, 'web')}/company/{author.rpartition(':')[2]}"
        if author.startswith("urn:li:organization:")
        else "",
        in_reply_to=in_reply_to,
        root=root,
    )


def _named(mention: RemoteMention, names: Mapping[str, tuple[str, str]]) -> RemoteMention:
    name, handle = names.get(mention.author_id, ("", ""))
    return replace(mention, author_name=name or mention.author_name, author_handle=handle or mention.author_id)


# ---------------------------------------------------------------- notifications


def _new_mentions(target: Target, since: Any) -> tuple[list[RemoteMention], int]:
    """Posts of others that name the Page, from its notifications since then (60 days are kept there)."""
    rule, now = network_data(NETWORK)["read"], datetime.now(UTC)
    start = since if isinstance(since, int) else milliseconds(now - timedelta(days=rule["notifications_first_days"]))
    size, newest = rule["notifications_page_size"], start
    mentions: list[RemoteMention] = []
    for page in range(rule["notifications_pages"]):
        where = address(
            "organizationalEntityNotifications",
            q="criteria",
            actions=["SHARE_MENTION"],
            organizationalEntity=target.external_id,
            timeRange={"start": start, "end": milliseconds(now) + 1},
            start=page * size,
            count=size,
        )
        rows = elements(call(target, "GET", where))
        for row in rows:
            if (mention := notified(target, row)) is not None:
                mentions.append(mention)
                newest = max(newest, milliseconds(mention.created_at))
        if len(rows) < size:
            break
    return mentions, newest


def notified(target: Target, row: Mapping[str, Any]) -> RemoteMention | None:
    """A comment or a mention as a notification tells it; None for anything else, or when it isn't whole."""
    made = row.get("decoratedGeneratedActivity") or {}
    moment = moment_of(row.get("lastModifiedAt"))
    comment, share = made.get("comment") or {}, made.get("share") or {}
    if moment is None:
        return None
    if comment:
        urn = canonical(str(comment.get("entity") or row.get("generatedActivity") or ""))
        post = str((row.get("decoratedSourcePost") or {}).get("entity") or row.get("sourcePost") or "")
        above = canonical(str(comment.get("parentComment") or ""))
        return _mention(
            target,
            external_id=urn,
            kind="reply" if above else "comment",
            author=str(comment.get("owner") or comment.get("actor") or ""),
            text=str(comment.get("text") or ""),
            url=web_url(target, post, urn),
            moment=moment,
            in_reply_to=above or post,
            root=post,
        )
    urn = str(share.get("entity") or row.get("generatedActivity") or "")
    if row.get("action") != "SHARE_MENTION" or not urn:
        return None
    text = little.named(little.plain(str(share.get("text") or "")))
    author = str(share.get("owner") or "")
    return _mention(
        target, external_id=urn, kind="mention", author=author, text=text, url=web_url(target, urn), moment=moment
    )
