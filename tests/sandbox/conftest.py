from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from tests.sandbox_server import Sandbox, start_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The shared sandbox, back to its seed."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(
        timeout=10, trust_env=False, verify=False
    ) as client:  # reading certificates takes longer than most tests
        yield client


@pytest.fixture(scope="session")
def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(out, "JPEG")
    return out.getvalue()
