"""Kill -9 of a real worker in each step of a delivery, on each network that has the step. Counted on the sandbox networks: nothing twice, nothing lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.utils import timezone

from publishing.benchmarks.stage import Stage, states_of
from publishing.models import Delivery, Part
from publishing.services.deliveries import _parts_of
from socialops.tenancy.scope import tenant
from teams.models import Channel, Organization
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory, OrganizationFactory
from tests.publishing.sandboxed import an_image, connect_each
from tests.publishing.waiting import own_broker, start, until
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)
LATE = 2.0  # seconds: the worker is dead well before the answer, or before the acceptance
SHOTS = {"mastodon": "/api/v1/statuses$", "bluesky": "putRecord$", "facebook": "/feed$"}
COMMENTS = {"mastodon": "/api/v1/statuses$", "bluesky": "putRecord$", "facebook": "/comments$"}
UPLOADS = {"mastodon": "/api/v2/media$", "bluesky": "uploadBlob$", "facebook": "/photos$"}
RENEWALS = {"bluesky": "refreshSession$"}
# step → (what is late, where, the state it leaves behind)
STEPS = {
    "prepare": ("latency", RENEWALS, "preparing"),
    "create": ("latency", UPLOADS, "preparing"),
    "commit before acceptance": ("slow_accept", SHOTS, "committing"),
    "commit after acceptance": ("latency", SHOTS, "committing"),
    "first comment before acceptance": ("slow_accept", COMMENTS, "published"),
    "first comment after acceptance": ("latency", COMMENTS, "published"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def it(sandbox: Sandbox) -> Iterator[Stage]:
    running = Stage(sandbox.port, sandbox.http, own_broker())
    yield running
    running.stop()
    sandbox.clear_faults()


@pytest.fixture
def channels(sandbox: Sandbox) -> list[Channel]:
    """One on each network, of an organization of their own."""
    organization: Organization = OrganizationFactory()
    with tenant(organization):
        return connect_each(sandbox, BrandFactory())


def _make_deliveries(channels: list[Channel]) -> set[tuple[str, str]]:
    """One a channel, with an image and a first comment; gives what the public is to see, as (network, text)."""
    media = [an_image()]
    expected = set()
    with tenant(channels[0].organization_id):
        for channel in channels:
            text, comment = f"Bonjour {uuid.uuid4().hex[:8]}", f"Le lien {uuid.uuid4().hex[:8]}"
            payload = {"text": text, "language": "fr", "media": media, "first_comment": comment}
            delivery = DeliveryFactory(channel=channel, payload=payload, label=text, due_at=timezone.now())
            Part.objects.bulk_create(_parts_of(delivery))
            expected |= {(channel.network, text), (channel.network, comment)}
    return expected


def _order(sandbox: Sandbox, step: str) -> None:
    """The bad luck of this step, once a network."""
    effect, paths, _state = STEPS[step]
    for network, path in paths.items():
        if step.startswith("first comment") and path == SHOTS[network]:
            # the same address as the post itself, which goes out first and on time
            sandbox.fault("latency", network, method="POST", path=path, seconds=0.01)
        sandbox.fault(effect, network, method="POST", path=path, seconds=LATE)


def _in_step(sandbox: Sandbox, channels: list[Channel], step: str) -> bool:
    _effect, paths, state = STEPS[step]
    ordered = [rule for rule in sandbox._json("GET", "/_faults")["faults"] if rule["seconds"] == LATE]
    with tenant(channels[0].organization_id):
        there = Delivery.objects.filter(channel__in=channels, channel__network__in=paths, state=state).count()
    return all(rule["hits"] == 1 for rule in ordered) and len(ordered) == there == len(paths)


def _settled(channels: list[Channel]) -> bool:
    with tenant(channels[0].organization_id):
        parts_done = not Part.objects.filter(delivery__channel__in=channels).exclude(state="published").exists()
    return parts_done and set(states_of(channels)) == {"published"}


@pytest.mark.parametrize("step", STEPS)
def test_kill_9_in_a_step_loses_nothing_and_sends_nothing_twice(
    sandbox: Sandbox, it: Stage, channels: list[Channel], step: str
) -> None:
    _order(sandbox, step)
    start(it)
    expected = _make_deliveries(channels)
    until(lambda: _in_step(sandbox, channels, step))
    it.kill("publishing")
    it.start_publishing()
    until(lambda: _settled(channels))
    ours = {channel.external_id for channel in channels}
    public = [(post["network"], post["text"]) for post in sandbox.posts() if post["account_id"] in ours]
    assert sorted(public) == sorted(expected)
