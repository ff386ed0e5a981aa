"""What a network tells twice, and is read besides: through our real address, signed by the sandbox, it is one mention or one publication."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Task
from django.conf import settings as django_settings

from publishing.enums import DeliveryState as S
from publishing.models import Attempt
from reputation.models import Mention, PullState
from reputation.services.pulls import pull_channel
from socialops.networks.registry import connector_for, networks
from socialops.sandbox.linkedin.call import APPLICATION
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.services.connections import webhook_url
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox, start_sandbox
from tests.torture.conftest import Stage

pytestmark = pytest.mark.django_db(transaction=True)
TELLING = [network for network in networks() if connector_for(network).has_webhooks]
OF_COMMENTS = [network for network in TELLING if sample_of(network).comments_readable]
OF_PUBLICATIONS = [network for network in TELLING if not sample_of(network).comments_readable]
BY_HAND = ("threads", "tiktok")  # where an administrator types our address at the network
PATIENCE = 15.0  # seconds until a delivery is here


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Of these tests alone: its networks go on telling our address."""
    with start_sandbox(pace=0.1) as started:
        yield started


class Queue:
    """What would be on the broker, run by hand."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Task, str]] = []
        self.ran: list[str] = []

    def put(self, task: Task, args: Any = None, kwargs: Any = None, **_: Any) -> None:
        del args
        self.waiting.append((task, json.dumps(kwargs)))

    def run(self) -> None:
        while self.waiting:
            task, told = self.waiting.pop(0)
            self.ran.append(str(task.name))
            task(**json.loads(told))

    def wait_for(self, name: str, count: int) -> None:
        """Until so many more of these came in; they are run together, as by several workers."""
        deadline = time.monotonic() + PATIENCE
        while sum(task.name == name for task, _told in self.waiting) < count:
            assert time.monotonic() < deadline, [task.name for task, _told in self.waiting]
            time.sleep(0.05)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    made = Queue()

    def put(task: Task, args: Any = None, kwargs: Any = None, **more: Any) -> None:
        made.put(task, args, kwargs, **more)

    monkeypatch.setattr(Task, "apply_async", put)
    return made


@pytest.fixture
def told(stage_on: Callable[[str], Stage], live_server: Any, settings: Any, queue: Queue) -> Callable[[str], Stage]:
    """A stage on a network that tells our real address what happens there."""
    settings.PUBLIC_URL = live_server.url

    def make(network: str) -> Stage:
        settings.NETWORKS = {
            **django_settings.NETWORKS,
            "linkedin": {**django_settings.NETWORKS["linkedin"], "application_id": APPLICATION},
        }
        stage = stage_on(network)
        queue.run()  # connecting asks the network to tell us
        with tenant(stage.channel.organization_id):
            assert Channel.objects.get(pk=stage.channel.pk).subscription_error == ""
        if network in BY_HAND:
            app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
            asked = {"url": webhook_url(network), "verify_token": connector_for(network).verify_token(app=app)}
            answer = stage.sandbox.http.post(f"{stage.sandbox.url(network)}/_webhooks", json=asked)
            assert answer.status_code in (200, 201), answer.text
        return stage

    return make


@pytest.mark.parametrize("network", OF_COMMENTS)
def test_a_comment_told_twice_and_read_too_is_one_mention(
    told: Callable[[str], Stage], queue: Queue, network: str
) -> None:
    stage = told(network)
    delivery = stage.settle(stage.schedule(sample_of(network).content()))
    assert delivery.state == S.PUBLISHED, stage.story(delivery)
    (post,) = stage.posts()
    time.sleep(0.3)  # what is told of the publication itself is on its way
    queue.run()
    stage.sandbox.fault("duplicate_webhook", network)
    stage.sandbox.crowd(network, "comment", post_id=post["id"], text="Très beau, vraiment")
    queue.wait_for("teams.receive_events", 2)
    queue.run()
    _read(stage)
    with tenant(stage.channel.organization_id):
        (mention,) = Mention.objects.filter(channel=stage.channel)
        assert "Très beau, vraiment" in mention.text
        assert Channel.objects.get(pk=stage.channel.pk).last_webhook_at is not None
    _read(stage)
    with tenant(stage.channel.organization_id):
        assert list(Mention.objects.filter(channel=stage.channel).values_list("pk", flat=True)) == [mention.pk]


def _read(stage: Stage) -> None:
    """By polling, as if nothing had been told."""
    with tenant(stage.channel.organization_id):
        channel = Channel.objects.get(pk=stage.channel.pk)
    pull_channel(channel=channel)
    with tenant(stage.channel.organization_id):
        assert PullState.objects.get(channel=channel).last_error == ""


@pytest.mark.parametrize("network", OF_PUBLICATIONS)
def test_a_publication_told_twice_is_published_once(told: Callable[[str], Stage], queue: Queue, network: str) -> None:
    stage = told(network)
    stage.sandbox.fault("duplicate_webhook", network, count=None)
    delivery = stage.schedule(sample_of(network).content())
    stage.round()
    try:
        queue.wait_for("teams.receive_events", 2)
        queue.run()
    finally:
        stage.sandbox.clear_faults()
    stage.settle(delivery)
    queue.run()
    assert delivery.state == S.PUBLISHED, stage.story(delivery)
    assert len(stage.posts()) == 1
    with tenant(stage.channel.organization_id):
        done = Attempt.objects.filter(delivery=delivery, outcome="done")
        assert done.count() == 1
        assert not Mention.objects.filter(channel=stage.channel).exists()
