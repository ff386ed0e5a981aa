"""Facebook, as a network that tells by itself and knows its apps: signed deliveries in a format of the tests' own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from socialops.networks import registry
from socialops.networks.errors import AuthError, Code, NetworkError
from socialops.networks.facebook.connector import FacebookConnector
from socialops.networks.ports import Account, EventKind, RemoteMention, Target, WebhookAnswer, WebhookEvent

SIGNATURE = "x-test-signature"


def signed(events: Sequence[Mapping[str, Any]], secret: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a delivery."""
    body = json.dumps(list(events)).encode()
    return body, {SIGNATURE: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


class TellingFacebook(FacebookConnector):
    """`refusals` are raised by the next calls of a method; `asked` is what was asked of the network."""

    has_webhooks = True
    apps: ClassVar[dict[str, str]] = {}  # client id → secret, as the network knows them
    refusals: ClassVar[dict[str, NetworkError]] = {}
    asked: ClassVar[list[tuple[Any, ...]]] = []

    def _happen(self, method: str, *about: Any) -> None:
        self.asked.append((method, *about))
        refusal = self.refusals.get(method)
        if refusal is not None:
            raise refusal

    def check_app(self, *, app: Mapping[str, str], redirect_uri: str) -> None:
        self._happen("check_app", app.get("client_id"), redirect_uri)
        if not app:
            raise AuthError(Code.APP_NOT_CONFIGURED)
        if self.apps.get(app["client_id"]) != app["client_secret"]:
            raise AuthError(Code.APP_REJECTED)

    def verify(self, target: Target) -> Account:
        self._happen("verify", target.external_id)
        return Account(target.external_id, target.handle, target.handle, "", credentials=target.credentials)

    def revoke(self, target: Target, *, app: Mapping[str, Any]) -> None:
        self._happen("revoke", dict(app))

    def subscribe(self, target: Target, *, callback_url: str) -> None:
        self._happen("subscribe", target.external_id, callback_url, target.app.get("client_id"))

    def verify_token(self, *, app: Mapping[str, str]) -> str:
        return "jeton-" + hashlib.sha256(app["client_secret"].encode()).hexdigest()[:8]

    def handshake(self, *, query: Mapping[str, str], app: Mapping[str, str]) -> WebhookAnswer | None:
        right = query.get("hub.verify_token") == self.verify_token(app=app)
        return WebhookAnswer(query["hub.challenge"]) if right else None

    def read_webhook(
        self, *, headers: Mapping[str, str], body: bytes, app: Mapping[str, str]
    ) -> Sequence[WebhookEvent]:
        wanted = hmac.new(app.get("client_secret", "").encode(), body, hashlib.sha256).hexdigest()
        if not app or not hmac.compare_digest(wanted, headers.get(SIGNATURE, "")):
            raise AuthError(Code.SIGNATURE_WRONG)
        return [self._event(told) for told in json.loads(body)]

    @staticmethod
    def _event(told: dict[str, Any]) -> WebhookEvent:
        said = told.pop("said", None)
        mention = None
        if said is not None:
            mention = RemoteMention(
                external_id=told["external_id"], kind="comment", author_id="777", author_handle="lea", author_name="Léa",
                text=said, url="https://facebook.example/c", created_at=datetime(2026, 11, 24, 9, tzinfo=UTC), extra={"post": "1"},
            )  # fmt: skip
        return WebhookEvent(**{**told, "kind": EventKind(told["kind"]), "mention": mention})


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Iterator[TellingFacebook]:
    """Facebook is this one for the length of a test."""
    monkeypatch.setitem(registry._CONNECTORS, "facebook", f"{__name__}:TellingFacebook")
    registry.connector_for.cache_clear()
    TellingFacebook.apps, TellingFacebook.refusals, TellingFacebook.asked = {}, {}, []
    fake = registry.connector_for("facebook")
    assert isinstance(fake, TellingFacebook)
    yield fake
    registry.connector_for.cache_clear()
