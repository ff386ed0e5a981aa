"""What Facebook and Instagram share: refusals, uploads, webhooks, and who may be connected."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks import http
from socialops.networks.data import disabled_by
from socialops.networks.errors import (
    AuthError,
    DuplicateError,
    InternalError,
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.meta.graph import refuse
from socialops.networks.ports import Account, Action, Connector, Credentials, EventKind, MentionRef, Published, Target
from tests.networks.driving import Post, publish
from tests.networks.receiver import receiving
from tests.networks.samples import sample_of
from tests.networks.test_oauth import INPUT, REDIRECT, complete, consent
from tests.sandbox_server import Sandbox

APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}


@pytest.fixture(params=["facebook", "instagram"])
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def post(connector: Connector, target: Target, network: str) -> Post:
    return lambda text="", **more: publish(connector, target, sample_of(network).content(text, **more))


# ---------------------------------------------------------------- refusals


def answered(code: int, subcode: int = 0, *, one_shot: bool = False, status: int = 400, **said: Any) -> http.Answer:
    error = {"message": "Meta's words", "type": "OAuthException", "code": code, "error_subcode": subcode, **said}
    body = json.dumps({"error": error}).encode()
    return http.Answer("POST", "https://graph.facebook.com/v26.0/1/feed", status, httpx.Headers(), body, one_shot)


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "ours"),
    [
        (190, 0, AuthError, "token_revoked"),
        (190, 463, AuthError, "token_expired"),
        (190, 459, AuthError, "account_disabled"),
        (190, 492, AuthError, "role_lost"),
        (102, 0, AuthError, "token_revoked"),
        (10, 0, AuthError, "scope_missing"),
        (200, 0, AuthError, "scope_missing"),
        (299, 0, AuthError, "scope_missing"),
        (25, 2207050, AuthError, "account_disabled"),
        (4, 0, RateLimitError, "too_many_requests"),
        (32, 0, RateLimitError, "too_many_requests"),
        (80002, 0, RateLimitError, "too_many_requests"),
        (9, 2207042, RateLimitError, "quota_spent"),
        (4, 2207051, PolicyError, "account_blocked"),
        (368, 0, PolicyError, "account_blocked"),
        (1, 1404102, PolicyError, "content_policy"),
        (10, 2018278, PolicyError, "reply_not_allowed"),
        (506, 0, DuplicateError, "duplicate_post"),
        (100, 1366046, MediaError, "media_refused"),
        (352, 2207026, MediaError, "media_refused"),
        (36003, 2207009, MediaError, "media_refused"),
        (9004, 2207052, MediaError, "media_unreachable"),
        (9007, 2207027, OutageError, "media_processing"),
        (24, 2207008, OutageError, "media_processing"),
        (-2, 2207020, OutageError, "media_expired"),
        (-2, 2207003, OutageError, "server_error"),
        (1609005, 0, ValidationError, "link_invalid"),
        (100, 0, ValidationError, "content_refused"),
        (36004, 2207010, ValidationError, "content_refused"),
    ],
)
def test_every_refusal_has_its_class_and_code(code: int, subcode: int, kind: type[NetworkError], ours: str) -> None:
    with pytest.raises(NetworkError) as refused:
        refuse(answered(code, subcode))
    assert type(refused.value) is kind
    assert refused.value.code == ours
    assert refused.value.raw is not None
    if kind is RateLimitError:
        assert refused.value.until is not None
        assert refused.value.until > datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize(("code", "status"), [(1, 400), (2, 500), (-1, 400), (0, 502)])
def test_what_may_have_published_is_never_called_a_failure(code: int, status: int) -> None:
    with pytest.raises(UnknownOutcomeError):
        refuse(answered(code, one_shot=True, status=status))
    with pytest.raises(OutageError):
        refuse(answered(code, status=status))


def test_transient_or_unreadable_answers_after_a_one_shot_are_unknown_outcomes() -> None:
    with pytest.raises(UnknownOutcomeError):
        refuse(answered(100, one_shot=True, is_transient=True))
    nothing = http.Answer("POST", "https://graph.facebook.com/v26.0/1/feed", 408, httpx.Headers(), b"", True)
    with pytest.raises(UnknownOutcomeError):
        refuse(nothing)
    with pytest.raises(InternalError):
        refuse(http.Answer("GET", "https://graph.facebook.com/v26.0/1", 418, httpx.Headers(), b""))


# ---------------------------------------------------------------- connecting


def declining(url: str, *declined: str) -> dict[str, str]:
    """The consent page with some boxes unticked."""
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(url)
        form: dict[str, list[str]] = {}
        for kind, name, value, checked in INPUT.findall(page.text):
            if (kind == "hidden" or checked) and value not in declined:
                form.setdefault(name, []).append(value.replace("&amp;", "&"))
        answer = browser.post(str(page.url), data={**form, "decision": ["allow"]})
    return dict(httpx.URL(answer.headers["location"]).params)


DECLINED = {"facebook": "pages_messaging", "instagram": "instagram_manage_messages"}


def test_a_declined_scope_is_named_with_what_it_disables(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, network: str
) -> None:
    started = connector.authorization(base_url=sandbox.url(network), redirect_uri=REDIRECT, app=APP)
    accounts = complete(connector, started, declining(started.url, DECLINED[network]))
    assert {account.missing_scopes for account in accounts} == {(DECLINED[network],)}
    assert disabled_by(network, accounts[0].missing_scopes) == ("message",)


def test_accounts_reached_only_through_a_business_are_offered_once(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, network: str
) -> None:
    made = sandbox.account(network, f"biz{int(time.time() * 1000)}", "Agence")
    started = connector.authorization(base_url=sandbox.url(network), redirect_uri=REDIRECT, app=APP)
    accounts = complete(connector, started, consent(started))
    ids = [account.external_id for account in accounts]
    assert ids.count(made["id"]) == 1
    assert len(ids) == len(set(ids))
    shut_out = connector.authorization(base_url=sandbox.url(network), redirect_uri=REDIRECT, app=APP)
    accounts = complete(connector, shut_out, declining(shut_out.url, "business_management"))
    assert made["id"] not in {account.external_id for account in accounts}


def test_the_app_is_checked_before_anybody_is_sent_there(connector: Connector, networks_at_sandbox: None) -> None:
    connector.check_app(app=APP, redirect_uri=REDIRECT)
    for wrong in ({**APP, "client_secret": "no"}, {**APP, "client_id": "no"}):
        with pytest.raises(AuthError) as refused:
            connector.check_app(app=wrong, redirect_uri=REDIRECT)
        assert refused.value.code == "app_rejected"


# ---------------------------------------------------------------- messages


def write(sandbox: Sandbox, target: Target, text: str, **more: Any) -> dict[str, Any]:
    body = {"account": target.external_id, "text": text, **more}
    answer = sandbox.http.post(f"{sandbox.url(target.network)}/_message", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def messages(connector: Connector, target: Target, cursor: dict[str, Any] | None = None) -> tuple[list[Any], Any]:
    page = connector.pull_mentions(target, cursor=cursor or {}, watched=[])
    return [m for m in page.mentions if m.kind == "message"], page.cursor


def ref(mention: Any) -> MentionRef:
    names = ("external_id", "kind", "author_id", "author_handle", "in_reply_to", "root", "extra")
    return MentionRef(**{name: getattr(mention, name) for name in names})


def test_a_private_message_is_read_answered_and_found_after_a_lost_answer(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    write(sandbox, target, "Livrez-vous en Belgique ?")
    [question], cursor = messages(connector, target)
    assert question.text == "Livrez-vous en Belgique ?"
    assert question.author_id
    assert connector.actions("message") == {Action.REPLY}
    before = datetime.now(UTC)
    connector.reply(target, to=ref(question), text="Oui, en trois jours.", key="k")
    sandbox.fault("drop", target.network, method="POST", path="/messages$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=ref(question), text="Port offert.", key="k2")
    for text, finding in (("Port offert.", "published"), ("Jamais dit", "undecided")):
        found = connector.find_reply(target, to=ref(question), text=text, key="k2", since=before)
        assert found.finding == finding
    assert [m.external_id for m in messages(connector, target, dict(cursor))[0]] == [question.external_id]


def test_after_24_hours_the_network_lets_nobody_answer(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    write(sandbox, target, "Bonjour ?", hours_ago=25)
    [late], _ = messages(connector, target)
    with pytest.raises(PolicyError) as refused:
        connector.reply(target, to=ref(late), text="Pardon !", key="k")
    assert refused.value.code == "reply_not_allowed"


def test_without_the_scope_comments_are_read_all_the_same(
    sandbox: Sandbox, connector: Connector, networks_at_sandbox: None, network: str
) -> None:
    started = connector.authorization(base_url=sandbox.url(network), redirect_uri=REDIRECT, app=APP)
    account = complete(connector, started, declining(started.url, DECLINED[network]))[0]
    assert account.credentials is not None
    limited = Target(network, sandbox.url(network), account.external_id, account.handle, account.credentials)
    write(sandbox, limited, "Personne ne lit ceci")
    published = publish(connector, limited, sample_of(network).content())
    sandbox.crowd(network, "comment", post_id=published.external_id, text="Lu !")
    page = connector.pull_mentions(limited, cursor={}, watched=[published.external_id])
    assert "Lu !" in [m.text for m in page.mentions]
    assert "message" not in {m.kind for m in page.mentions}


# ---------------------------------------------------------------- comments


@pytest.fixture
def comment(sandbox: Sandbox, connector: Connector, target: Target, post: Post) -> tuple[Published, Any]:
    published = post()
    sandbox.crowd(target.network, "comment", post_id=published.external_id, text="Est-ce en stock ?")
    page = connector.pull_mentions(target, cursor={}, watched=[published.external_id])
    return published, next(m for m in page.mentions if m.kind == "comment")


def test_a_comment_is_answered_in_public_and_once_in_private(
    sandbox: Sandbox, connector: Connector, target: Target, comment: tuple[Published, Any]
) -> None:
    _published, said = comment
    before = datetime.now(UTC)
    answer = connector.reply(target, to=ref(said), text="Oui, en magasin.", key="k")
    ours = {p["id"]: p for p in sandbox.posts(target.network, account=target.external_id)}
    assert ours[answer.external_id]["reply_to"] == said.external_id
    found = connector.find_reply(target, to=ref(said), text="Oui, en magasin.", key="k", since=before)
    assert found.published is not None
    assert found.published.external_id == answer.external_id
    connector.reply(target, to=ref(said), text="Voici un code.", key="k2", private=True)
    private = connector.find_reply(target, to=ref(said), text="Voici un code.", key="k2", since=before, private=True)
    assert private.finding == "published"
    with pytest.raises(NetworkError):
        connector.reply(target, to=ref(said), text="Encore", key="k3", private=True)


def test_a_comment_is_hidden_shown_and_deleted_as_often_as_asked(
    sandbox: Sandbox, connector: Connector, target: Target, comment: tuple[Published, Any], network: str
) -> None:
    _published, said = comment
    field = "is_hidden" if network == "facebook" else "hidden"
    url = f"{sandbox.url(network)}/v26.0/{said.external_id}"
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    for action, hidden in ((Action.HIDE, True), (Action.HIDE, True), (Action.UNHIDE, False)):
        connector.act(target, action=action, on=ref(said))
        assert sandbox.http.get(url, params={"fields": field}, headers=headers).json()[field] is hidden
    connector.act(target, action=Action.DELETE, on=ref(said))
    connector.act(target, action=Action.DELETE, on=ref(said))
    with pytest.raises(ValidationError) as gone:
        connector.act(target, action=Action.HIDE, on=ref(said))
    assert gone.value.code == "parent_gone"
    with pytest.raises(ValidationError) as never:
        connector.act(target, action=Action.HIDE, on=MentionRef("1", "message"))
    assert never.value.code == "not_supported"


# ---------------------------------------------------------------- webhooks


def test_deliveries_are_signed_and_tell_of_comments_and_messages(
    sandbox: Sandbox, connector: Connector, target: Target, post: Post, network: str
) -> None:
    def challenge(query: Mapping[str, str]) -> str:
        answer = connector.handshake(query=query, app=APP)
        assert answer is not None
        return answer.body

    with receiving(challenge) as callbacks:
        connector.subscribe(target, callback_url=callbacks.url)
        connector.subscribe(target, callback_url=callbacks.url)
        published = post()
        made = sandbox.crowd(network, "comment", post_id=published.external_id, text="Très réussi / bravo é")
        write(sandbox, target, "Un devis ?")
        deliveries = callbacks.wait(2)
    events = [e for headers, body in deliveries for e in connector.read_webhook(headers=headers, body=body, app=APP)]
    assert {event.kind for event in events} == {EventKind.MENTION}
    assert {event.account for event in events} == {target.external_id}
    told = {event.mention.kind: event.mention for event in events if event.mention}
    assert told["comment"].external_id == made["id"]
    assert told["comment"].text == "Très réussi / bravo é"
    assert (told["comment"].root, told["comment"].in_reply_to) == (published.external_id,) * 2
    assert told["message"].text == "Un devis ?"
    connector.reply(target, to=ref(told["message"]), text="Avec plaisir", key="k")


def test_a_wrong_signature_or_none_is_refused(connector: Connector, networks_at_sandbox: None, network: str) -> None:
    body = b'{"object":"page","entry":[]}'
    right = hmac.new(b"sandbox-secret", body, hashlib.sha256).hexdigest()
    signed = {"x-hub-signature-256": f"sha256={right}"}
    assert connector.read_webhook(headers=signed, body=body, app=APP) == ()
    for headers, sent in (({}, body), (signed, body + b" "), ({"x-hub-signature-256": "sha256=" + "0" * 64}, body)):
        with pytest.raises(AuthError) as refused:
            connector.read_webhook(headers=headers, body=sent, app=APP)
        assert refused.value.code == "signature_wrong"


def test_only_who_knows_our_secret_passes_the_handshake(connector: Connector) -> None:
    token = hmac.new(b"sandbox-secret", b"verify", hashlib.sha256).hexdigest()
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    answer = connector.handshake(query=query, app=APP)
    assert answer is not None
    assert (answer.body, answer.content_type) == ("1158201444", "text/plain")
    for wrong in ({**query, "hub.verify_token": "guess"}, {**query, "hub.mode": "unsubscribe"}, {}):
        assert connector.handshake(query=wrong, app=APP) is None


def test_an_address_that_does_not_answer_is_not_subscribed(connector: Connector, target: Target) -> None:
    with receiving() as callbacks, pytest.raises(NetworkError):
        connector.subscribe(target, callback_url=callbacks.url)


def test_a_token_made_elsewhere_says_nothing_of_its_scopes(account: Account) -> None:
    assert account.missing_scopes == ()
    assert account.credentials == Credentials(account.credentials.values if account.credentials else {}, None, ())
