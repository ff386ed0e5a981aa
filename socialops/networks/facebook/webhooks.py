"""What Facebook tells of a Page: comments, posts of others that name it or are written on it, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from socialops.networks.facebook.answers import NETWORK, web_url
from socialops.networks.facebook.read import mention_of
from socialops.networks.meta import webhooks
from socialops.networks.meta.messages import message
from socialops.networks.ports import EventKind, RemotePost, WebhookEvent

COMMENT = "comment"
POSTS = frozenset({"post", "status", "photo", "video", "share"})
GONE_VERBS = frozenset({"remove", "hide"})


def read(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> tuple[WebhookEvent, ...]:
    secrets = webhooks.secrets_of([NETWORK], app)
    found: list[WebhookEvent] = []
    for page, moment, entry in webhooks.read(headers=headers, body=body, secrets=secrets, kind="page"):
        for field, value in webhooks.changes(entry):
            found += _change(page, moment, field, value)
        for sender, sent, mid, text in webhooks.messages(entry):
            row = {"id": mid, "message": text, "from": {"id": sender}}
            mention = message(NETWORK, row, sent)
            found.append(WebhookEvent(EventKind.MENTION, page, mid, mention=mention))
    return tuple(found)


def _change(page: str, moment: datetime, field: str, value: Mapping[str, Any]) -> Iterator[WebhookEvent]:
    """The Page's own deeds are told too, and left out. A post is told without its text: the channel is read at once."""
    author = value.get("from") or {}
    if str(author.get("id")) == page:
        return
    item, verb = str(value.get("item") or ""), str(value.get("verb") or "")
    external_id = str(value.get("comment_id") or value.get("post_id") or "")
    if verb in GONE_VERBS and item in POSTS | {COMMENT}:
        yield WebhookEvent(EventKind.MENTION_GONE, page, external_id)
    elif field == "feed" and item == COMMENT and verb == "add":
        made = webhooks.moment(value.get("created_time") or moment.timestamp())
        post_id = str(value.get("post_id") or "")
        url = f"{web_url(post_id)}?comment_id={external_id.rpartition('_')[2]}"
        post = RemotePost(external_id, url, str(value.get("message") or ""), made)
        parent = str(value.get("parent_id") or post_id)
        mention = mention_of(COMMENT, post, author, made, parent=parent, root=post_id)
        yield WebhookEvent(EventKind.MENTION, page, external_id, mention=mention)
    elif (field == "feed" and item in POSTS and verb == "add") or field == "mention":
        yield WebhookEvent(EventKind.MENTION, page, external_id)
