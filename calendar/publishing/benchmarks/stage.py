"""What a run needs: the server, the workers, the channels; also for tests that kill workers."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from publishing.models import Delivery, Heartbeat
from publishing.services.heartbeats import STALE
from socialops.tenancy.scope import tenant
from teams.models import Brand, Channel, ChannelCredential, Organization

CELERY = [sys.executable, "-m", "celery", "-A", "socialops.celery:app"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
THREADS = 16
WEB = "web"
PROCESSES = 2  # as `make demo` runs them: Python threads alone leave the second core idle


@dataclass
class Stage:
    """A running server, and the processes started against it."""

    port: int
    http: httpx.Client
    broker: str
    environment: dict[str, str] = field(default_factory=dict)  # of its processes, over our own
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def behave(self, **wanted: float) -> None:
        """See `server`."""
        self.http.post("/_settings", json=wanted).raise_for_status()

    def log(self) -> dict[str, tuple[float, int]]:
        """What the public saw: text → (first seen, how many times)."""
        return {text: (first, times) for text, first, times in self.http.get("/_log").json()}

    def start(self, name: str, *arguments: str) -> None:
        """A Celery process of this database and broker."""
        self._start(name, [*CELERY, *arguments])

    def start_web(self, port: int) -> None:
        """The pages, for networks that fetch files from us; returns when it answers."""
        options = ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "error"]
        self._start(WEB, [sys.executable, "-m", "gunicorn", "socialops.wsgi", *options])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.http.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError("the web process does not answer")

    def _start(self, name: str, command: Sequence[str]) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": _database_url(),
            "REDIS_URL": self.broker,
            "SOCIALOPS_PRIVATE_HOSTS": f"127.0.0.1:{self.port}",
            "MALLOC_ARENA_MAX": "2",
            "LOG_LEVEL": "WARNING",
            **self.environment,
        }
        self.processes[name] = subprocess.Popen(command, env=environment)  # noqa: S603 -- our own command

    def start_publishing(self, name: str = "publishing", *, threads: int = THREADS) -> None:
        options = ["-n", f"{name}-{uuid.uuid4().hex[:6]}@%h", "-P", "threads", "-c", str(threads), "-Q", "publishing"]
        self.start(name, "worker", *options, *QUIET)

    def start_default(self) -> None:
        options = ["-n", f"default-{uuid.uuid4().hex[:6]}@%h", "-P", "threads", "-c", "2", "-Q", "ingest,default"]
        self.start("default", "worker", *options, *QUIET)

    def start_beat(self, schedule: str) -> None:
        self.start("beat", "beat", "--pidfile=", "--schedule", schedule, "--loglevel=WARNING")

    def kill(self, name: str) -> None:
        """Kill -9."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            self.processes[name].terminate()
        for name in names or tuple(self.processes):
            try:
                self.processes.pop(name).wait(timeout=15)
            except subprocess.TimeoutExpired:
                continue

    def cpu(self) -> float:
        """CPU seconds of all its Celery processes so far."""
        return sum(cpu_of(process.pid) for name, process in self.processes.items() if name != WEB)


@contextmanager
def stage(*, broker: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """A server on a free port; what was started on it is ended at the end. `broker` instead of the settings' one; `environment` for its processes."""
    command = [sys.executable, "-m", "publishing.benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 -- our own command
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:
            it = Stage(port, http, broker or settings.REDIS_URL, dict(environment or {}))
            try:
                yield it
            finally:
                it.stop()
                server.terminate()


def wait_for_workers(*kinds: str, seconds: float = 120) -> None:
    """Until each kind has a living process. TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if alive() >= set(kinds):
            return
        time.sleep(0.2)
    raise TimeoutError(f"no heartbeat of {set(kinds) - alive()} within {seconds} s")


def alive() -> set[str]:
    """Kinds of processes that report."""
    return set(Heartbeat.objects.filter(beat_at__gt=timezone.now() - STALE).values_list("kind", flat=True))


def make_channels(port: int, count: int) -> list[Channel]:
    """Channels of a new organization, connected to the server."""
    name = f"bench-{uuid.uuid4().hex[:10]}"
    organization = Organization.objects.create(slug=name, name=name)
    with tenant(organization):
        brand = Brand.objects.create(slug="main", name="Bench", approval="none")
        channels = Channel.objects.bulk_create(
            Channel(
                brand=brand,
                network="mastodon",
                base_url=f"http://127.0.0.1:{port}",
                external_id=f"{name}-{number}",
                handle=f"@bench{number}@127.0.0.1",
                name=f"Bench {number}",
            )
            for number in range(count)
        )
        ChannelCredential.objects.bulk_create(
            ChannelCredential(channel=channel, secret={"access_token": channel.external_id}) for channel in channels
        )
    return channels


def make_deliveries(channels: Sequence[Channel], *, due: Sequence[dt.datetime], **more: Any) -> dict[str, dt.datetime]:
    """One delivery a due time, on the channels in turn; gives due time by text."""
    run = uuid.uuid4().hex[:8]
    texts = {f"bench {run} {number}": moment for number, moment in enumerate(due)}
    with tenant(channels[0].organization_id):
        Delivery.objects.bulk_create(
            Delivery(
                brand_id=channels[0].brand_id,
                channel=channels[number % len(channels)],
                label=text,
                payload={"text": text, "language": "en"},
                content_hash="",
                due_at=moment,
                next_try_at=moment,
                **more,
            )
            for number, (text, moment) in enumerate(texts.items())
        )
    return texts


def states_of(channels: Sequence[Channel]) -> dict[str, int]:
    """How many deliveries are in each state."""
    states: dict[str, int] = {}
    with tenant(channels[0].organization_id):
        for state in Delivery.objects.filter(channel__in=channels).values_list("state", flat=True):
            states[state] = states.get(state, 0) + 1
    return states


def cpu_of(pid: int) -> float:
    """CPU seconds of one process, from /proc (Linux) or 0 where there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 -- /proc
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _database_url() -> str:
    """Of the database this process uses, which under a test is not the settings' one."""
    known = connection.settings_dict
    secret = f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else ""
    port = f":{known['PORT']}" if known["PORT"] else ""
    host = quote(str(known["HOST"]), safe="")
    return f"postgresql://{known['USER']}{secret}@{host}{port}/{known['NAME']}"
