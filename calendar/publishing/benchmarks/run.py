"""Three scenarios, measured from the networks' side: deliveries spread over a minute, a burst due at the same second, and a burst on each network."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from publishing.benchmarks.networks import SIZE as NETWORK_SIZE
from publishing.benchmarks.networks import every_network, print_networks
from publishing.benchmarks.sandbox import sandbox
from publishing.benchmarks.stage import (
    PROCESSES,
    THREADS,
    Stage,
    alive,
    cpu_of,
    make_channels,
    make_deliveries,
    stage,
    states_of,
    wait_for_workers,
)
from socialops.bench.table import cores, percentile, print_table, say
from socialops.tenancy.scope import tenant
from teams.models import Channel

SIZE = 1000
GRACE = 60.0  # seconds after the last due time before what is missing counts as lost
GOALS = {"spread": 2.0, "burst": 10.0}


def publishing(size: int | None) -> dict[str, Any]:
    """`size` deliveries a scenario (1,000), and 160 in a thousand of it on each network, or what its quotas leave."""
    size = size or SIZE
    if alive() & {"publishing", "dispatcher"}:
        raise SystemExit("A publishing worker already runs on this database: stop it first, it would take part.")
    web = _free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox() as networks,
        stage(environment=networks.environment() | {"PUBLIC_URL": f"http://127.0.0.1:{web}"}) as it,
    ):
        it.behave(delay=0.1)
        bare = _bare(it.port, size)
        for number in range(PROCESSES):
            it.start_publishing(f"publishing-{number}", threads=THREADS // PROCESSES)
        it.start_default()
        it.start_beat(str(Path(folder) / "beat"))
        wait_for_workers("publishing", "dispatcher", "default")
        channels = make_channels(it.port, 20)
        it.behave(delay=0.05)
        _warm_up(it, channels)
        spread = _scenario(it, channels, "spread", [0.06 * 1000 / size * n for n in range(size)])
        it.behave(delay=0.1)
        burst = _scenario(it, channels, "burst", [0.0] * size)
        it.stop("beat", "default")  # they read mentions and figures: calls that are not publishing's
        it.start_web(web)
        by_network = every_network(
            networks, size=size * NETWORK_SIZE // SIZE, public_url=f"http://127.0.0.1:{web}", cpu=it.cpu
        )
    _leave(channels)
    figures = {"bare_per_second": bare, "threads": THREADS, "spread": spread, "burst": burst, "networks": by_network}
    figures["ratio"] = round(burst["per_second"] / bare, 2)
    _print(figures)
    print_networks(by_network)
    return figures


def _leave(channels: Sequence[Channel]) -> None:
    """Nobody reads these channels any more."""
    with tenant(channels[0].organization_id):
        Channel.objects.filter(pk__in=[channel.pk for channel in channels]).update(status=Channel.Status.DISCONNECTED)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _bare(port: int, size: int) -> float:
    say(f"{size} bare HTTP calls with {THREADS} threads…")
    command = [sys.executable, "-m", "publishing.benchmarks.bare", str(port), str(size), str(THREADS)]
    environment = {**os.environ, "SOCIALOPS_PRIVATE_HOSTS": f"127.0.0.1:{port}"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 -- our own command
    return float(done.stdout)


def _warm_up(it: Stage, channels: Sequence[Channel]) -> None:
    """Imports, connections and plans, as in a worker that has been running."""
    texts = make_deliveries(channels, due=[timezone.now()] * 2 * THREADS)
    _wait(it, set(texts), time.monotonic() + 30)


def _scenario(it: Stage, channels: Sequence[Channel], name: str, offsets: Sequence[float]) -> dict[str, Any]:
    say(f"{name}: {len(offsets)} deliveries due within {max(offsets):.0f} s…")
    start = timezone.now() + dt.timedelta(seconds=3)
    texts = make_deliveries(channels, due=[start + dt.timedelta(seconds=offset) for offset in offsets])
    connections = _ConnectionCount()
    time.sleep(max(0.0, (start - timezone.now()).total_seconds() - 0.2))
    cpu, database = it.cpu(), _database_cpu()
    with connections:
        _wait(it, set(texts), time.monotonic() + max(offsets) + GRACE)
        settled_by = time.monotonic() + GRACE
        while time.monotonic() < settled_by and set(states_of(channels)) != {"published"}:
            time.sleep(0.5)
    cpu, database = it.cpu() - cpu, _database_cpu() - database
    log = {text: seen for text, seen in it.log().items() if text in texts}
    lags = [seen - texts[text].timestamp() for text, (seen, _times) in log.items()]
    took = max(seen for seen, _times in log.values()) - start.timestamp()
    return {
        "deliveries": len(texts),
        "lag_p50": round(percentile(lags, 0.5), 3),
        "lag_p99": round(percentile(lags, 0.99), 3),
        "lag_max": round(max(lags), 3),
        "per_second": round(len(log) / took, 1),
        "cpu_seconds_per_1000": round(cpu * 1000 / len(texts), 1),
        "database_cpu_seconds_per_1000": round(database * 1000 / len(texts), 1),
        "database_connections": connections.most,
        "lost": len(texts) - len(log),
        "duplicates": sum(times - 1 for _seen, times in log.values()),
        "states": states_of(channels),
    }


def _wait(it: Stage, texts: set[str], deadline: float) -> None:
    while time.monotonic() < deadline and not texts <= set(it.log()):
        time.sleep(0.5)


class _ConnectionCount(threading.Thread):
    """The most connections to the database at once, this process's own left out."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._over = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        with connection.cursor() as cursor:
            while not self._over.wait(0.25):
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
                self.most = max(self.most, cursor.fetchone()[0] - 1)
        connection.close()


def _database_cpu() -> float:
    """CPU seconds of the server's living processes, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return sum(cpu_of(pid) for (pid,) in cursor.fetchall())


def _print(figures: dict[str, Any]) -> None:
    header = [
        "scenario",
        "lag p50",
        "p99",
        "goal",
        "per second",
        "CPU-s/1,000",
        "database CPU-s",
        "connections",
        "lost",
        "twice",
    ]
    rows = [
        [
            name,
            f"{it['lag_p50']:.2f} s",
            f"{it['lag_p99']:.2f} s",
            f"{GOALS[name]:.0f} s",
            it["per_second"],
            it["cpu_seconds_per_1000"],
            it["database_cpu_seconds_per_1000"],
            it["database_connections"],
            it["lost"],
            it["duplicates"],
        ]
        for name, it in ((name, figures[name]) for name in GOALS)
    ]
    print_table(header, rows)
    say(
        f"{cores()} cores; {figures['threads']} threads doing nothing but the calls: {figures['bare_per_second']} a second, ratio {figures['ratio']} (goal 0.6)"
    )
