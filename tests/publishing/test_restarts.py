"""PostgreSQL and Valkey of the tests' own, stopped and started under load. Counted from the network's side: nothing twice, nothing lost."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from publishing.benchmarks.stage import Stage, make_channels, make_deliveries, stage, states_of
from socialops.embedded import postgres, valkey
from teams.models import Channel
from tests.embedded.conftest import end
from tests.publishing.waiting import all_once, own_broker, start, until, wipe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of servers that only this test uses, short and open to the account PostgreSQL runs under."""
    place = Path(tempfile.mkdtemp(prefix="so-", dir="/tmp")).resolve()
    place.chmod(0o711)
    yield place / "data"
    end(place / "data")
    shutil.rmtree(place)


@pytest.fixture
def own_database(folder: Path, transactional_db: None) -> Iterator[Path]:
    """A PostgreSQL that keeps what it commits (the tests' own doesn't), migrated, in place of the tests' database."""
    url = postgres.ensure_running(folder, durable=True)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env={**os.environ, "DATABASE_URL": url}, cwd=settings.BASE_DIR, check=True)
    ours = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({key: dj_database_url.parse(url)[key] for key in ("HOST", "PORT", "NAME", "USER")})
    yield folder
    connection.close()
    connection.settings_dict.update(ours)


def _load(it: Stage, *, count: int, within: float) -> tuple[list[Channel], dict[str, dt.datetime]]:
    """Channels, and deliveries that come due evenly from now on."""
    channels = make_channels(it.port, 8)
    now = timezone.now()
    return channels, make_deliveries(
        channels, due=[now + dt.timedelta(seconds=within * number / count) for number in range(count)]
    )


def test_postgresql_stops_at_once_and_starts_again_under_load(own_database: Path) -> None:
    with stage(broker=own_broker()) as it:
        it.behave(delay=0.1)
        start(it)
        channels, texts = _load(it, count=150, within=5)
        for _ in range(2):
            seen = len(it.log())
            until(lambda seen=seen: len(it.log()) > seen + 20)
            process = postgres.process(own_database)
            assert process is not None
            os.kill(process, signal.SIGQUIT)  # `pg_ctl stop -m immediate`: no checkpoint, no goodbye to anybody
            until(lambda: postgres.process(own_database) is None)
            time.sleep(0.5)
            postgres.ensure_running(own_database, durable=True)
            connection.close()
        all_once(it, channels, texts)


def test_valkey_is_killed_restarted_empty_and_wiped_under_load(folder: Path) -> None:
    with stage(broker=valkey.ensure_running(folder)) as it:
        it.behave(delay=0.1)
        start(it)
        channels, texts = _load(it, count=150, within=5)
        time.sleep(1)
        wipe(it.broker)
        time.sleep(1)
        process = valkey.process(folder)
        assert process is not None
        os.kill(process, signal.SIGKILL)
        until(lambda: valkey.process(folder) is None)
        assert valkey.ensure_running(folder) == it.broker  # the same port, and nothing of before
        all_once(it, channels, texts)


def test_what_is_scheduled_while_valkey_is_away_goes_out_when_it_is_back(folder: Path) -> None:
    with stage(broker=valkey.ensure_running(folder)) as it:
        start(it)
        valkey.stop(folder)
        channels, texts = _load(it, count=40, within=1)
        time.sleep(5)
        assert it.log() == {}
        assert set(states_of(channels)) <= {"scheduled", "claimed", "retrying"}  # nothing is lost or failed meanwhile
        valkey.ensure_running(folder)
        all_once(it, channels, texts)
