"""What Meta tells by itself: the test of our address, the signature of a delivery, and asking to be told."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.meta.graph import call, root, send
from socialops.networks.ports import Target, WebhookAnswer

SIGNATURE = "x-hub-signature-256"


def verify_token(secret: str) -> str:
    """What Meta must say when it tests our address: follows from the app's secret, so that nobody has to make one up and keep it."""
    return hmac.new(secret.encode(), b"verify", hashlib.sha256).hexdigest()


def token_of(network: str, app: Mapping[str, str]) -> str:
    """`verify_token` of our app on one of Meta's networks, "" where we have none there."""
    return next((verify_token(secret) for secret in secrets_of([network], app) if secret), "")


def handshake(network: str, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
    if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
        return None
    told = query.get("hub.verify_token", "").encode()
    known = [verify_token(secret).encode() for secret in secrets_of([network], app) if secret]
    right = [hmac.compare_digest(told, token) for token in known]
    return WebhookAnswer(query["hub.challenge"]) if any(right) else None


def read(
    *, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], kind: str
) -> Iterator[tuple[str, datetime, Mapping[str, Any]]]:
    """(account, moment, entry) of each entry about a `kind` (page, instagram). Over the untouched bytes: Meta signs its own way of writing JSON.

    AuthError signature_wrong when none of the app's secrets made it.
    """
    given = headers.get(SIGNATURE, "").removeprefix("sha256=")
    right = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets if secret]
    matches = [hmac.compare_digest(given.encode(), digest.encode()) for digest in right]
    if not any(matches):
        raise AuthError(Code.SIGNATURE_WRONG)
    try:
        delivery = json.loads(body)
    except ValueError:
        return iter(())
    entries = delivery.get("entry") if isinstance(delivery, dict) and delivery.get("object") == kind else None
    return (
        (str(entry.get("id") or ""), moment(entry.get("time")), entry)
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    )


def moment(value: Any) -> datetime:
    """When something in a delivery happened: in seconds, or in milliseconds as messages have it. Now, where it doesn't tell."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        return datetime.now(UTC)
    return datetime.fromtimestamp(value / 1000 if value > 100_000_000_000 else value, UTC)


def changes(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(field, value): under `changes`, or, as the Instagram login's sample shows it, on the entry itself."""
    listed = entry.get("changes")
    for change in listed if isinstance(listed, list) else [entry]:
        if isinstance(change, dict) and isinstance(change.get("value"), dict):
            yield str(change.get("field") or ""), change["value"]


def messages(entry: Mapping[str, Any]) -> Iterator[tuple[str, datetime, str, str]]:
    """(sender, moment, message id, text) of what people wrote; our own echoes are left out."""
    listed = entry.get("messaging")
    for event in listed if isinstance(listed, list) else ():
        said = event.get("message") if isinstance(event, dict) else None
        if isinstance(said, dict) and said.get("mid") and not said.get("is_echo"):
            sender = str((event.get("sender") or {}).get("id") or "")
            yield sender, moment(event.get("timestamp")), str(said["mid"]), str(said.get("text") or "")


def subscribe_app(target: Target, *, callback_url: str, kind: str) -> None:
    """Have deliveries about every `kind` (page, instagram) sent to this address; Meta tests it while we wait. Repeatable."""
    client_id, secret = app_credentials(target.network, target.app)
    form = {
        "object": kind,
        "callback_url": callback_url,
        "verify_token": verify_token(secret),
        "fields": ",".join(network_data(target.network)["webhooks"]["fields"]),
    }
    url = f"{root(target.network, target.base_url)}/{client_id}/subscriptions"
    send(target.network, f"{client_id}|{secret}", "POST", url, form=form, secret="")


def subscribe_account(target: Target, *, owner: str, names: str = "account_fields") -> None:
    """Have those deliveries about this account too; `names` is where its fields stand in the data file."""
    fields = ",".join(network_data(target.network)["webhooks"][names])
    call(target, "POST", f"{owner}/subscribed_apps", params={"subscribed_fields": fields})


def secrets_of(networks: Sequence[str], app: Mapping[str, str]) -> list[str]:
    """Who may have signed for this app: an organization's own app alone; for the installation's, the secrets of all `networks`, since Instagram signs with the
    Facebook app's or its own.
    """
    own = str(app.get("client_secret") or "")
    ours = [network_settings(name)["client_secret"] for name in networks]
    return [own] if own and own != ours[0] else ours
