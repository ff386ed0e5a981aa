"""The demo, loaded once into the test database against a sandbox process, and taken back at the end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from socialops.networks.registry import networks
from tests.sandbox_server import Sandbox, start_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox(rate_limits="real") as running:
        yield running


@pytest.fixture(scope="module")
def demo(
    sandbox: Sandbox, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What the command said."""
    told = {
        name: {"client_id": "sandbox-app", "client_secret": "sandbox-secret", "base_url": sandbox.url(name)}
        for name in networks()
    }
    said = io.StringIO()
    with (
        override_settings(NETWORKS=told, MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        call_command("load_demo", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)
