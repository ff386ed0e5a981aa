"""Servers that others wrote, started once for the session."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from atproto import Client, models

from socialops.networks import http
from socialops.networks.ports import Account, Connector, Target
from socialops.networks.registry import connector_for
from tests.real_servers.servers import AtprotoNetwork, MastodonMock, atproto_network, mastodon_mock, stop_databases

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def network() -> Iterator[AtprotoNetwork]:
    with atproto_network() as started:
        yield started
    stop_databases()


@pytest.fixture(scope="session")
def mock() -> Iterator[MastodonMock]:
    with mastodon_mock() as started:
        yield started


@dataclass(frozen=True)
class Person:
    """Somebody on the real PDS, with the other side's own client library signed in."""

    did: str
    handle: str
    client: Client


@pytest.fixture(scope="session", autouse=True)
def _close_our_connections() -> Iterator[None]:
    yield
    http.client().close()
    http.client.cache_clear()


@pytest.fixture(scope="session")
def people(network: AtprotoNetwork) -> Iterator[Any]:
    """`people("name")` makes an account on the real PDS."""
    clients: list[Client] = []

    def make(name: str) -> Person:
        handle = f"{name}-{uuid.uuid4().hex[:8]}.test"
        body = {"handle": handle, "email": f"{handle}@example.com", "password": PASSWORD}
        answer = httpx.post(f"{network.pds}/xrpc/com.atproto.server.createAccount", json=body, timeout=20)
        answer.raise_for_status()
        client = Client(f"{network.pds}/xrpc")
        clients.append(client)
        client.login(handle, PASSWORD, fetch_bsky_profile=False)
        did = answer.json()["did"]
        client.me = models.AppBskyActorDefs.ProfileViewDetailed(
            did=did, handle=handle
        )  # not asked from the AppView yet
        return Person(did, handle, client)

    yield make
    for client in clients:
        client.request.close()


@pytest.fixture(scope="session")
def us(people: Any) -> Person:
    found: Person = people("lumiere")
    return found


@pytest.fixture(scope="session")
def friend(people: Any) -> Person:
    found: Person = people("ami")
    return found


@pytest.fixture
def bluesky(network: AtprotoNetwork, settings: Any) -> Connector:
    settings.BLUESKY_PLC_URL = network.plc
    settings.NETWORKS = {"bluesky": {"client_id": "", "client_secret": "", "base_url": ""}}
    return connector_for("bluesky")


def target_of(account: Account, connector: Connector, base_url: str) -> Target:
    assert account.credentials is not None
    return Target(connector.network, base_url, account.external_id, account.handle, account.credentials)


@pytest.fixture(scope="session")
def _sessions() -> dict[str, Target]:
    return {}


@pytest.fixture
def target(bluesky: Connector, network: AtprotoNetwork, us: Person, _sessions: dict[str, Target]) -> Target:
    """Ours, by app password; one session for all tests, as the server allows 30 log-ins in five minutes."""
    if "us" not in _sessions:
        made = us.client.com.atproto.server.create_app_password({"name": "socialops"})
        values = {"identifier": us.handle, "password": made.password}
        _sessions["us"] = target_of(
            bluesky.connect_with_token(base_url=network.pds, values=values), bluesky, network.pds
        )
    return _sessions["us"]
