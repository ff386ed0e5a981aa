from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from socialops.embedded.datadir import PROJECT, read_state
from socialops.embedded.processes import command_line
from socialops.embedded.supervisor import end_leftovers

CHILD = """
import os, subprocess, sys, time
grandchild = subprocess.Popen(["sleep", "300"])
open(sys.argv[1], "a").write(f"{os.getpid()} {grandchild.pid}\\n")
print("hello from", sys.argv[1], flush=True)
time.sleep(300)
"""
RUN = """
import os, sys
from pathlib import Path
from socialops.embedded.supervisor import Supervisor
folder = Path(sys.argv[1])
supervisor = Supervisor(logs=folder / "logs", record=folder / "processes.json")
for name in ("one", "two"):
    supervisor.add(name, [sys.executable, "-c", sys.argv[2], str(folder / name)], environment=os.environ, folder=folder)
supervisor.listen()
supervisor.run()
supervisor.stop()
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path), CHILD], cwd=PROJECT, text=True, stdout=subprocess.PIPE
    )
    until(lambda: starts(tmp_path, "one") and starts(tmp_path, "two"))
    yield process
    process.kill()
    process.communicate()
    end_leftovers(tmp_path / "processes.json")


def starts(folder: Path, name: str) -> list[tuple[int, int]]:
    """(pid, pid of its child) of each start so far."""
    file = folder / name
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(pid), int(child)) for pid, child in (line.split() for line in lines)]


def lives(pid: int) -> bool:
    return command_line(pid) != ""


def until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_killed_program_comes_back_within_two_seconds_and_its_children_go(run: subprocess.Popen[str], tmp_path: Path):
    pid, child = starts(tmp_path, "one")[0]
    os.kill(pid, signal.SIGKILL)

    until(lambda: len(starts(tmp_path, "one")) == 2, seconds=2)

    assert not lives(child)
    assert len(starts(tmp_path, "two")) == 1


def test_a_program_that_keeps_crashing_waits_longer_each_time(run: subprocess.Popen[str], tmp_path: Path):
    waits = []
    for count in (1, 2, 3):
        os.kill(starts(tmp_path, "one")[-1][0], signal.SIGKILL)
        began = time.monotonic()
        until(lambda count=count: len(starts(tmp_path, "one")) == count + 1)
        waits.append(time.monotonic() - began)

    assert waits[0] < waits[1] < waits[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_and_their_children(run: subprocess.Popen[str], tmp_path: Path, number: signal.Signals):
    everyone = [pid for name in ("one", "two") for pair in starts(tmp_path, name) for pid in pair]

    run.send_signal(number)
    out, _ = run.communicate(timeout=10)

    assert run.returncode == 0
    assert not [pid for pid in everyone if lives(pid)]
    assert "one       | hello from" in out
    assert "hello from" in (tmp_path / "logs" / "two.log").read_text()
    assert not (tmp_path / "processes.json").exists()


def test_what_a_killed_supervisor_left_is_ended_by_the_next(run: subprocess.Popen[str], tmp_path: Path):
    everyone = [pid for name in ("one", "two") for pair in starts(tmp_path, name) for pid in pair]
    run.kill()
    run.wait()
    assert all(lives(pid) for pid in everyone)

    assert end_leftovers(tmp_path / "processes.json") == ["one", "two"]

    until(lambda: not [pid for pid in everyone if lives(pid)])


def test_a_pid_that_a_stranger_has_by_now_is_spared(run: subprocess.Popen[str], tmp_path: Path):
    record = tmp_path / "processes.json"
    pid, _ = read_state(record)["one"]
    (tmp_path / "old.json").write_text(f'{{"one": [{pid}, "some other day"]}}')

    assert end_leftovers(tmp_path / "old.json") == []
    assert lives(pid)
