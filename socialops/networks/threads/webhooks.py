"""What Threads tells by itself: replies and mentions. Not Graph's usual envelope, and nobody says which of the two app secrets signs: both are tried."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from socialops.networks.data import app_credentials, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Credentials, EventKind, Target, WebhookEvent
from socialops.networks.threads.answers import NETWORK
from socialops.networks.threads.read import posted_at, remote_mention


def read_webhook(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> Sequence[WebhookEvent]:
    _check_signature(headers.get("x-hub-signature-256", ""), body, app)
    try:
        told = json.loads(body)
    except ValueError:
        return ()
    return tuple(event for event in _events(told) if event is not None) if isinstance(told, dict) else ()


def _check_signature(header: str, body: bytes, app: Mapping[str, str]) -> None:
    _client_id, own = app_credentials(NETWORK, app)
    secrets = (own, app.get("facebook_client_secret") or network_settings("facebook")["client_secret"])
    given = header.removeprefix("sha256=").encode()
    right = [
        hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), given)
        for secret in secrets
        if secret
    ]
    if not any(right):
        raise AuthError(Code.SIGNATURE_WRONG)


def _events(told: Mapping[str, Any]) -> Iterator[WebhookEvent | None]:
    """`values` is an object or a list of them; `target_id` the profile it was sent for, as text or number."""
    values = told.get("values")
    account = str(told.get("target_id") or "")
    for entry in values if isinstance(values, list) else [values]:
        if isinstance(entry, dict) and isinstance(value := entry.get("value"), dict) and value.get("id"):
            yield _event(str(entry.get("field")), account, value)


def _event(field: str, account: str, value: Mapping[str, Any]) -> WebhookEvent | None:
    external_id = str(value["id"])
    if field == "delete":
        return WebhookEvent(EventKind.MENTION_GONE, account, external_id)
    if field == "publish":
        return WebhookEvent(EventKind.PUBLISHED, account, external_id)
    if field not in ("replies", "mentions"):
        return None
    owner = str((value.get("root_post") or {}).get("owner_id") or "")
    account = owner if field == "replies" and owner else account
    moment = posted_at(value)
    if moment is None:
        return WebhookEvent(EventKind.MENTION, account, external_id)
    kind = "reply" if field == "replies" else "mention"
    nobody = Target(NETWORK, "", account, "", Credentials({}))
    return WebhookEvent(EventKind.MENTION, account, external_id, mention=remote_mention(nobody, value, moment, kind))
