"""Acting on what people say: an answer in public or by private message, and hiding a reply. Liking is not open to us: X took it from self-serve apps on 2026-04-20."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import (
    Action,
    Charge,
    MentionRef,
    Published,
    Reconciliation,
    RemotePost,
    Target,
)
from socialops.networks.text import comparable
from socialops.networks.x.answers import NETWORK, call, price, site
from socialops.networks.x.publish import find_part, post
from socialops.networks.x.read import messages_with, moment_of, settle

# X lets us answer whoever mentioned or quoted us, and hide replies in our own conversations.
ACTIONS = {
    "reply": frozenset({Action.REPLY, Action.REPLY_PRIVATELY, Action.HIDE, Action.UNHIDE}),
    "mention": frozenset({Action.REPLY, Action.REPLY_PRIVATELY}),
    "quote": frozenset({Action.REPLY, Action.REPLY_PRIVATELY}),
    "message": frozenset({Action.REPLY}),
}


def actions(kind: str) -> frozenset[Action]:
    return ACTIONS.get(kind, frozenset())


def _is_private(to: MentionRef, *, private: bool) -> bool:
    return private or to.kind == "message"


def reply(target: Target, *, to: MentionRef, text: str, private: bool) -> Published:
    if not _is_private(to, private=private):
        return post(target, text, {"reply": {"in_reply_to_tweet_id": to.external_id}})
    path = f"/2/dm_conversations/with/{quote(to.author_id, safe='')}/messages"
    answer = call(target, "POST", path, json={"text": text}, one_shot=True, scope="dm.write", bucket="messages")
    message_id, conversation = answer.text("data", "dm_event_id"), answer.text("data", "dm_conversation_id")
    target.report(Charge("messages", 1, price("message")))
    return _message(target, message_id, conversation)


def _message(target: Target, message_id: str, conversation: str) -> Published:
    return Published(message_id, f"{site(target.base_url)}/messages/{conversation}", {"conversation": conversation})


def find_reply(target: Target, *, to: MentionRef, text: str, since: datetime, private: bool) -> Reconciliation:
    if not _is_private(to, private=private):
        return find_part(target, parent=to.external_id, text=text, since=since)
    rule = network_data(NETWORK)["reconcile"]
    earliest = since - timedelta(seconds=rule["skew_seconds"])
    rows, found = messages_with(target, to.author_id), []
    for row in rows:
        moment = moment_of(row)
        ours = str(row.get("sender_id")) == target.external_id and comparable(str(row.get("text"))) == comparable(text)
        if ours and moment is not None and moment >= earliest:
            published = _message(target, str(row["id"]), str(row.get("dm_conversation_id") or ""))
            found.append(RemotePost(published.external_id, published.url, str(row["text"]), moment))
    oldest = moment_of(rows[-1]) if rows else None
    complete = len(rows) < network_data(NETWORK)["read"]["messages_page_size"] or (
        oldest is not None and oldest < earliest
    )
    return settle(target, found, since, complete=complete)


def act(target: Target, *, action: Action, on: MentionRef) -> None:
    """Hide or show a reply; what is already so is success."""
    if action not in (Action.HIDE, Action.UNHIDE) or action not in actions(on.kind):
        raise ValidationError(Code.NOT_SUPPORTED, detail={"field": "action"})
    path = f"/2/tweets/{quote(on.external_id, safe='')}/hidden"
    answer = call(
        target,
        "PUT",
        path,
        json={"hidden": action == Action.HIDE},
        scope="tweet.moderate.write",
        bucket="moderation",
        accept=(404,),
    )
    if answer.status == 404:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "parent"}, raw=answer.raw())
    target.report(Charge("moderation", 1, price("manage")))
