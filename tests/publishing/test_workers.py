"""Real workers, killed; a real broker, wiped; real connections, cut. Counted from the network's side: nothing twice, nothing lost."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from publishing.benchmarks.stage import Stage, make_channels, make_deliveries, stage, states_of
from publishing.services import claims
from tests.publishing.waiting import all_once, own_broker, start, until, wipe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def network() -> Iterator[Stage]:
    with stage(broker=own_broker()) as it:
        yield it


@pytest.mark.parametrize("moment", ["before acceptance", "after acceptance"])
def test_kill_9_in_the_one_shot(network: Stage, moment: str) -> None:
    channels = make_channels(network.port, 8)
    network.behave(**({"hold": 1.5} if moment == "before acceptance" else {"delay": 1.5}))
    start(network)
    texts = make_deliveries(channels, due=[timezone.now()] * 40)
    until(lambda: states_of(channels).get("committing", 0) >= 8)
    network.kill("publishing")
    network.behave(hold=0, delay=0.02)
    seen = len(network.log())
    network.start_publishing()
    until(
        lambda: len(network.log()) > seen + 16, seconds=10 + 10
    )  # publishing again; the second ten for a busy machine
    all_once(network, channels, texts)


def test_a_fifth_of_the_answers_dropped_after_acceptance(network: Stage) -> None:
    channels = make_channels(network.port, 8)
    network.behave(drop=0.2, delay=0.02)
    start(network)
    texts = make_deliveries(channels, due=[timezone.now()] * 80)
    all_once(network, channels, texts)


def test_the_broker_is_wiped_and_every_connection_to_the_database_cut(network: Stage) -> None:
    channels = make_channels(network.port, 8)
    network.behave(delay=0.1)
    start(network)
    now = timezone.now()
    texts = make_deliveries(channels, due=[now + dt.timedelta(milliseconds=25 * number) for number in range(160)])
    for _ in range(3):
        time.sleep(1)
        wipe(network.broker)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
    all_once(network, channels, texts)


def test_two_dispatchers_never_take_the_same_row(network: Stage) -> None:
    channels = make_channels(network.port, 8)
    make_deliveries(channels, due=[timezone.now()] * 200)
    taken: list[int] = []
    ready = threading.Barrier(4)

    def claim() -> None:
        ready.wait()
        for _ in range(20):
            taken.extend(one.delivery_id for one in claims.claim_due(limit=7, per_channel=100, worker="x"))
        connection.close()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # a row that somebody else held for a moment is left for the next look
    while rest := claims.claim_due(limit=50, per_channel=100, worker="x"):
        taken.extend(one.delivery_id for one in rest)
    assert len(taken) == len(set(taken))
    assert len(taken) == 200


def test_a_burst_on_one_channel_takes_its_turn_with_the_others(network: Stage) -> None:
    loud, *quiet = make_channels(network.port, 4)
    past = timezone.now() - dt.timedelta(seconds=30)
    make_deliveries([loud], due=[past] * 300)
    make_deliveries(quiet, due=[timezone.now()] * 3)
    taken = {one.delivery_id for one in claims.claim_due(limit=10, per_channel=12, worker="x")}
    states = states_of(quiet)
    assert len(taken) == 10
    assert states == {"claimed": 3}
    claims.claim_due(limit=100, per_channel=12, worker="x")
    assert states_of([loud])["claimed"] == 12  # a network that hangs can't take every thread
