"""A server's own limits are read once a day, and a silent server stops nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import Target
from socialops.tenancy.scope import tenant
from teams.models import Channel, Organization
from teams.services import limits
from teams.tasks import read_due_limits
from tests.factories.teams import ChannelFactory, CredentialFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Server:
    def fetch_limits(self, target: Target) -> Mapping[str, Any]:
        assert not connection.in_atomic_block
        if "silent" in target.base_url:
            raise OutageError(Code.UNREACHABLE)
        return {"text": {"max": 5000}}


def test_limits_are_read_when_due_and_kept(bare_organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "connector_for", lambda network: Server())
    with tenant(bare_organization):
        never = ChannelFactory()
        old = ChannelFactory(limits_fetched_at=timezone.now() - dt.timedelta(hours=25))
        fresh = ChannelFactory(limits_fetched_at=timezone.now(), limits={"kept": 1})
        silent = ChannelFactory(base_url="https://silent.example")
        gone = ChannelFactory(status=Channel.Status.DISCONNECTED)
        for channel in (never, old, fresh, silent):
            CredentialFactory(channel=channel)
    read_due_limits()
    with tenant(bare_organization):
        found = {channel.pk: channel.limits for channel in Channel.objects.all()}
    assert found == {
        never.pk: {"text": {"max": 5000}},
        old.pk: {"text": {"max": 5000}},
        fresh.pk: {"kept": 1},
        silent.pk: {},
        gone.pk: {},
    }
