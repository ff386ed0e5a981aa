"""What X tells by itself: the test of our address, signed deliveries of the Activity API, and the subscriptions that ask for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import EventKind, Target, WebhookAnswer, WebhookEvent
from socialops.networks.x.answers import NETWORK, call, refuse, root, rows_of

SIGNATURE = "x-twitter-webhooks-signature"
KINDS = {
    "post.mention.create": EventKind.MENTION,
    "post.reply.create": EventKind.MENTION,
    "post.quote.create": EventKind.MENTION,
    "dm.received": EventKind.MENTION,
    "post.delete": EventKind.MENTION_GONE,
    "oauth.revoke": EventKind.REVOKED,
}


def _keys(app: Mapping[str, Any]) -> tuple[str, str]:
    """(consumer key, consumer secret): X signs with the app's older pair; without one, the app's OAuth 2.0 pair is all we have."""
    key, secret = str(app.get("consumer_key") or ""), str(app.get("consumer_secret") or "")
    return (key, secret) if key and secret else app_credentials(NETWORK, app)


def sign(secret: str, message: bytes) -> str:
    """`sha256=` and the base64 of the HMAC, as X writes both its signatures and its expected answer."""
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def handshake(*, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
    token = query.get("crc_token")
    if not token:
        return None
    answer = json.dumps({"response_token": sign(_keys(app)[1], token.encode())})
    return WebhookAnswer(answer, "application/json")


def read_webhook(*, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]) -> Sequence[WebhookEvent]:
    """A delivery names one event; the post in it has no author's name, so the channel is read at once."""
    expected = sign(_keys(app)[1], body)
    if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode()):
        raise AuthError(Code.SIGNATURE_WRONG)
    try:
        parsed = json.loads(body)
    except ValueError:
        return ()
    data = parsed.get("data") if isinstance(parsed, dict) else None
    events = data if isinstance(data, list) else [data]
    return tuple(event for item in events if isinstance(item, dict) and (event := _event(item)) is not None)


def _event(item: Mapping[str, Any]) -> WebhookEvent | None:
    kind = KINDS.get(str(item.get("event_type") or ""))
    account = str((item.get("filter") or {}).get("user_id") or "")
    if kind is None or not account:
        return None
    payload = item.get("payload")
    about = str(payload.get("id") or "") if isinstance(payload, dict) else ""
    return WebhookEvent(kind, account, external_id=about)


# ---------------------------------------------------------------- asking for them


def subscribe(target: Target, *, callback_url: str) -> None:
    """One webhook for the app, and for the account one subscription to each of `[webhooks] events` that isn't there yet."""
    webhook_id = _webhook(target, callback_url)
    wanted = list(network_data(NETWORK)["webhooks"]["events"])
    present = {
        str(row.get("event_type"))
        for row in rows_of(call(target, "GET", "/2/activity/subscriptions", bucket="subscriptions"))
        if str((row.get("filter") or {}).get("user_id")) == target.external_id
    }
    for event in wanted:
        if event not in present:
            body = {"event_type": event, "filter": {"user_id": target.external_id}, "webhook_id": webhook_id}
            call(target, "POST", "/2/activity/subscriptions", json=body, bucket="subscriptions", accept=(409,))


def _webhook(target: Target, callback_url: str) -> str:
    """The id of the app's webhook at this address, registered if need be: X tests the address while it answers."""
    headers = {"Authorization": f"Bearer {_app_token(target)}"}
    url = f"{root(target.base_url)}/2/webhooks"
    listed = http.call("GET", url, headers=headers)
    if not listed.ok:
        refuse(listed)
    for row in rows_of(listed):
        if row.get("url") == callback_url:
            if row.get("valid") is False:  # X stopped delivering: it tests the address again
                call_again = http.call("PUT", f"{url}/{quote(str(row['id']), safe='')}", headers=headers)
                if not call_again.ok:
                    refuse(call_again)
            return str(row["id"])
    made = http.call("POST", url, headers=headers, json={"url": callback_url})
    if not made.ok:
        refuse(made)
    return made.text("data", "id")


def _app_token(target: Target) -> str:
    key, secret = _keys(target.app)
    pair = base64.b64encode(f"{quote(key, safe='')}:{quote(secret, safe='')}".encode()).decode()
    answer = http.call(
        "POST",
        f"{root(target.base_url)}/oauth2/token",
        headers={"Authorization": f"Basic {pair}"},
        form={"grant_type": "client_credentials"},
        secrets=(secret,),
    )
    if not answer.ok:
        if answer.status in (400, 401, 403):
            raise AuthError(Code.APP_REJECTED, raw=answer.raw())
        refuse(answer)
    return answer.text("access_token")
