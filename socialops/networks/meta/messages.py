"""Private messages of Pages (Messenger) and of Instagram accounts: conversations, an answer within 24 hours, a private reply to a comment within 7 days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.meta.graph import META, call, moment_of, pages, rows
from socialops.networks.meta.reconcile import settle
from socialops.networks.ports import Finding, MentionRef, Published, Reconciliation, RemoteMention, RemotePost, Target
from socialops.networks.text import comparable

MESSAGE = "message"
MESSAGES = "messages.limit({limit}){{id,message,from,created_time}}"


def _messages() -> str:
    return MESSAGES.format(limit=network_data(META)["messages"]["messages_page_size"])


def inbox_url(network: str) -> str:
    return str(network_data(network)["hosts"]["inbox"])


def pull_messages(
    target: Target, *, owner: str, platform: str, since: datetime | None, ours: frozenset[str]
) -> Iterator[RemoteMention]:
    """What people wrote to `owner` (the Page, or the account itself) since then. Nothing without the scope: a token made elsewhere doesn't tell what it may."""
    rule = network_data(META)["messages"]
    params = {
        "platform": platform,
        "fields": f"id,updated_time,{_messages()}",
        "limit": rule["conversations_page_size"],
    }
    try:
        for answer in pages(target, f"{owner}/conversations", params, rule["pages"]):
            for conversation in rows(answer):
                updated = moment_of(conversation, "updated_time")
                if since is not None and updated is not None and updated < since:
                    return
                yield from _said(target.network, conversation, since, ours)
    except AuthError as error:
        if error.code != Code.SCOPE_MISSING:
            raise


def _said(
    network: str, conversation: Mapping[str, Any], since: datetime | None, ours: frozenset[str]
) -> Iterator[RemoteMention]:
    for row in (conversation.get("messages") or {}).get("data") or ():
        moment = moment_of(row)
        author = row.get("from") or {}
        if moment is None or (since is not None and moment < since) or str(author.get("id")) in ours:
            continue
        yield message(network, row, moment, conversation=str(conversation["id"]))


def message(network: str, row: Mapping[str, Any], moment: datetime, *, conversation: str = "") -> RemoteMention:
    author = row.get("from") or {}
    name = str(author.get("name") or author.get("username") or "")
    return RemoteMention(
        external_id=str(row["id"]),
        kind=MESSAGE,
        author_id=str(author.get("id") or ""),
        author_handle=str(author.get("username") or name),
        author_name=name,
        text=str(row.get("message") or ""),
        url=inbox_url(network),
        created_at=moment,
        extra={"conversation": conversation} if conversation else {},
    )


def recipient_of(to: MentionRef) -> dict[str, str]:
    """A message is answered to its author; a comment, once, through its own id."""
    return {"id": to.author_id} if to.kind == MESSAGE else {"comment_id": to.external_id}


def send_message(target: Target, *, owner: str, to: MentionRef, text: str, **more: str) -> Published:
    """One shot. PolicyError reply_not_allowed when the 24 hours (or 7 days) are over."""
    body = {"recipient": recipient_of(to), "message": {"text": text}, **more}
    answer = call(target, "POST", f"{owner}/messages", json=body, one_shot=True)
    return Published(answer.text("message_id"), inbox_url(target.network))


def find_message(
    target: Target, *, owner: str, platform: str, to: MentionRef, text: str, since: datetime, ours: frozenset[str]
) -> Reconciliation:
    """Our own words in the conversation with that person, since then."""
    params = {"platform": platform, "user_id": to.author_id, "fields": f"id,updated_time,{_messages()}"}
    if not to.author_id:
        return Reconciliation(Finding.UNDECIDED)
    answer = call(target, "GET", f"{owner}/conversations", params=params)
    wanted, found = comparable(text), []
    earliest = since - timedelta(seconds=network_data(META)["reconcile"]["skew_seconds"])
    known = to.extra.get("conversation")
    for conversation in rows(answer):
        if known and str(conversation["id"]) != known:
            continue
        for row in (conversation.get("messages") or {}).get("data") or ():
            moment = moment_of(row)
            mine = str((row.get("from") or {}).get("id")) in ours
            if mine and moment is not None and moment >= earliest:
                said = str(row.get("message") or "")
                if comparable(said) == wanted:
                    found.append(RemotePost(str(row["id"]), inbox_url(target.network), said, moment))
    return settle(found, since)
