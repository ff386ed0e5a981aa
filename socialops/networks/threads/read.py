"""Reading Threads back: our own posts and replies, the replies under the posts we watch, and who mentions us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import ValidationError
from socialops.networks.ports import Held, MentionPage, RemoteMention, RemotePost, Target
from socialops.networks.threads.answers import GONE, NETWORK, call, error_code, next_page, rows_of
from socialops.networks.threads.oauth import profile_url

POST_FIELDS = "id,text,timestamp,permalink,media_type,children,quoted_post"
REPLY_FIELDS = f"{POST_FIELDS},username,replied_to,root_post,is_reply,is_reply_owned_by_me,hide_status"
MENTIONS = "mentions"
PENDING = "pending"
IGNORED = "ignored"
FILES = {"IMAGE": 1, "VIDEO": 1, "AUDIO": 1}


def posted_at(row: Mapping[str, Any]) -> datetime | None:
    """`2026-03-10T07:00:00+0000`, as Graph writes it."""
    try:
        moment = datetime.fromisoformat(str(row.get("timestamp")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def remote_post(row: Mapping[str, Any]) -> RemotePost:
    """The permalink is left out for media under a copyright claim."""
    children = (row.get("children") or {}).get("data") or ()
    return RemotePost(
        external_id=str(row["id"]),
        url=str(row.get("permalink") or ""),
        text=str(row.get("text") or ""),
        created_at=posted_at(row),
        media_count=len(children) or FILES.get(str(row.get("media_type")), 0),
    )


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    answer = call(target, "GET", external_id, params={"fields": POST_FIELDS}, accept=(GONE,))
    if error_code(answer) == GONE:
        return None
    answer.text("id")
    return remote_post(answer.object())


def is_archived(target: Target, external_id: str) -> bool:
    """Of a ghost post whose day is over: what Threads still answers about it is not documented, so it is asked where something was refused."""
    answer = call(target, "GET", external_id, params={"fields": "id,ghost_post_status"}, accept=(GONE,))
    return error_code(answer) == GONE or answer.object().get("ghost_post_status") == "ARCHIVED"


def parent_of(row: Mapping[str, Any]) -> str:
    return str((row.get("replied_to") or {}).get("id") or "")


def quoted_by(row: Mapping[str, Any]) -> str:
    """The id of the post that it quotes, "" for none."""
    return str((row.get("quoted_post") or {}).get("id") or "")


def listed(target: Target, edge: str, fields: str, since: datetime) -> tuple[list[dict[str, Any]], bool]:
    """Objects of an edge, newest first, created after `since` less a clock's skew; and whether all of them were seen."""
    rule = network_data(NETWORK)["reconcile"]
    earliest = since - timedelta(seconds=rule["skew_seconds"])
    params: dict[str, Any] = {"fields": fields, "limit": rule["page_size"]}
    seen: list[dict[str, Any]] = []
    for _page in range(rule["pages"]):
        answer = call(target, "GET", edge, params=params, accept=(GONE,))
        if error_code(answer) == GONE:
            return seen, True
        for row in rows_of(answer):
            moment = posted_at(row)
            if moment is not None and moment < earliest:
                return seen, True
            seen.append(row)
        after = next_page(answer, rule["page_size"])
        if not after:
            return seen, True
        params["after"] = after
    return seen, False


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """New replies at every level under the watched posts, those that wait to be approved, and posts that mention us: `cursor` = {post id, "pending" and a post id, or
    "mentions": its newest time}.

    What was posted in the very second last seen comes again: times have no finer grain, callers know it by external id.
    """
    sources = _sources(target, watched)
    seen: dict[str, Any] = {}
    mentions: dict[str, RemoteMention] = {}
    for name, (edge, kind) in sources.items():
        since, post_id = _known(cursor.get(name)), edge.partition("/")[0] if kind == "reply" else ""
        newest = since
        for row, moment in _rows(target, edge, since, post_id=post_id):
            newest = max(newest, moment) if newest else moment
            if not _is_ours(target, row):
                found = remote_mention(target, row, moment, kind, root=post_id)
                mentions.setdefault(found.external_id, found)  # a reply that names us is a reply
        if newest is not None:
            seen[name] = newest.isoformat()
    return MentionPage(tuple(mentions.values()), seen)


def _sources(target: Target, watched: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name → edge and kind, each only with its scope: asking without one would refuse the whole pull."""
    granted = target.credentials.scopes
    asked = watched[: network_data(NETWORK)["read"]["watched"]]
    sources = {}
    if _reads_replies(target):
        sources = {post_id: (f"{post_id}/conversation", "reply") for post_id in asked}
        newest = asked[: network_data(NETWORK)["read"]["pending"]]
        sources |= {f"{PENDING} {post_id}": (f"{post_id}/pending_replies", "reply") for post_id in newest}
    if not granted or "threads_manage_mentions" in granted:
        sources[MENTIONS] = (f"me/{MENTIONS}", "mention")
    return sources


def _reads_replies(target: Target) -> bool:
    granted = set(target.credentials.scopes)
    return not granted or bool({"threads_read_replies", "threads_manage_replies"} & granted)


def _known(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _is_ours(target: Target, row: Mapping[str, Any]) -> bool:
    return bool(row.get("is_reply_owned_by_me")) or f"@{row.get('username')}" == target.handle


def _rows(
    target: Target, edge: str, since: datetime | None, *, post_id: str = ""
) -> Iterator[tuple[Mapping[str, Any], datetime]]:
    """Newest first, down to `since`; nothing from a post that is gone, or a ghost post (`post_id`) that was archived. Of replies that wait, nothing from a post that refuses the
    question: how one without approvals answers it is not documented.
    """
    rule = network_data(NETWORK)["read"]
    params: dict[str, Any] = {"fields": REPLY_FIELDS, "limit": rule["page_size"]}
    pending = edge.endswith("/pending_replies")
    if post_id:
        params["reverse"] = "true"
    if pending:
        params |= {"fields": f"{REPLY_FIELDS},reply_approval_status", "approval_status": PENDING}
    for _page in range(rule["pages"]):
        try:
            answer = call(target, "GET", edge, params=params, accept=(GONE,))
        except ValidationError:
            if pending or (post_id and is_archived(target, post_id)):
                return
            raise
        if error_code(answer) == GONE:
            return
        for row in rows_of(answer):
            moment = posted_at(row)
            if moment is None or (since is not None and moment < since):
                return
            yield row, moment
        after = next_page(answer, rule["page_size"])
        if not after:
            return
        params["after"] = after


def read_held(target: Target, root: str) -> Held | None:
    """None without the scope, for a post that is gone or refuses the question, and for more than a pull reads: absence from a part of a list says nothing."""
    waiting = _held(target, root, PENDING) if _reads_replies(target) else None
    ignored = None if waiting is None else _held(target, root, IGNORED)
    return None if waiting is None or ignored is None else Held(waiting, ignored)


def _held(target: Target, root: str, status: str) -> frozenset[str] | None:
    rule = network_data(NETWORK)["read"]
    fields = f"{REPLY_FIELDS},reply_approval_status"
    params: dict[str, Any] = {"fields": fields, "limit": rule["page_size"], "approval_status": status}
    found: set[str] = set()
    for _page in range(rule["pages"]):
        try:
            answer = call(target, "GET", f"{root}/pending_replies", params=params, accept=(GONE,))
        except ValidationError:
            return None
        if error_code(answer) == GONE:
            return None
        found |= {str(row["id"]) for row in rows_of(answer)}
        after = next_page(answer, rule["page_size"])
        if not after:
            return frozenset(found)
        params["after"] = after
    return None


def remote_mention(
    target: Target, row: Mapping[str, Any], moment: datetime, kind: str, *, root: str = ""
) -> RemoteMention:
    """People have no id here, only their user name."""
    post = remote_post(row)
    name = str(row.get("username") or "")
    parent = parent_of(row) or root
    root = root or str((row.get("root_post") or {}).get("id") or "")
    return RemoteMention(
        external_id=post.external_id,
        kind=kind,
        author_id=name,
        author_handle=f"@{name}" if name else "",
        author_name=name,
        text=post.text,
        url=post.url,
        created_at=moment,
        author_url=profile_url(target.base_url, name) if name else "",
        in_reply_to=parent,
        root=root,
        waits=row.get("reply_approval_status") == PENDING,
        extra={"top_level": bool(parent) and parent == root, "hide_status": str(row.get("hide_status") or "")}
        | ({PENDING: True} if row.get("reply_approval_status") == PENDING else {}),
    )
