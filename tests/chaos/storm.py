"""`make chaos`: publications over every network while a fifth of the calls meet bad luck and processes, broker and database are killed at random.

What is promised: every publication is live exactly once, or a person is asked about it; none is left in a state that nobody looks after. The last line is one JSON object; exit 0 only if the
promise was kept. The same `--seed` makes the same plan (what is published when, what is killed when); what meets which kill depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BAD_LUCK = {  # share of all calls; a fifth together
    "drop": 0.06,
    "500_after": 0.03,
    "500_before": 0.03,
    "close_before": 0.03,
    "malformed": 0.02,
    "429": 0.02,
    "latency": 0.01,
}
SETTLE_SECONDS = 240  # after the storm, on a busy machine
ACCOUNTS = 4  # on each network: an account of Instagram or X publishes no more than a hundred in a storm


@dataclass
class Plan:
    """What the command line asks for. `seconds` is the length of the storm."""

    deliveries: int
    seconds: float
    seed: int
    folder: Path


@dataclass
class Storm:
    """The processes, kept alive and killed."""

    plan: Plan
    environment: dict[str, str]
    dice: random.Random
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)

    def keep(self, name: str, *command: str) -> None:
        self.commands[name] = [sys.executable, "-m", *command]
        self._start(name)

    def _start(self, name: str) -> None:
        log = (self.plan.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            self.commands[name], env=self.environment, cwd=ROOT, stdout=log, stderr=log
        )

    def tend(self) -> None:
        """Bring back what died: processes and servers."""
        from socialops.embedded import postgres, valkey

        postgres.ensure_running(self.plan.folder)
        valkey.ensure_running(self.plan.folder)
        for name, process in self.processes.items():
            if process.poll() is not None:
                self._start(name)

    def strike(self) -> None:
        """Kill one thing, as `kill -9`, a crash of the machine's database, or an emptied broker does."""
        victim = self.dice.choice(
            [
                "publishing-1",
                "publishing-2",
                "publishing-1",
                "publishing-2",
                "default",
                "beat",
                "broker",
                "wipe",
                "database",
            ]
        )
        self.kills[victim] += 1
        from redis import Redis
        from redis.exceptions import RedisError

        from socialops.embedded import postgres, valkey

        if victim == "broker" and (pid := valkey.process(self.plan.folder)):
            os.kill(pid, signal.SIGKILL)
        elif victim == "database" and (pid := postgres.process(self.plan.folder)):
            os.kill(pid, signal.SIGQUIT)  # immediate shutdown: as a crash, recovered from the log
        elif victim == "wipe":
            try:
                Redis.from_url(self.environment["REDIS_URL"]).flushall()
            except RedisError:
                self.kills["wipe missed"] += 1
        elif victim in self.processes:
            self.processes[victim].kill()
            self.processes[victim].wait()

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--folder", type=Path, default=ROOT / ".test" / "chaos")
    asked = parser.parse_args()
    plan = Plan(asked.deliveries, asked.minutes * 60, asked.seed, asked.folder.resolve())
    say(f"seed {plan.seed}: {plan.deliveries} publications, {plan.seconds:.0f} s of storm")
    _clear(plan.folder)
    from tests.sandbox_server import free_ports, start_sandbox

    with start_sandbox(pace=0.3) as sandbox, servers(plan) as urls:
        web = free_ports(1)
        environment = environment_of(plan, sandbox, urls, web)
        os.environ.update(environment)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return brave(Storm(plan, environment, random.Random(plan.seed)), sandbox, web)


def _clear(folder: Path) -> None:
    """Every storm begins with empty servers."""
    from socialops.embedded import postgres, valkey

    if folder.exists():
        valkey.stop(folder)
        postgres.stop(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


@contextmanager
def servers(plan: Plan) -> Any:
    from socialops.embedded import postgres, valkey

    try:
        yield postgres.ensure_running(plan.folder), valkey.ensure_running(plan.folder)
    finally:
        valkey.stop(plan.folder)
        postgres.stop(plan.folder)


def environment_of(plan: Plan, sandbox: Any, urls: tuple[str, str], web: int) -> dict[str, str]:
    from socialops.sandbox.models import NETWORKS, REGISTERS_ITSELF

    database, broker = urls
    told = {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SOCIALOPS_DATA_DIR": str(plan.folder),
        "SOCIALOPS_MEDIA_DIR": str(plan.folder / "media"),
        "SOCIALOPS_PRIVATE_HOSTS": "127.0.0.1,localhost",
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "CELERY_BEAT_SCHEDULE": str(plan.folder / "beat"),
        "BLUESKY_PLC_URL": sandbox.url("bluesky"),
        "MALLOC_ARENA_MAX": "2",
    }
    for network in NETWORKS:
        told[f"{network.upper()}_BASE_URL"] = sandbox.url(network)
        if network not in REGISTERS_ITSELF:
            told |= {
                f"{network.upper()}_CLIENT_ID": "sandbox-app",
                f"{network.upper()}_CLIENT_SECRET": "sandbox-secret",
            }
    return {**os.environ, **told}


# ---------------------------------------------------------------- the storm


def brave(storm: Storm, sandbox: Any, web: int) -> int:
    from tests.chaos.crew import judge, launch

    plan, dice = storm.plan, storm.dice
    organization = launch(plan.deliveries, spread=plan.seconds * 0.7, dice=dice, sandbox=sandbox)
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    worker = ["celery", "-A", "socialops.celery:app", "worker", "-P", "threads", *quiet]
    storm.keep(
        "web", "gunicorn", "socialops.wsgi", "--bind", f"127.0.0.1:{web}", "--threads", "4", "--log-level", "error"
    )
    for number in (1, 2):
        storm.keep(f"publishing-{number}", *worker, "-n", f"publishing-{number}@%h", "-c", "8", "-Q", "publishing")
    storm.keep("default", *worker, "-n", "default@%h", "-c", "2", "-Q", "ingest,default")
    storm.keep(
        "beat",
        "celery",
        "-A",
        "socialops.celery:app",
        "beat",
        "--pidfile=",
        "--schedule",
        str(plan.folder / "beat"),
        "--loglevel=WARNING",
    )
    try:
        _rage(storm, sandbox)
        sandbox.clear_faults()
        say(f"calm again after {sum(storm.kills.values())} kills: {dict(storm.kills)}")
        report = judge(organization, sandbox, tend=storm.tend, patience=SETTLE_SECONDS)
    finally:
        storm.end()
    report |= {"seed": plan.seed, "seconds": plan.seconds, "kills": dict(storm.kills)}
    say(json.dumps(report))
    return 0 if report["kept"] else 1


def _rage(storm: Storm, sandbox: Any) -> None:
    for effect, share in BAD_LUCK.items():
        more = {"retry_after": 2} if effect == "429" else {"seconds": 4} if effect == "latency" else {}
        sandbox.fault(effect, path=r"^/(?!oauth|files)", count=None, probability=share, seed=storm.plan.seed, **more)
    ends = time.monotonic() + storm.plan.seconds
    while time.monotonic() < ends:
        time.sleep(storm.dice.uniform(1.0, 5.0))
        storm.strike()
        time.sleep(storm.dice.uniform(0.0, 1.5))
        storm.tend()
    storm.tend()


if __name__ == "__main__":
    sys.exit(main())
