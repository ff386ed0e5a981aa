"""A channel on a network in memory, and a worker that runs what the dispatcher hands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from publishing.models import Delivery, Part
from publishing.services import claims
from publishing.services.deliver import deliver
from publishing.services.deliveries import _parts_of
from publishing.services.parts import deliver_parts
from publishing.services.reconcile import settle
from publishing.services.recovery import hold_suspended, miss_forgotten, miss_late, recover_lost
from socialops.networks import registry
from socialops.tenancy.scope import system
from teams.models import Channel
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import CredentialFactory
from tests.fakes.networks import FakeNetwork


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    fake = FakeNetwork()
    monkeypatch.setitem(registry._CONNECTORS, "mastodon", f"{__name__}:the_fake")
    monkeypatch.setattr(f"{__name__}.the_fake", lambda: fake)
    registry.connector_for.cache_clear()
    yield fake
    registry.connector_for.cache_clear()


def the_fake() -> FakeNetwork:
    raise AssertionError("replaced by the fixture")


@pytest.fixture
def connected(channel: Channel, network: FakeNetwork) -> Channel:
    CredentialFactory(channel=channel)
    return channel


@pytest.fixture
def due(connected: Channel) -> Callable[..., Delivery]:
    """`due("text", parts=[…], minutes_late=3)`: a delivery whose time has come."""

    def make(text: str = "Bonjour", *, minutes_late: float = 0, **more: Any) -> Delivery:
        payload = {"text": text, "language": "fr"} | {
            key: more.pop(key) for key in ("parts", "first_comment", "media") if key in more
        }
        moment = timezone.now() - dt.timedelta(minutes=minutes_late)
        fields: dict[str, Any] = {"channel": connected, "payload": payload, "label": text, "due_at": moment} | more
        delivery: Delivery = DeliveryFactory(**fields)
        Part.objects.bulk_create(_parts_of(delivery))
        return delivery

    return make


@pytest.fixture
def work() -> Callable[..., None]:
    """One round of a whole system: sweep, claim, deliver, follow up. `later` pretends that so many seconds have passed."""

    def run(*, rounds: int = 1, later: float = 0) -> None:
        for _ in range(rounds):
            if later:
                age(later)
            recover_lost()
            hold_suspended()
            miss_late()
            miss_forgotten()
            for claim in claims.claim_due(limit=100, per_channel=100, worker="test"):
                deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
            for claim in claims.claim_checks(limit=100, worker="test"):
                settle(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
            for claim in claims.claim_parts(limit=100, worker="test"):
                deliver_parts(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)

    return run


def age(seconds: float) -> None:
    """Move every row so far into the past: leases lapse, retries and checks come due."""
    by = dt.timedelta(seconds=seconds)
    fields = (
        "due_at",
        "released_at",
        "next_try_at",
        "lease_until",
        "parts_due_at",
        "commit_started_at",
        "unconfirmed_at",
    )
    with system("a test pretends that time has passed"):
        Delivery.objects.update(**{name: F(name) - by for name in fields})
