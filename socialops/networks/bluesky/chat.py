"""Private messages, which a service of their own keeps: the account's server passes calls on to it.

Only open to sessions of an app password that was allowed messages, or by the scope transition:chat.bsky.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from socialops.networks import http
from socialops.networks.bluesky.answers import NETWORK, call
from socialops.networks.bluesky.read import author_url, moment_of
from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, InternalError, OutageError, ValidationError
from socialops.networks.ports import (
    Finding,
    MentionRef,
    Published,
    Reconciliation,
    RemoteMention,
    RemotePost,
    Target,
)

CONVO = "chat.bsky.convo"


def _call(target: Target, method: str, name: str, **request: Any) -> http.Answer:
    proxy = {"atproto-proxy": network_data(NETWORK)["chat"]["service"]}
    return call(target, method, f"{CONVO}.{name}", headers=proxy, bucket="chat", **request)


def pull(target: Target, since: str) -> tuple[tuple[RemoteMention, ...], str]:
    """Messages sent to us after `since`, and the time to go on from ("" the first time: the last message of each conversation).

    Nothing, and the same `since`, where the chat is closed to us or away: public mentions don't wait for it, and no message is passed over.
    """
    try:
        return _pull(target, since)
    except (AuthError, ValidationError, OutageError, InternalError):
        return (), since


def _pull(target: Target, since: str) -> tuple[tuple[RemoteMention, ...], str]:
    params = {"limit": network_data(NETWORK)["chat"]["conversations"]}
    answer = _call(target, "GET", "listConvos", params=params)
    convos = answer.object().get("convos")
    found: list[RemoteMention] = []
    newest = since
    for convo in convos if isinstance(convos, list) else answer.unexpected():
        last = convo.get("lastMessage") or {}
        if str(last.get("sentAt") or "") <= since:
            continue
        newest = max(newest, str(last["sentAt"]))
        messages = _messages(target, str(convo["id"]), since) if since else iter((last,))
        found += [m for message in messages if (m := _mention(target, convo, message)) is not None]
    return tuple(found), newest


def _messages(target: Target, convo: str, since: str) -> Iterator[dict[str, Any]]:
    """Newest first, down to `since`."""
    rule = network_data(NETWORK)["chat"]
    params: dict[str, Any] = {"convoId": convo, "limit": rule["messages"]}
    for _page in range(rule["pages"]):
        answer = _call(target, "GET", "getMessages", params=params)
        for message in answer.object().get("messages") or ():
            if str(message.get("sentAt") or "") <= since:
                return
            yield message
        if not (following := answer.object().get("cursor")):
            return
        params["cursor"] = following


def _mention(target: Target, convo: Mapping[str, Any], message: Mapping[str, Any]) -> RemoteMention | None:
    """None for our own words, and for what is no message with a text (deleted, the system's)."""
    did, sent = str((message.get("sender") or {}).get("did") or ""), moment_of(message.get("sentAt"))
    if did in ("", target.external_id) or sent is None or not message.get("text"):
        return None
    author: Mapping[str, Any] = next((member for member in convo.get("members") or () if member.get("did") == did), {})
    handle = str(author.get("handle") or did)
    return RemoteMention(
        external_id=str(message["id"]),
        kind="message",
        author_id=did,
        author_handle=f"@{handle}",
        author_name=str(author.get("displayName") or handle),
        text=str(message["text"]),
        url=f"{network_data(NETWORK)['hosts']['app']}/messages/{convo['id']}",
        created_at=sent,
        author_url=author_url(target, handle),
        author_avatar_url=str(author.get("avatar") or ""),
        extra={"convo": str(convo["id"])},
    )


def _conversation(target: Target, to: MentionRef) -> str:
    """The one a message came in, or the one with who wrote a post; asking for it makes it."""
    if to.extra.get("convo"):
        return str(to.extra["convo"])
    answer = _call(target, "GET", "getConvoForMembers", params={"members": [to.author_id]})
    return answer.text("convo", "id")


def send(target: Target, *, to: MentionRef, text: str) -> Published:
    body = {"convoId": _conversation(target, to), "message": {"text": text}}
    answer = _call(target, "POST", "sendMessage", json=body, one_shot=True)
    return _published(body["convoId"], answer.text("id"))


def _published(convo: Any, message_id: str) -> Published:
    return Published(message_id, f"{network_data(NETWORK)['hosts']['app']}/messages/{convo}")


def find(target: Target, *, to: MentionRef, text: str, since: datetime) -> Reconciliation:
    """Our own words among the newest of the conversation: there is no key to know a message by."""
    convo = _conversation(target, to)
    skew = timedelta(seconds=network_data(NETWORK)["chat"]["skew_seconds"])
    earliest = (since - skew).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ours = [
        message
        for message in _messages(target, convo, earliest)
        if (message.get("sender") or {}).get("did") == target.external_id and message.get("text") == text
    ]
    if len(ours) == 1:
        return Reconciliation(Finding.PUBLISHED, _published(convo, str(ours[0]["id"])))
    if not ours:
        return _not_there(since)
    posts = [RemotePost(str(m["id"]), _published(convo, "").url, text, moment_of(m.get("sentAt"))) for m in ours]
    return Reconciliation(Finding.UNDECIDED, candidates=tuple(posts))


def _not_there(since: datetime) -> Reconciliation:
    settled_at = since + timedelta(seconds=network_data(NETWORK)["chat"]["settle_seconds"])
    if settled_at > datetime.now(settled_at.tzinfo):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)
