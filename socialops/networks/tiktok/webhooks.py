"""What TikTok tells by itself: that a post is out, public or failed, and that somebody withdrew our access. Its address is set in the app's settings."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.data import app_credentials, network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import EventKind, WebhookEvent
from socialops.networks.tiktok.answers import NETWORK

KINDS = {
    "authorization.removed": EventKind.REVOKED,
    "post.publish.complete": EventKind.PUBLISHED,
    "post.publish.inbox_delivered": EventKind.PUBLISHED,
    "post.publish.publicly_available": EventKind.PUBLISHED,
    "post.publish.failed": EventKind.FAILED,
}


def read_webhook(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> Sequence[WebhookEvent]:
    """One event a delivery; the same may come again for three days. The signature covers its time, which may not be old."""
    _client_key, secret = app_credentials(NETWORK, app)
    _check_signature(headers.get("tiktok-signature", ""), body, secret)
    event = _object(body)
    kind = KINDS.get(str(event.get("event")))
    account = str(event.get("user_openid") or "")
    if kind is None or not account:
        return ()
    about = _object(str(event.get("content") or "{}").encode())
    handle, post_id = str(about.get("publish_id") or ""), str(about.get("post_id") or "")
    if kind is not EventKind.REVOKED and not handle:
        return ()  # of a share that wasn't ours
    return (WebhookEvent(kind, account, external_id=post_id or handle, handle=handle),)


def _check_signature(header: str, body: bytes, secret: str) -> None:
    """`t=<seconds>,s=<hex of HMAC-SHA256 over t.body>`."""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    moment, given = parts.get("t", ""), parts.get("s", "")
    made = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    window = network_data(NETWORK)["webhooks"]["replay_seconds"]
    fresh = moment.isdecimal() and abs(time.time() - int(moment)) <= window
    if not hmac.compare_digest(made.encode(), given.encode()) or not fresh:
        raise AuthError(Code.SIGNATURE_WRONG)


def _object(body: bytes) -> dict[str, Any]:
    """{} for what is no JSON object: signed it may be, of use it isn't."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
