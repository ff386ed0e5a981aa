"""The sandbox networks, started once for a test session; each test gets fresh accounts on them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from socialops.networks import http
from socialops.networks.ports import Account, Connector, Target
from socialops.networks.registry import connector_for, networks
from socialops.sandbox.models import NETWORKS, REGISTERS_ITSELF
from tests.fakes.files import HOSTS
from tests.sandbox_server import Sandbox, start_sandbox

QUICK = 0.05  # share of the usual seconds that a network processes a file here


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox(pace=QUICK) as started:
        HOSTS.append(lambda media: started.host(media.read(), media.content_type))
        yield started
        HOSTS.pop()
    http.client().close()
    http.client.cache_clear()


@pytest.fixture
def slow_files(sandbox: Sandbox) -> Iterator[None]:
    """Networks that take their usual seconds, so that they are seen at work on a file."""
    sandbox.pace(1)
    yield
    sandbox.pace(QUICK)


@pytest.fixture(params=networks())
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(network: str) -> Connector:
    return connector_for(network)


@pytest.fixture
def networks_at_sandbox(sandbox: Sandbox, settings: Any) -> None:
    settings.BLUESKY_PLC_URL = sandbox.url("bluesky")
    app = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
    settings.NETWORKS = {
        name: {"base_url": sandbox.url(name)} | ({} if name in REGISTERS_ITSELF else app) for name in NETWORKS
    }


@pytest.fixture
def account(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Account:
    """A new account on the network, connected by what can be connected without a browser."""
    made = sandbox.account(connector.network, f"b{uuid.uuid4().hex[:12]}", "Café Test")
    return connector.connect_with_token(base_url=sandbox.url(connector.network), values=made)


@pytest.fixture
def target(sandbox: Sandbox, connector: Connector, account: Account) -> Target:
    assert account.credentials is not None
    base_url = sandbox.url(connector.network)
    return Target(connector.network, base_url, account.external_id, account.handle, account.credentials)
