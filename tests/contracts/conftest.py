"""The networks' own contracts and conformance cases: other people's files, read from the folder that SOCIALOPS_CONTRACTS names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socialops.networks import http
from tests.contracts.exchanges import Exchange, exchange
from tests.fakes.files import HOSTS
from tests.networks.conftest import account, connector, networks_at_sandbox, target
from tests.sandbox_server import Sandbox, start_sandbox

__all__ = ["account", "connector", "networks_at_sandbox", "target"]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Files are processed for a moment only: each state is met, none is waited for."""
    with start_sandbox(pace=0.1) as started:
        HOSTS.append(lambda media: started.host(media.read(), media.content_type))
        yield started
        HOSTS.pop()
    http.client().close()
    http.client.cache_clear()


@pytest.fixture(scope="session")
def folder() -> Path:
    """Holds contracts/ and conformance/. A run without it fails: it is never skipped."""
    named = os.environ.get("SOCIALOPS_CONTRACTS", "")
    if not named:
        pytest.fail("SOCIALOPS_CONTRACTS names no folder: run make test-contracts CONTRACTS=folder.", pytrace=False)
    found = Path(named)
    if not found.is_dir():
        pytest.fail(f"SOCIALOPS_CONTRACTS names {named}, which is no folder.", pytrace=False)
    return found


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """Every call that connectors make from now on. Ask for it before `target` to see how an account is connected."""
    kept: list[Exchange] = []
    real = http.call

    def call(method: str, url: str, **request: Any) -> http.Answer:
        answer = real(method, url, **request)
        kept.append(exchange(method, request, answer))
        return answer

    monkeypatch.setattr("socialops.networks.http.call", call)
    return kept
