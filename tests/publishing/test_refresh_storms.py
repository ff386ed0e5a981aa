"""Fifty workers meet one token that has ended, on each network whose tokens are renewed: one of them renews it at the real sandbox, all get the new one."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from publishing.services.tokens import fresh_target
from socialops.networks import http
from socialops.networks.ports import Account, Target
from socialops.networks.registry import connector_for, networks
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Channel, ChannelCredential, Organization
from teams.services.channels import connect_channel
from tests.conftest import _actor as member_with
from tests.factories.teams import BrandFactory
from tests.networks.conftest import networks_at_sandbox, sandbox
from tests.networks.test_oauth import REDIRECT, complete, consent
from tests.sandbox_server import Sandbox

__all__ = ["networks_at_sandbox", "sandbox"]

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 50
NAMES = ("refresh_token", "refreshJwt")
SINGLE_USE = ("bluesky", "tiktok", "x")  # where a refresh token serves once: a second refresh would lose the channel


def by_consent(sandbox: Sandbox, network: str) -> Account:
    connector = connector_for(network)
    start = connector.authorization(base_url=sandbox.url(network), redirect_uri=REDIRECT, app={})
    return complete(connector, start, consent(start))[0]


def by_password(sandbox: Sandbox, network: str) -> Account:
    made = sandbox.account(network, f"r{uuid.uuid4().hex[:12]}")
    return connector_for(network).connect_with_token(base_url=sandbox.url(network), values=made)


RENEWED = {
    "bluesky": ("bluesky", by_consent),
    "bluesky-password": ("bluesky", by_password),
    "linkedin": ("linkedin", by_consent),
    "tiktok": ("tiktok", by_consent),
    "x": ("x", by_consent),
    "youtube": ("youtube", by_consent),
}


@pytest.fixture(params=RENEWED)
def expired(
    request: pytest.FixtureRequest, sandbox: Sandbox, networks_at_sandbox: None, bare_organization: Organization
) -> Channel:
    """A channel whose access has ended a minute ago."""
    network, connect = RENEWED[request.param]
    account = connect(sandbox, network)
    with tenant(bare_organization):
        admin = member_with(bare_organization, list(Right), None)
        channel = connect_channel(
            brand=BrandFactory(), network=network, base_url=sandbox.url(network), account=account, actor=admin
        )
        _end(channel)
    return channel


def _end(channel: Channel) -> None:
    ChannelCredential.objects.filter(channel=channel).update(expires_at=timezone.now() - dt.timedelta(minutes=1))


def _held(channel: Channel) -> dict[str, Any]:
    with tenant(channel.organization_id):
        return dict(ChannelCredential.objects.get(channel=channel).secret)


@pytest.fixture
def granted(monkeypatch: pytest.MonkeyPatch) -> list[http.Answer]:
    """The answers that brought new tokens."""
    answers: list[http.Answer] = []
    ask = http.call

    def noted(method: str, url: str, **request: Any) -> http.Answer:
        answer = ask(method, url, **request)
        if method == "POST" and answer.ok:
            answers.append(answer)
        return answer

    monkeypatch.setattr(http, "call", noted)
    return answers


def test_every_network_whose_tokens_are_renewed_is_here(sandbox: Sandbox, networks_at_sandbox: None) -> None:
    renewing = set()
    for network in networks():
        account = by_consent(sandbox, network)
        assert account.credentials is not None
        if account.credentials.values.get("refresh_token"):
            renewing.add(network)
    assert renewing == {network for network, _connect in RENEWED.values()}


def test_a_storm_renews_once_and_everybody_gets_it(
    expired: Channel, sandbox: Sandbox, granted: list[http.Answer]
) -> None:
    before = _held(expired)
    sandbox.fault("latency", expired.network, method="POST", count=None, seconds=0.5)  # all are there before it ends
    together = threading.Barrier(WORKERS)

    def work(_: int) -> Target:
        try:
            together.wait()
            return fresh_target(expired)
        finally:
            connection.close()

    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            got = list(pool.map(work, range(WORKERS)))
    finally:
        sandbox.clear_faults()
    after = _held(expired)
    assert len(granted) == 1, f"{len(granted)} refreshes"
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"]
    assert (after["refresh_token"] != before["refresh_token"]) == (expired.network in SINGLE_USE)
    assert {target.credentials.values["access_token"] for target in got} == {after["access_token"]}
    assert connector_for(expired.network).verify(got[0]).external_id == expired.external_id
    with tenant(expired.organization_id):
        _end(expired)
    assert (
        fresh_target(expired).credentials.values["access_token"] != after["access_token"]
    )  # what was kept still renews


@pytest.mark.parametrize("told", ["nothing", "an empty one"])
def test_an_answer_without_a_refresh_token_never_takes_the_kept_one(
    expired: Channel, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    before = _held(expired)
    ask = http.call

    def poorer(method: str, url: str, **request: Any) -> http.Answer:
        answer = ask(method, url, **request)
        return _without_refresh_token(answer, empty=told != "nothing")

    monkeypatch.setattr(http, "call", poorer)
    assert fresh_target(expired).credentials.values["refresh_token"] == before["refresh_token"]
    after = _held(expired)
    assert after["refresh_token"] == before["refresh_token"]
    assert after["access_token"] != before["access_token"]


def _without_refresh_token(answer: http.Answer, *, empty: bool) -> http.Answer:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    for name in NAMES:
        if isinstance(body, dict) and name in body:
            body.pop(name)
            if empty:
                body[name] = ""
    return replace(answer, body=json.dumps(body).encode())
