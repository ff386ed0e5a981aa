"""Reading Mastodon back: one status, and the notifications that are replies and mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from socialops.networks.data import network_data
from socialops.networks.mastodon.answers import NETWORK, call
from socialops.networks.ports import MentionPage, RemoteMention, RemotePost, Target
from socialops.networks.text import html_to_text

LINK = re.compile(r'<([^>]+)>;\s*rel="prev"')


def posted_at(status: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(status.get("created_at")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def remote_post(status: Mapping[str, Any]) -> RemotePost:
    return RemotePost(
        external_id=str(status["id"]),
        url=str(status.get("url") or status.get("uri") or ""),
        text=html_to_text(str(status.get("content") or "")),
        created_at=posted_at(status),
        media_count=len(status.get("media_attachments") or ()),
    )


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    answer = call(target, "GET", f"/api/v1/statuses/{quote(external_id, safe='')}", accept=(404, 410))
    if not answer.ok:
        return None
    answer.text("id")
    return remote_post(answer.object())


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """Notifications after `cursor["min_id"]`, walking forward; the newest page the first time."""
    rule = network_data(NETWORK)["read"]
    size = rule["page_size"]
    params: dict[str, Any] = {"types[]": rule["types"], "limit": size}
    if min_id := cursor.get("min_id"):
        params["min_id"] = min_id
    answer = call(target, "GET", "/api/v1/notifications", params=params, accept=(400, 422))
    if not answer.ok:  # a server that knows no quotes
        answer = call(target, "GET", "/api/v1/notifications", params={**params, "types[]": "mention"})
    notifications = answer.list()
    mentions = tuple(
        mention
        for notification in notifications
        if notification.get("type") in rule["types"]
        and (mention := _mention(target, notification, watched)) is not None
    )
    if not notifications:
        return MentionPage((), dict(cursor))
    newest = _newest(answer.headers.get("link", "")) or str(notifications[0]["id"])
    more = bool(min_id) and len(notifications) >= size and newest != min_id
    return MentionPage(mentions, {"min_id": newest}, more=more)


def _newest(link: str) -> str:
    """The min_id of the Link header's rel=prev: some lists page by ids that aren't their items'."""
    match = LINK.search(link)
    return parse_qs(urlsplit(match[1]).query).get("min_id", [""])[0] if match else ""


def _mention(target: Target, notification: Mapping[str, Any], watched: Sequence[str]) -> RemoteMention | None:
    status, account = notification.get("status"), notification.get("account")
    moment = posted_at(status or {})
    if not isinstance(status, dict) or not isinstance(account, dict) or moment is None:
        return None  # the status was deleted meanwhile
    answers = str(status.get("in_reply_to_id") or "")
    quoted = str(((status.get("quote") or {}).get("quoted_status") or {}).get("id") or "")
    kind = _kind(target, notification, status, watched)
    handle = str(account.get("acct") or "")
    return RemoteMention(
        external_id=str(status["id"]),
        kind=kind,
        author_id=str(account.get("uri") or account.get("url") or account.get("id")),
        author_handle="@" + (handle if "@" in handle else f"{handle}@{urlsplit(target.base_url).netloc}"),
        author_name=str(account.get("display_name") or account.get("username") or handle),
        text=html_to_text(str(status.get("content") or "")),
        url=str(status.get("url") or status.get("uri") or ""),
        created_at=moment,
        author_url=str(account.get("url") or ""),
        author_avatar_url=str(account.get("avatar") or ""),
        in_reply_to=answers,
        root=quoted if kind == "quote" else answers if answers in watched else "",
        language=str(status.get("language") or ""),
        extra={"visibility": str(status.get("visibility") or ""), "acct": handle},
    )


def _kind(target: Target, notification: Mapping[str, Any], status: Mapping[str, Any], watched: Sequence[str]) -> str:
    """A direct message is a mention that only those named see."""
    if notification.get("type") == "quote":
        return "quote"
    if status.get("visibility") == "direct":
        return "message"
    answers = str(status.get("in_reply_to_id") or "")
    to_us = str(status.get("in_reply_to_account_id") or "") == target.external_id
    return "reply" if answers and (to_us or answers in watched) else "mention"
