"""The whole demo, as a newcomer runs it, on other ports and another folder."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialops.embedded.checks import SANDBOX_PORTS
from socialops.embedded.datadir import PROJECT, read_state
from socialops.embedded.processes import birth, family
from tests.sandbox_server import free_ports

ENDED = "(the demo has ended)"


class Demo:
    def __init__(self, data_dir: Path, first_port: int) -> None:
        self.data_dir, self.port = data_dir, first_port
        environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        environment |= {
            "SOCIALOPS_DATA_DIR": str(data_dir),
            "PORT": str(first_port),
            "SANDBOX_PORT": str(first_port + 1),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "socialops.embedded", "demo"],
            cwd=PROJECT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line.rstrip("\n"))
        self.lines.put(ENDED)

    def wait_for(self, wanted: str, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while wanted not in self.said:
            assert ENDED not in self.said, "\n".join(["it did not say so:", *self.said])
            try:
                self.said.append(self.lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError("\n".join(["it did not say so in time:", *self.said])) from None

    def wait_until_ready(self) -> None:
        self.wait_for(f"SocialOps is ready: http://127.0.0.1:{self.port}", seconds=150)

    def pids(self) -> dict[str, int]:
        return {name: pid for name, (pid, _) in read_state(self.data_dir / "processes.json").items()}


@pytest.fixture
def demo(data_dir: Path) -> Iterator[Demo]:
    running = Demo(data_dir, free_ports(1 + SANDBOX_PORTS))
    yield running
    running.process.terminate()
    running.process.wait(30)


def test_it_gets_ready_survives_its_own_death_and_stops_clean(demo: Demo, data_dir: Path):
    demo.wait_until_ready()
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/readyz", timeout=10) as answer:
        assert answer.status == 200
        assert json.load(answer)["ready"] is True
    assert set(demo.pids()) == {"sandbox", "web", "publishing-1", "publishing-2", "default", "beat"}
    for name in ("demo", "postgres", "valkey", "processes", "secrets"):
        assert (data_dir / f"{name}.json").stat().st_mode & 0o777 == 0o600

    left = [pid for root in demo.pids().values() for pid in family(root)]
    demo.process.kill()
    demo.process.wait()
    second = Demo(data_dir, demo.port)
    second.wait_until_ready()
    assert not [pid for pid in left if birth(pid)]
    assert any(line.startswith("The last run was killed; ended what it left running: ") for line in second.said)

    everyone = [pid for root in second.pids().values() for pid in family(root)]
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(30) == 0
    assert not [pid for pid in everyone if birth(pid)]
