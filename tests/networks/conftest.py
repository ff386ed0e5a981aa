"""The sandbox networks, started once for a test session; each test gets fresh accounts on them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from socialops.networks.ports import Account, Connector, Target
from socialops.networks.registry import connector_for, networks

OFFSETS = {"mastodon": 1, "bluesky": 2, "facebook": 3}


@dataclass(frozen=True)
class Sandbox:
    """`port` is the home page's."""

    port: int

    def url(self, network: str) -> str:
        return f"http://127.0.0.1:{self.port + OFFSETS[network]}"

    def ask(self, network: str, method: str, path: str, **more: Any) -> Any:
        answer = httpx.request(method, self.url(network) + path, timeout=10, trust_env=False, **more)
        answer.raise_for_status()
        return answer.json()

    def fault(self, network: str, effect: str, method: str, path: str, **more: Any) -> None:
        body = {"effect": effect, "match": {"method": method, "path": path}, "count": 1, **more}
        self.ask(network, "POST", "/_faults", json=body)

    def posts(self, network: str, account: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(network, "GET", f"/_posts?account={account}")["posts"]
        return found

    def crowd(self, network: str, **deed: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ask(network, "POST", "/_crowd", json=deed)
        return made


def _free_ports() -> int:
    """The first of four free ports in a row."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        taken = []
        for offset in range(4):
            with socket.socket() as other:
                taken.append(port + offset > 65535 or other.connect_ex(("127.0.0.1", port + offset)) == 0)
        if not any(taken):
            return port


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    port = _free_ports()
    command = [sys.executable, "-m", "socialops.sandbox", "--port", str(port), "--crowd-interval", "0"]
    process = subprocess.Popen([*command, "--rate-limits", "off"], env={**os.environ, "SANDBOX_DATA": ""})
    try:
        for _attempt in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port + 3)) == 0:
                    break
            assert process.poll() is None, "the sandbox ended at once"
            time.sleep(0.1)
        yield Sandbox(port)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=networks())
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(network: str) -> Connector:
    return connector_for(network)


@pytest.fixture
def networks_at_sandbox(sandbox: Sandbox, settings: Any) -> None:
    settings.BLUESKY_PLC_URL = sandbox.url("bluesky")
    settings.NETWORKS = {
        "mastodon": {"base_url": sandbox.url("mastodon")},
        "bluesky": {"base_url": sandbox.url("bluesky")},
        "facebook": {
            "base_url": sandbox.url("facebook"),
            "client_id": "sandbox-app",
            "client_secret": "sandbox-secret",
        },
    }


@pytest.fixture
def account(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Account:
    """A new account on the network, connected by what can be connected without a browser."""
    made = sandbox.ask(
        connector.network, "POST", "/_accounts", json={"handle": f"b{uuid.uuid4().hex[:12]}", "name": "Café Test"}
    )
    return connector.connect_with_token(base_url=sandbox.url(connector.network), values=made)


@pytest.fixture
def target(sandbox: Sandbox, connector: Connector, account: Account) -> Target:
    assert account.credentials is not None
    base_url = sandbox.url(connector.network)
    return Target(connector.network, base_url, account.external_id, account.handle, account.credentials)
