"""X: connecting, refusals, webhooks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
    MediaError,
    NetworkError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Connector, Target
from socialops.networks.x import webhooks
from tests.fakes.files import media
from tests.networks.driving import Ledger, content, create, publish
from tests.networks.listener import APP, Listener
from tests.networks.test_oauth import REDIRECT, consent, target_of
from tests.networks.x.conftest import Answers
from tests.sandbox_server import Sandbox

REFUSALS = [
    (400, "invalid-request", "One or more parameters to your request was invalid.", ValidationError, "content_refused"),
    (400, "invalid-request", "Your media IDs are invalid.", MediaError, "media_refused"),
    (401, "", "Unauthorized", AuthError, "token_expired"),
    (402, "credits", "Your enrolled account does not have any credits.", PolicyError, "credits_spent"),
    (403, "", "You are not allowed to create a Tweet with duplicate content.", DuplicateError, "duplicate_post"),
    (403, "", "You attempted to reply to a Tweet that is deleted or not visible to you.", ValidationError, "parent_gone"),
    (403, "", "Reply to this conversation is not allowed because you have not been mentioned", ValidationError, "reply_not_allowed"),
    (403, "", "This user is not allowed to post a video longer than 2 minutes", MediaError, "media_refused"),
    (403, "", "Your account is suspended and is not permitted to access this feature", AuthError, "account_disabled"),
    (403, "", "This request looks like it might be automated.", PolicyError, "content_policy"),
    (403, "", "Your Tweet text is too long.", ValidationError, "content_refused"),
    (403, "client-not-enrolled", "App must be attached to a project", AuthError, "app_not_approved"),
    (403, "", "You are not permitted to perform this action.", AuthError, "scope_missing"),
    (403, "", "Something else", PolicyError, "content_policy"),
    (404, "resource-not-found", "Could not find user", ValidationError, "parent_gone"),
    (429, "", "Too Many Requests", RateLimitError, "too_many_requests"),
    (429, "usage-capped", "Usage cap exceeded: Monthly product cap", RateLimitError, "quota_spent"),
    (503, "", "Service Unavailable", UnknownOutcomeError, "server_error"),
    (418, "", "I'm a teapot", NetworkError, "unexpected_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "words", "error", "code"), REFUSALS)
def test_refusals_by_status_type_and_words(
    connector: Connector,
    target: Target,
    answers: Answers,
    status: int,
    kind: str,
    words: str,
    error: type[NetworkError],
    code: str,
) -> None:
    unknown = replace(target, credentials=replace(target.credentials, scopes=()))
    place = f"https://api.twitter.com/2/problems/{kind}" if kind else "about:blank"
    answers.say(status, {"title": "T", "detail": words, "type": place, "status": status})
    with pytest.raises(error) as refused:
        connector.commit(unknown, content(), handles={})
    assert refused.value.code == code
    assert refused.value.raw is not None


def test_refusals_in_the_older_shape(connector: Connector, target: Target, answers: Answers) -> None:
    answers.say(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, {"x-rate-limit-reset": "4102444800"})
    with pytest.raises(RateLimitError) as refused:
        connector.verify(target)
    assert refused.value.until == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("body", [{"errors": [{"title": "Forbidden", "detail": "No"}]}, {"data": {"text": "x"}}, []])
def test_a_created_without_an_id_is_an_unknown_outcome(
    connector: Connector, target: Target, answers: Answers, body: Any
) -> None:
    answers.say(201, body)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, content(), handles={})


def test_a_missing_scope_is_named(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    (account,) = connected(sandbox, connector, scope="tweet.read tweet.write users.read offline.access")
    assert set(account.missing_scopes) == {"media.write", "tweet.moderate.write", "dm.read", "dm.write"}
    old = target_of(connector, sandbox, account)
    publish(connector, old, content())
    with pytest.raises(AuthError) as refused:
        create(connector, old, content(media=(media(),)), Ledger())
    assert refused.value.code == "scope_missing"
    assert refused.value.detail["scope"] == "media.write"


# ---------------------------------------------------------------- connecting


def connected(sandbox: Sandbox, connector: Connector, *, app: dict[str, str] | None = None, scope: str = "") -> Any:
    asked = connector.authorization(base_url=sandbox.url("x"), redirect_uri=REDIRECT, app=app or {})
    if scope:
        parts = urlsplit(asked.url)
        query = {**dict(parse_qsl(parts.query)), "scope": scope}
        asked = replace(asked, url=urlunsplit(parts._replace(query=urlencode(query))))
    query = consent(asked)
    pending = json.loads(json.dumps(dict(asked.pending)))
    return connector.complete_authorization(query=query, pending=pending, redirect_uri=REDIRECT, app=app or {})


@pytest.mark.parametrize("app", [{}, {"client_id": "sandbox-public", "client_secret": ""}])
def test_refresh_tokens_serve_once_for_both_kinds_of_client(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None, app: dict[str, str]
) -> None:
    (account,) = connected(sandbox, connector, app=app)
    old = replace(target_of(connector, sandbox, account), app=app)
    assert old.credentials.expires_at is not None
    assert timedelta(hours=1) < old.credentials.expires_at - datetime.now(UTC) <= timedelta(hours=2)
    fresh = connector.refresh(old)
    assert fresh is not None
    assert fresh.scopes == old.credentials.scopes
    assert fresh.values["refresh_token"] != old.credentials.values["refresh_token"]
    assert connector.verify(replace(old, credentials=fresh)).external_id == account.external_id
    with pytest.raises(AuthError) as used:
        connector.refresh(old)
    assert used.value.code == "token_revoked"
    assert str(old.credentials.values["refresh_token"]) not in repr(used.value.raw)


def test_an_empty_refresh_token_never_replaces_a_kept_one(
    connector: Connector, target: Target, answers: Answers
) -> None:
    kept = replace(
        target, credentials=replace(target.credentials, values={"access_token": "a", "refresh_token": "kept"})
    )
    answers.say(200, {"token_type": "bearer", "access_token": "new", "expires_in": 7200, "refresh_token": ""})
    fresh = connector.refresh(kept)
    assert fresh is not None
    assert dict(fresh.values) == {"access_token": "new", "refresh_token": "kept"}
    assert fresh.scopes == target.credentials.scopes


def test_a_token_without_refresh_ends_with_its_time(connector: Connector, target: Target) -> None:
    assert connector.refresh(target) is None
    ended = replace(target.credentials, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(AuthError):
        connector.refresh(replace(target, credentials=ended))


def test_the_app_is_judged(connector: Connector, networks_at_sandbox: None, settings: Any) -> None:
    connector.check_app(app=APP, redirect_uri=REDIRECT)
    connector.check_app(app={"client_id": "sandbox-public"}, redirect_uri=REDIRECT)
    for wrong in ({**APP, "client_secret": "other"}, {"client_id": "unknown", "client_secret": "x"}):
        with pytest.raises(AuthError) as rejected:
            connector.check_app(app=wrong, redirect_uri=REDIRECT)
        assert rejected.value.code == "app_rejected"
    settings.NETWORKS = {}
    with pytest.raises(AuthError) as missing:
        connector.check_app(app={}, redirect_uri=REDIRECT)
    assert missing.value.code == "app_not_configured"


# ---------------------------------------------------------------- webhooks


def delivery(event: str, **payload: Any) -> bytes:
    data = {"event_type": event, "event_uuid": "1", "filter": {"user_id": "42"}, "tag": "", "payload": payload}
    return json.dumps({"data": data}).encode()


def test_the_test_of_the_address_is_answered(connector: Connector) -> None:
    answer = connector.handshake(query={"crc_token": "abc"}, app=APP)
    assert answer is not None
    assert answer.content_type == "application/json"
    # computed by hand: HMAC-SHA256 of "abc" under "sandbox-secret", base64
    assert json.loads(answer.body) == {"response_token": "sha256=7MC1IH/q9ZI69Xwf4flD2+oIPorxbJ6yXgDbxVpP02o="}
    assert connector.handshake(query={"other": "x"}, app=APP) is None
    older = connector.handshake(query={"crc_token": "abc"}, app={**APP, "consumer_key": "k", "consumer_secret": "s"})
    assert older is not None
    assert older.body != answer.body


def test_signed_deliveries_are_read_and_others_refused(connector: Connector) -> None:
    body = delivery("post.mention.create", id="7", text="@nous")
    headers = {"x-twitter-webhooks-signature": webhooks.sign("sandbox-secret", body)}
    (event,) = connector.read_webhook(headers=headers, body=body, app=APP)
    assert (event.kind, event.account, event.external_id) == ("mention", "42", "7")
    for wrong in ({}, {"x-twitter-webhooks-signature": "sha256=x"}, headers):
        with pytest.raises(AuthError) as refused:
            connector.read_webhook(headers=wrong, body=body + b" ", app=APP)
        assert refused.value.code == Code.SIGNATURE_WRONG


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ("dm.received", ["mention"]),
        ("post.delete", ["mention_gone"]),
        ("oauth.revoke", ["revoked"]),
        ("like.create", []),
    ],
)
def test_events_we_have_a_use_for(connector: Connector, event: str, kinds: list[str]) -> None:
    body = delivery(event, id="7")
    headers = {"x-twitter-webhooks-signature": webhooks.sign("sandbox-secret", body)}
    assert [found.kind for found in connector.read_webhook(headers=headers, body=body, app=APP)] == kinds


def test_a_subscription_is_asked_for_once_and_tells(
    sandbox: Sandbox, connector: Connector, target: Target, listener: Listener
) -> None:
    ours = replace(target, app=APP)
    connector.subscribe(ours, callback_url=listener.url)
    connector.subscribe(ours, callback_url=listener.url)
    assert len(listener.tests) == 1
    sandbox.crowd("x", "mention", account=target.external_id, text="")
    headers, body = listener.wait()
    events = connector.read_webhook(headers=headers, body=body, app=APP)
    assert [(event.kind, event.account) for event in events] == [("mention", target.external_id)]


def test_a_wrong_app_cannot_subscribe(connector: Connector, target: Target) -> None:
    with pytest.raises(AuthError) as rejected:
        connector.subscribe(
            replace(target, app={**APP, "client_secret": "other"}), callback_url="http://127.0.0.1:9/hook"
        )
    assert rejected.value.code == "app_rejected"
