"""LinkedIn: who can be connected by one consent, and the life of its token."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from socialops.networks.data import disabled_by, network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Account, Connector, Target
from tests.networks.driving import content, publish
from tests.networks.linkedin import ANALYST_ONLY, steer
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def connected(connector: Connector, sandbox: Sandbox, networks_at_sandbox: None) -> dict[str, Target]:
    """By external id, from one consent."""
    return {account.external_id: target_of(connector, sandbox, account) for account in consented(connector, sandbox)}


def consented(connector: Connector, sandbox: Sandbox) -> tuple[Account, ...]:
    authorization = connector.authorization(base_url=sandbox.url("linkedin"), redirect_uri=REDIRECT, app={})
    return complete(connector, authorization, consent(authorization))


def member_of(connected: dict[str, Target]) -> Target:
    return next(target for urn, target in connected.items() if urn.startswith("urn:li:person:"))


def test_one_consent_gives_the_profile_and_the_pages_one_may_publish_on(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {"urn:li:organization:1067001", "urn:li:organization:1067002", "urn:li:person:CamilleM01"} <= set(connected)
    assert ANALYST_ONLY not in connected
    for name, value in (("acls_page_size", 2), ("acls_pages", 1000), ("lookup_size", 3)):
        monkeypatch.setitem(network_data("linkedin")["oauth"], name, value)
    accounts = {account.external_id: account for account in consented(connector, sandbox)}
    assert set(accounts) == set(connected)
    page, person = accounts["urn:li:organization:1067001"], accounts["urn:li:person:CamilleM01"]
    assert (page.name, page.handle) == ("Maison Lumière", "maison-lumiere")
    assert page.url.endswith("/company/maison-lumiere")
    assert (person.name, person.handle) == ("Camille Martin", "camille-martin")
    for account in (page, person):
        assert account.missing_scopes == ()
        target = target_of(connector, sandbox, account)
        assert connector.verify(target) == account
        publish(connector, target, content())


def test_where_several_may_not_be_looked_up_each_is(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target]
) -> None:
    steer(sandbox, batches="closed")
    accounts = {account.external_id: account.name for account in consented(connector, sandbox)}
    steer(sandbox, batches="open")
    assert accounts["urn:li:organization:1067002"] == "Vélo Citadin"
    assert set(accounts) == set(connected)


@pytest.mark.parametrize("role", ["CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"])
def test_a_lesser_role_publishes_and_what_it_may_not_read_is_not_asked(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, role: str
) -> None:
    steer(sandbox, roles={ANALYST_ONLY: [role]})
    account = next(a for a in consented(connector, sandbox) if a.external_id == ANALYST_ONLY)
    steer(sandbox, roles={ANALYST_ONLY: ["ANALYST"]})
    target = target_of(connector, sandbox, account)
    steer(sandbox, roles={ANALYST_ONLY: [role]})
    published = publish(connector, target, content())
    assert connector.pull_mentions(target, cursor={}, watched=[published.external_id]).mentions == ()
    found = connector.pull_post_metrics(target, external_ids=[published.external_id])
    assert found.metrics == {}
    assert set(found.dead) == set(network_data("linkedin")["metrics"]["post"])
    steer(sandbox, roles={ANALYST_ONLY: ["ANALYST"]})
    with pytest.raises(AuthError) as lost:
        connector.verify(target)
    assert lost.value.code == Code.ROLE_LOST


def test_the_same_set_keeps_earlier_tokens_and_another_set_ends_them(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target]
) -> None:
    first = member_of(connected)
    second = target_of(connector, sandbox, consented(connector, sandbox)[-1])
    assert connector.verify(first).external_id == connector.verify(second).external_id
    authorization = connector.authorization(base_url=sandbox.url("linkedin"), redirect_uri=REDIRECT, app={})
    narrower = authorization.url.replace("rw_organization_admin%20", "")
    assert narrower != authorization.url
    other = replace(authorization, url=narrower)
    accounts = complete(connector, other, consent(other))
    for ended in (first, second):
        with pytest.raises(AuthError) as revoked:
            connector.verify(ended)
        assert revoked.value.code == Code.TOKEN_REVOKED
    # without the right to list Pages there is the profile alone
    assert [account.external_id for account in accounts] == ["urn:li:person:CamilleM01"]


def test_one_fixed_set_is_asked(connector: Connector, networks_at_sandbox: None, settings: Any) -> None:
    def asked() -> list[str]:
        authorization = connector.authorization(base_url="", redirect_uri=REDIRECT, app={})
        return parse_qs(urlsplit(authorization.url).query)["scope"][0].split()

    assert asked() == network_data("linkedin")["oauth"]["scopes"]
    settings.NETWORKS["linkedin"]["scopes"] = "openid profile w_member_social"
    assert asked() == ["openid", "profile", "w_member_social"]


def test_an_app_that_only_shares_for_members_is_served_too(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, settings: Any
) -> None:
    settings.NETWORKS["linkedin"]["scopes"] = "openid,profile,w_member_social"
    (account,) = consented(connector, sandbox)
    assert account.name == "Camille Martin"
    assert account.missing_scopes == ()
    publish(connector, target_of(connector, sandbox, account), content())


def test_a_scope_the_app_was_not_granted_says_so(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None, settings: Any
) -> None:
    settings.NETWORKS["linkedin"]["scopes"] = "w_member_social r_member_social"
    authorization = connector.authorization(base_url=sandbox.url("linkedin"), redirect_uri=REDIRECT, app={})
    with httpx.Client(trust_env=False) as browser:
        back = browser.get(authorization.url).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    with pytest.raises(AuthError) as refused:
        complete(connector, authorization, query)
    assert refused.value.code == Code.APP_NOT_APPROVED
    assert "r_member_social" in refused.value.detail["message"]


def test_what_a_missing_scope_disables() -> None:
    assert disabled_by("linkedin", ["w_organization_social_feed"]) == ("reply", "moderate")
    assert disabled_by("linkedin", ["r_member_postAnalytics"]) == ("measure",)
    facts = network_data("linkedin")["oauth"]
    assert set(facts["organization"]) | set(facts["member"]) <= set(facts["scopes"])


# ---------------------------------------------------------------- the life of a token


def test_a_refresh_renews_the_access_and_never_moves_the_end(
    connector: Connector, connected: dict[str, Target]
) -> None:
    old = member_of(connected)
    end = old.credentials.values["refresh_expires_at"]
    assert datetime.fromisoformat(end) - datetime.now(UTC) > timedelta(days=364)
    assert old.credentials.expires_at is not None
    assert old.credentials.expires_at - datetime.now(UTC) > timedelta(days=59)
    fresh = connector.refresh(old)
    assert fresh is not None
    assert fresh.values["access_token"] != old.credentials.values["access_token"]
    assert fresh.values["refresh_token"] == old.credentials.values["refresh_token"]
    assert fresh.values["refresh_expires_at"] <= end
    assert fresh.values["member"] == old.credentials.values["member"]
    assert fresh.scopes == old.credentials.scopes
    connector.verify(replace(old, credentials=fresh))


def test_near_its_end_a_person_is_asked_in_time(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target]
) -> None:
    """The access ends in two days, the right to renew it in five: one refresh reaches that end, then nothing is gained."""
    old, now = member_of(connected), datetime.now(UTC)
    token = str(old.credentials.values["refresh_token"])
    steer(sandbox, expires={token: 5 * 86_400})
    values = {**old.credentials.values, "refresh_expires_at": (now + timedelta(days=5)).isoformat()}
    near = replace(old, credentials=replace(old.credentials, values=values, expires_at=now + timedelta(days=2)))
    fresh = connector.refresh(near)
    assert fresh is not None
    assert fresh.expires_at is not None
    assert timedelta(days=4) < fresh.expires_at - now <= timedelta(days=5)
    assert connector.refresh(replace(near, credentials=fresh)) is None  # so that the engine announces the end
    over = {**fresh.values, "refresh_expires_at": (now - timedelta(minutes=1)).isoformat()}
    ended = replace(fresh, values=over, expires_at=now - timedelta(minutes=1))
    with pytest.raises(AuthError) as asks:
        connector.refresh(replace(near, credentials=ended))
    assert asks.value.code == Code.TOKEN_EXPIRED


def test_a_refresh_token_ended_by_linkedin_asks_for_a_person(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target]
) -> None:
    old = member_of(connected)
    steer(sandbox, expires={str(old.credentials.values["refresh_token"]): -1})
    with pytest.raises(AuthError) as ended:
        connector.refresh(old)
    assert ended.value.code == Code.TOKEN_EXPIRED
    assert ended.value.raw is not None
    assert str(old.credentials.values["refresh_token"]) not in repr(ended.value.raw)


def test_without_a_refresh_token_there_is_nothing_to_renew(connector: Connector, connected: dict[str, Target]) -> None:
    old = member_of(connected)
    values = {name: value for name, value in old.credentials.values.items() if not name.startswith("refresh")}
    bare = replace(old, credentials=replace(old.credentials, values=values))
    assert connector.refresh(bare) is None
    over = replace(bare.credentials, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(AuthError) as ended:
        connector.refresh(replace(bare, credentials=over))
    assert ended.value.code == Code.TOKEN_EXPIRED


def test_an_empty_refresh_token_never_replaces_a_kept_one(
    connector: Connector, connected: dict[str, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = member_of(connected)
    body = {"access_token": "new", "expires_in": 5184000, "refresh_token": ""}
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        fresh = connector.refresh(old)
    assert fresh is not None
    assert fresh.values["access_token"] == "new"
    assert fresh.values["refresh_token"] == old.credentials.values["refresh_token"]
    assert fresh.values["refresh_expires_at"] == old.credentials.values["refresh_expires_at"]


def test_an_expired_token_is_told_as_one_that_can_be_renewed(
    connector: Connector, sandbox: Sandbox, connected: dict[str, Target]
) -> None:
    old = member_of(connected)
    steer(sandbox, expires={str(old.credentials.values["access_token"]): -1})
    with pytest.raises(AuthError) as expired:
        connector.verify(old)
    assert expired.value.code == Code.TOKEN_EXPIRED


# ---------------------------------------------------------------- without a browser


def test_a_token_alone_finds_its_page_or_its_member(
    connector: Connector, sandbox: Sandbox, networks_at_sandbox: None
) -> None:
    base_url = sandbox.url("linkedin")
    several = connector.connect_with_token(base_url=base_url, values={"access_token": "sandbox-linkedin-member"})
    assert several.external_id == "urn:li:person:CamilleM01"
    with pytest.raises(AuthError) as lost:
        values = {"access_token": "sandbox-linkedin-member", "organization": ANALYST_ONLY}
        connector.connect_with_token(base_url=base_url, values=values)
    assert lost.value.code == Code.ROLE_LOST
    with pytest.raises(AuthError) as missing:
        connector.connect_with_token(base_url=base_url, values={})
    assert missing.value.code == Code.TOKEN_MISSING


def test_the_app_is_checked(connector: Connector, networks_at_sandbox: None, settings: Any) -> None:
    connector.check_app(app={}, redirect_uri=REDIRECT)
    for wrong in ({"client_id": "sandbox-app", "client_secret": "no"}, {"client_id": "no", "client_secret": "no"}):
        with pytest.raises(AuthError) as rejected:
            connector.check_app(app=wrong, redirect_uri=REDIRECT)
        assert rejected.value.code == Code.APP_REJECTED
    settings.NETWORKS["linkedin"].update(client_id="", client_secret="")
    with pytest.raises(AuthError) as unset:
        connector.check_app(app={}, redirect_uri=REDIRECT)
    assert unset.value.code == Code.APP_NOT_CONFIGURED
