"""What Instagram tells of an account: comments, mentions, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from socialops.networks.instagram.answers import NETWORK, page_of
from socialops.networks.instagram.read import comment_mention
from socialops.networks.meta import webhooks
from socialops.networks.meta.graph import by_instagram_login
from socialops.networks.meta.messages import message
from socialops.networks.ports import EventKind, Target, WebhookEvent


def read(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> tuple[WebhookEvent, ...]:
    """Signed with the Facebook app's secret or with Instagram's own: which one, Meta's pages don't say, so both are tried."""
    secrets = webhooks.secrets_of([NETWORK, "facebook"], app)
    found: list[WebhookEvent] = []
    for account, moment, entry in webhooks.read(headers=headers, body=body, secrets=secrets, kind="instagram"):
        for field, value in webhooks.changes(entry):
            found += _change(account, moment, field, value)
        for sender, sent, mid, text in webhooks.messages(entry):
            if sender != account:
                row = {"id": mid, "message": text, "from": {"id": sender}}
                found.append(WebhookEvent(EventKind.MENTION, account, mid, mention=message(NETWORK, row, sent)))
    return tuple(found)


def _change(account: str, moment: datetime, field: str, value: Mapping[str, Any]) -> Iterator[WebhookEvent]:
    """The account's own comments are told too, and left out. A mention is told by its ids alone, and read by `read_told`."""
    if str((value.get("from") or {}).get("id")) == account:
        return
    external_id = str(value.get("comment_id") or value.get("id") or "")
    media_id = str((value.get("media") or {}).get("id") or value.get("media_id") or "")
    if field == "comments" and external_id:
        row = {**value, "id": external_id}
        parent = str(value.get("parent_id") or media_id)
        mention = comment_mention(row, parent=parent, media_id=media_id, moment=moment)
        yield WebhookEvent(EventKind.MENTION, account, external_id, mention=mention)
    elif field == "mentions":
        yield WebhookEvent(EventKind.MENTION, account, external_id or media_id, media_id if external_id else "")


def subscribe(target: Target, *, callback_url: str) -> None:
    """With Facebook Login: the app for `instagram`, and the Page under its own names. With Instagram's: the account; the app's address is typed into Meta's dashboard."""
    if by_instagram_login(target):
        webhooks.subscribe_account(target, owner=target.external_id)
    else:
        webhooks.subscribe_app(target, callback_url=callback_url, kind=NETWORK)
        webhooks.subscribe_account(target, owner=page_of(target), names="page_fields")
