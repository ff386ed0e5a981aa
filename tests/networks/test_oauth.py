"""Connecting by OAuth, through the sandbox's consent pages."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from socialops.networks.bluesky.oauth import client_metadata, development_client_id
from socialops.networks.data import network_data
from socialops.networks.errors import AuthError
from socialops.networks.ports import Account, Authorization, Connector, Credentials, Target
from tests.networks.driving import publish
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox

REDIRECT = "http://127.0.0.1:8000/networks/return"
INPUT = re.compile(r'<input type="(hidden|radio|checkbox)" name="([^"]+)" value="([^"]*)"( checked)?')


def consent(authorization: Authorization, decision: str = "allow", declined: tuple[str, ...] = ()) -> dict[str, str]:
    """Fill in the sandbox's consent page as it is offered, but what is to be declined, and press the button."""
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(authorization.url)
        assert page.status_code == 200, page.text
        form: dict[str, list[str]] = {}
        for kind, name, value, checked in INPUT.findall(page.text):
            if kind == "hidden" or (checked and value not in declined):
                form.setdefault(name, []).append(value.replace("&amp;", "&"))
        button = re.search(rf'<button[^>]*name="([^"]+)"[^>]*value="({decision})"', page.text)
        assert button is not None, page.text
        form[button[1]] = [button[2]]
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None
        answer = browser.post(str(page.url.join(action[1].replace("&amp;", "&"))), data=form)
    assert answer.status_code in (302, 303), answer.text
    assert answer.headers["location"].startswith(REDIRECT)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@pytest.fixture
def authorization(connector: Connector, sandbox: Sandbox, networks_at_sandbox: None) -> Authorization:
    return connector.authorization(base_url=sandbox.url(connector.network), redirect_uri=REDIRECT, app={})


def complete(connector: Connector, authorization: Authorization, query: dict[str, str]) -> tuple[Account, ...]:
    pending = json.loads(json.dumps(dict(authorization.pending)))
    return connector.complete_authorization(query=query, pending=pending, redirect_uri=REDIRECT, app={})


def target_of(connector: Connector, sandbox: Sandbox, account: Account) -> Target:
    assert account.credentials is not None
    base_url = sandbox.url(connector.network)
    return Target(connector.network, base_url, account.external_id, account.handle, account.credentials)


def test_who_consents_gets_accounts_that_can_publish_and_can_be_revoked(
    connector: Connector, sandbox: Sandbox, authorization: Authorization
) -> None:
    query = consent(authorization)
    accounts = complete(connector, authorization, query)
    assert len(accounts) >= 3 if connector.network in ("facebook", "instagram", "linkedin") else len(accounts) == 1
    for account in accounts[:3]:
        assert account.missing_scopes == ()
        assert account.name
        target = target_of(connector, sandbox, account)
        assert connector.verify(target).external_id == account.external_id
    sample = sample_of(connector.network)
    publish(connector, target, sample.content())
    connector.revoke(target, app={})
    connector.revoke(target, app={})
    if sample.revokes == "refresh":
        with pytest.raises(AuthError):
            connector.refresh(target)
    elif sample.revokes:
        with pytest.raises(AuthError) as ended:
            connector.verify(target)
        assert ended.value.code == "token_revoked"
    else:  # only the person can, in the network's own settings
        assert connector.verify(target).external_id == target.external_id


def test_who_refuses_is_told_so(connector: Connector, authorization: Authorization) -> None:
    query = consent(authorization, "deny")
    with pytest.raises(AuthError) as refused:
        complete(connector, authorization, query)
    assert refused.value.code == "consent_refused"


def test_a_forged_return_and_a_code_used_twice_are_refused(connector: Connector, authorization: Authorization) -> None:
    query = consent(authorization)
    with pytest.raises(AuthError) as forged:
        complete(connector, authorization, {**query, "state": "forged"})
    assert forged.value.code == "state_mismatch"
    complete(connector, authorization, query)
    with pytest.raises(AuthError) as used:
        complete(connector, authorization, query)
    assert used.value.code == "code_expired"
    assert query["code"] not in repr(used.value.raw)


def test_secrets_of_credentials_stay_out_of_tracebacks(account: Account) -> None:
    assert account.credentials is not None
    assert str(account.credentials.values["access_token"]) not in repr(account)


# ---------------------------------------------------------------- Mastodon


@pytest.mark.parametrize("network", ["mastodon"])
def test_a_forgotten_app_is_registered_again(
    connector: Connector, sandbox: Sandbox, authorization: Authorization
) -> None:
    def start(app: Any) -> Any:
        base_url = sandbox.mastodon
        return connector.authorization(base_url=base_url, redirect_uri=REDIRECT, app=app).pending["app"]

    known = authorization.pending["app"]
    assert start(known) == known
    forgotten = {"client_id": "swept-away", "client_secret": "x"}
    assert start(forgotten)["client_id"] not in ("swept-away", known["client_id"])


# ---------------------------------------------------------------- Facebook


@pytest.mark.parametrize("network", ["facebook"])
def test_every_page_of_pages_is_read(
    connector: Connector, authorization: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = consent(authorization)
    monkeypatch.setitem(network_data("meta")["login"], "pages_page_size", 1)
    accounts = complete(connector, authorization, query)
    assert len({account.external_id for account in accounts}) == len(accounts) >= 3
    tokens = {str(account.credentials.values["access_token"]) for account in accounts if account.credentials}
    assert len(tokens) == len(accounts)


@pytest.mark.parametrize("network", ["facebook"])
def test_without_an_app_the_missing_settings_are_named(connector: Connector, settings: Any) -> None:
    settings.NETWORKS = {}
    with pytest.raises(AuthError) as missing:
        connector.authorization(base_url="", redirect_uri=REDIRECT, app={})
    assert missing.value.code == "app_not_configured"
    assert "FACEBOOK_CLIENT_ID" in missing.value.detail["setting"]


# ---------------------------------------------------------------- Bluesky


@pytest.mark.parametrize("network", ["bluesky"])
def test_an_issuer_that_is_not_the_one_asked_is_refused(connector: Connector, authorization: Authorization) -> None:
    query = consent(authorization)
    for issuer in ("https://evil.example", ""):
        with pytest.raises(AuthError) as mixed_up:
            complete(connector, authorization, {**query, "iss": issuer})
        assert mixed_up.value.code == "issuer_mismatch"


@pytest.mark.parametrize("network", ["bluesky"])
def test_tokens_of_another_account_than_the_one_asked_for_are_refused(
    connector: Connector, authorization: Authorization
) -> None:
    asked = replace(authorization, pending={**authorization.pending, "did": "did:plc:somebodyelse"})
    with pytest.raises(AuthError) as other:
        complete(connector, asked, consent(authorization))
    assert other.value.code == "issuer_mismatch"


@pytest.mark.parametrize("network", ["bluesky"])
def test_both_kinds_of_session_refresh(
    connector: Connector, sandbox: Sandbox, authorization: Authorization, target: Target
) -> None:
    (by_oauth,) = complete(connector, authorization, consent(authorization))
    for old in (target, target_of(connector, sandbox, by_oauth)):
        fresh = connector.refresh(old)
        assert fresh is not None
        assert fresh.expires_at is not None
        assert fresh.values["refresh_token"]
        assert connector.verify(replace(old, credentials=fresh)).external_id == old.external_id


@pytest.mark.parametrize("network", ["bluesky"])
def test_an_empty_refresh_token_never_replaces_a_kept_one(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"accessJwt": "new", "refreshJwt": "", "did": target.external_id, "handle": "x.test"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    with httpx.Client(transport=transport) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        fresh = connector.refresh(target)
    assert fresh is not None
    assert fresh.values["access_token"] == "new"
    assert fresh.values["refresh_token"] == target.credentials.values["refresh_token"]


def test_bluesky_client_documents() -> None:
    client_id = "https://social.example/oauth/client-metadata.json"
    public = client_metadata(client_id=client_id, redirect_uris=[REDIRECT], client_uri="https://social.example")
    assert public["token_endpoint_auth_method"] == "none"
    assert public["dpop_bound_access_tokens"] is True
    assert public["client_id"] == client_id
    key = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "secret", "kid": "1"}
    private = client_metadata(client_id=client_id, redirect_uris=[REDIRECT], client_uri="", key=key)
    assert private["token_endpoint_auth_method"] == "private_key_jwt"
    assert "secret" not in json.dumps(private)
    assert development_client_id(REDIRECT).startswith("http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1")


def test_credentials_show_only_their_keys() -> None:
    assert "hidden" not in repr(Credentials({"access_token": "hidden"}))
