"""What the tests of X share: which network, both vocabularies, what steers its stand-in, a server that says one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.ports import Connector
from tests.networks.listener import Listener, listening
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "x"


@pytest.fixture
def listener(connector: Connector) -> Iterator[Listener]:
    with listening(connector) as made:
        yield made


@pytest.fixture(params=["tweet.fields", "post.fields"])
def vocabulary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both of X's vocabularies: the sandbox answers in the one it is asked in."""
    monkeypatch.setitem(network_data("x")["vocabulary"], "parameter", request.param)
    return str(request.param)


@pytest.fixture
def steer(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    def put(path: str, **body: Any) -> dict[str, Any]:
        answer = sandbox.http.request("PUT" if path != "/_messages" else "POST", sandbox.url("x") + path, json=body)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    return put


class Answers:
    """A server that says one thing, for what the sandbox never says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.clients: list[httpx.Client] = []

    def say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers=headers))
        client = httpx.Client(transport=transport)
        self.clients.append(client)
        self.monkeypatch.setattr("socialops.networks.http.client", lambda: client)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    made = Answers(monkeypatch)
    yield made
    for client in made.clients:
        client.close()
