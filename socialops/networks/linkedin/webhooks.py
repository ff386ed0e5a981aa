"""A Page's notifications, pushed: who commented, edited, deleted, mentioned.

LinkedIn tests the address with a challenge every two hours, and signs each delivery over `hmacsha256=` and the raw body. It delivers at least once, in batches of ten.
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.linkedin.answers import NETWORK, call, is_organization
from socialops.networks.linkedin.read import notified
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.urns import canonical
from socialops.networks.ports import Credentials, EventKind, Target, WebhookAnswer, WebhookEvent

SAID = frozenset({"COMMENT", "COMMENT_EDIT", "SHARE_MENTION"})


def handshake(*, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
    challenge = query.get("challengeCode", "")
    if not challenge:
        return None
    _client_id, secret = app_credentials(NETWORK, app)
    body = {"challengeCode": challenge, "challengeResponse": _signed(secret, challenge.encode())}
    return WebhookAnswer(json.dumps(body), "application/json")


def _signed(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def read_webhook(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> Sequence[WebhookEvent]:
    """The prefix is part of what is signed; one in the header too is tolerated, as some descriptions have it."""
    _client_id, secret = app_credentials(NETWORK, app)
    prefix: str = network_data(NETWORK)["webhooks"]["signed_prefix"]
    given = headers.get("x-li-signature", "").removeprefix(prefix)
    if not hmac.compare_digest(given.encode(), _signed(secret, prefix.encode() + body).encode()):
        raise AuthError(Code.SIGNATURE_WRONG)
    try:
        told = json.loads(body)
    except ValueError:
        return ()
    rows = told.get("notifications") if isinstance(told, dict) else None
    events = (_event(row) for row in rows or () if isinstance(row, dict))
    return tuple(event for event in events if event is not None)


def _event(row: Mapping[str, Any]) -> WebhookEvent | None:
    """What is new is read at once, with its author's name, which no notification tells. An edit comes whole: reading wouldn't bring an old comment again."""
    page, action = str(row.get("organizationalEntity") or ""), row.get("action")
    urn = canonical(str(row.get("generatedActivity") or ""))
    if action == "COMMENT_DELETE":
        return WebhookEvent(EventKind.MENTION_GONE, page, urn)
    if action not in SAID:
        return None
    edited = action == "COMMENT_EDIT"
    mention = notified(Target(NETWORK, "", page, "", Credentials({})), row) if edited else None
    return WebhookEvent(EventKind.MENTION, page, urn, mention=mention)


def subscribe(target: Target, *, callback_url: str) -> None:
    """For a Page; a member's profile has no notifications. LinkedIn wants our app's number, which is not its client id: AuthError app_not_configured without it."""
    if not is_organization(target):
        return
    number = target.app.get("application_id") or network_settings(NETWORK).get("application_id", "")
    if not number:
        raise AuthError(Code.APP_NOT_CONFIGURED, detail={"setting": "LINKEDIN_APPLICATION_ID"})
    key = {
        "developerApplication": f"urn:li:developerApplication:{number}",
        "user": str(target.credentials.values.get("member") or ""),
        "entity": target.external_id,
        "eventType": network_data(NETWORK)["webhooks"]["event"],
    }
    call(target, "PUT", address("eventSubscriptions", key), json={"webhook": callback_url})
