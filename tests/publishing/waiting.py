"""What tests with real workers share: a broker of their own, workers that answer, and waiting for the end."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from redis import Redis

from publishing.benchmarks.stage import Stage, states_of, wait_for_workers
from publishing.models import Heartbeat
from teams.models import Channel

BOUND = 120  # seconds, for a busy machine: how fast it is, `manage.py bench publishing` says


def own_broker() -> str:
    """A broker database of this test process's own, emptied: two of them never take each other's messages."""
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    url = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    wipe(url)
    return url


def wipe(broker: str) -> None:
    with Redis.from_url(broker) as client:
        client.flushdb()


def start(it: Stage) -> None:
    """A publishing worker, up and dispatching."""
    Heartbeat.objects.all().delete()
    it.start_publishing()
    wait_for_workers("publishing", "dispatcher")


def until(condition: Callable[[], bool], *, seconds: float = BOUND) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not settled in time"
        time.sleep(0.2)


def all_once(it: Stage, channels: list[Channel], texts: dict[str, dt.datetime], *, seconds: float = BOUND) -> None:
    """Every delivery settles as published, and the public saw each text exactly once."""
    until(lambda: set(states_of(channels)) == {"published"}, seconds=seconds)
    assert {text: times for text, (_first, times) in it.log().items()} == dict.fromkeys(texts, 1)
