"""Runs named processes: prefixed logs, a crashed one comes back, one signal ends all of them and their children."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from socialops.embedded.datadir import read_state, write_private
from socialops.embedded.processes import birth, family

COLOURS = (36, 33, 35, 32, 34, 31)
FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0  # seconds before a crashed process is started again
HEALTHY_AFTER = 10.0  # seconds of life that make a later crash count as a first one
STOP_SECONDS = 15.0  # then the kill signal
LOG_BYTES = 10_000_000  # a log this long is begun anew at the next start


@dataclass
class Program:
    """A process to keep alive. `log` is its file; the terminal shows the same lines, with the name before each."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    due: float = 0.0
    starts: int = field(default=0)


class Supervisor:
    """Keeps programs running until `stop`. All methods are called from one thread; readers of logs are threads."""

    def __init__(self, *, logs: Path, record: Path) -> None:
        """`logs`: folder of one file a program; `record`: what runs, so that the next run can end leftovers."""
        self.programs: list[Program] = []
        self.stopping = False
        self._logs = logs
        self._record = record
        self._terminal = threading.Lock()
        self._readers: list[threading.Thread] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Program:
        """Starts a program, to be kept alive from now on."""
        program = Program(name, command, environment, folder)
        self.programs.append(program)
        self._start(program)
        return program

    def check(self) -> None:
        """Starts again what has ended and whose wait is over. Call it a few times a second."""
        now = time.monotonic()
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                code = program.process.returncode
                self._end_group(program, signal.SIGKILL)  # its children hold ports and tasks of a dead parent
                program.process = None
                if now - program.started > HEALTHY_AFTER:
                    program.wait = FIRST_WAIT
                program.due = now + program.wait
                self._say(program, f"ended ({_cause(code)}); starting again in {program.wait:.1f} s")
                program.wait = min(program.wait * 2, LONGEST_WAIT)
            if program.process is None and now >= program.due:
                self._start(program)

    def run(self, *, each: Callable[[], None] = lambda: None) -> None:
        """Checks until SIGINT, SIGTERM or SIGHUP has set `stopping` (see `listen`), calling `each` between checks."""
        while not self.stopping:
            self.check()
            each()
            time.sleep(0.1)

    def listen(self) -> None:
        """Takes the signals that end a run. A second one doesn't hurry: everything ends within STOP_SECONDS."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: setattr(self, "stopping", True))

    def stop(self) -> None:
        """Asks all to end, waits, and kills what is left of each process group."""
        self.stopping = True
        for program in self.programs:
            self._end_group(program, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for program in self.programs:
            if program.process is not None:
                try:
                    program.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self._say(program, "did not end in time; killed")
                self._end_group(program, signal.SIGKILL)
                program.process.wait()
        for reader in self._readers:
            reader.join(1)
        self._record.unlink(missing_ok=True)

    def _start(self, program: Program) -> None:
        program.started = time.monotonic()
        program.starts += 1
        program.process = subprocess.Popen(  # noqa: S603 -- our own commands
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert program.process.stdout is not None
        reader = threading.Thread(target=self._copy, args=(program, program.process.stdout), daemon=True)
        reader.start()
        self._readers = [old for old in self._readers if old.is_alive()] + [reader]
        running = {p.name: [p.process.pid, birth(p.process.pid)] for p in self.programs if p.process}
        write_private(self._record, json.dumps(running))

    def _copy(self, program: Program, lines: IO[bytes]) -> None:
        path = self._logs / f"{program.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.unlink()
        with path.open("ab") as file, lines:
            for line in lines:
                file.write(line)
                file.flush()
                self._say(program, line.decode(errors="replace").rstrip("\n"))

    def _say(self, program: Program, line: str) -> None:
        prefix = f"{program.name:<10}|"
        if sys.stdout.isatty():
            prefix = f"\x1b[{COLOURS[self.programs.index(program) % len(COLOURS)]}m{prefix}\x1b[0m"
        with self._terminal:
            try:
                sys.stdout.write(f"{prefix} {line}\n")
                sys.stdout.flush()
            except OSError:
                return  # the terminal is gone; the file has the line

    @staticmethod
    def _end_group(program: Program, number: signal.Signals) -> None:
        if program.process is not None:
            _signal_group(program.process.pid, number)


def end_leftovers(record: Path) -> list[str]:
    """Kills what a run that was itself killed has left behind; gives the names. A pid taken by a stranger is spared."""
    left = {name: pid for name, (pid, born) in read_state(record).items() if born and birth(pid) == born}
    everyone = [
        pid for leader in left.values() for pid in family(leader)
    ]  # a worker may outlive its leader by a moment
    for pid in left.values():
        _signal_group(pid, signal.SIGKILL)
    deadline = time.monotonic() + STOP_SECONDS
    while any(birth(pid) for pid in everyone) and time.monotonic() < deadline:
        time.sleep(0.05)  # their ports are free only when they are gone
    record.unlink(missing_ok=True)
    return list(left)


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return  # ended already (macOS says "not permitted" of a group of zombies)


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
