"""`make demo`: everything on this machine under one supervisor."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from socialops.embedded import node, postgres, prepare, valkey
from socialops.embedded.checks import SANDBOX_PORTS, port_setting, require_alone, require_space
from socialops.embedded.datadir import PROJECT, default_data_dir, make_data_dir, read_state, write_private
from socialops.embedded.errors import EmbeddedError
from socialops.embedded.supervisor import Supervisor, end_leftovers
from socialops.embedded.terminal import say, warn
from socialops.sandbox.models import APPLICATION_NUMBERS, NETWORKS, PORT_OFFSETS, REGISTERS_ITSELF

READY_SECONDS = 120
CRASHES_BEFORE_GIVING_UP = 4

PYTHON = sys.executable


@dataclass(frozen=True)
class Demo:
    """One demo on one data folder."""

    data_dir: Path
    port: int
    sandbox_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What every process is told."""
        steps = range(SANDBOX_PORTS)
        hosts = [f"{host}:{self.sandbox_port + step}" for step in steps for host in ("127.0.0.1", "localhost")]
        return {
            **os.environ,
            **_secrets(self.data_dir),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",  # the demo may be root's
            "MALLOC_ARENA_MAX": "2",  # threads would otherwise each keep memory of their own
            "DJANGO_SETTINGS_MODULE": "socialops.settings.dev",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PUBLIC_URL": self.url,
            "SOCIALOPS_DATA_DIR": str(self.data_dir),
            "SOCIALOPS_MEDIA_DIR": str(self.data_dir / "media"),
            "SOCIALOPS_STATIC_ROOT": str(self.data_dir / "static"),
            "CELERY_BEAT_SCHEDULE": str(self.data_dir / "beat-schedule"),
            **self._networks(),
            "SOCIALOPS_PRIVATE_HOSTS": ",".join(hosts),
        }

    def _networks(self) -> dict[str, str]:
        """Each network's stand-in, and our app there."""
        told = {}
        for network in NETWORKS:
            told[f"{network.upper()}_BASE_URL"] = f"http://127.0.0.1:{self.sandbox_port + PORT_OFFSETS[network]}"
            if network not in REGISTERS_ITSELF:
                told[f"{network.upper()}_CLIENT_ID"] = "sandbox-app"
                told[f"{network.upper()}_CLIENT_SECRET"] = "sandbox-secret"
        told |= {f"{network.upper()}_APPLICATION_ID": number for network, number in APPLICATION_NUMBERS.items()}
        return {**told, "BLUESKY_PLC_URL": told["BLUESKY_BASE_URL"]}

    def sandbox(self) -> list[str]:
        data = str(self.data_dir / "sandbox")
        return [PYTHON, "-m", "socialops.sandbox", "--port", str(self.sandbox_port), "--data", data]

    def programs(self) -> dict[str, list[str]]:
        """The commands to keep alive, by name."""
        quiet = "--without-gossip --without-mingle --without-heartbeat --loglevel=INFO"
        worker = f"celery --quiet -A socialops.celery:app worker -P threads {quiet}"
        web = f"gunicorn socialops.wsgi --bind 127.0.0.1:{self.port} --worker-class gthread --workers 1 --threads 8"
        commands = {
            "web": f"{web} --graceful-timeout 5 --log-level warning",
            # two processes: Python threads alone would leave the second core idle
            "publishing-1": f"{worker} -n publishing-1@%h -c 8 -Q publishing",
            "publishing-2": f"{worker} -n publishing-2@%h -c 8 -Q publishing",
            "default": f"{worker} -n default@%h -c 2 -Q ingest,default",
            "beat": "celery --quiet -A socialops.embedded.beat:app beat --pidfile= --loglevel=WARNING",
        }
        return {name: [PYTHON, "-m", *command.split()] for name, command in commands.items()}


class Servers:
    """Starts PostgreSQL and Valkey side by side, and brings them back when they die, until `stop`."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._over = threading.Event()
        servers = (postgres.ensure_running, valkey.ensure_running)
        self._keepers = [threading.Thread(target=self._keep, args=(server,), daemon=True) for server in servers]

    def start(self) -> tuple[str, str]:
        """Gives DATABASE_URL and REDIS_URL."""
        with ThreadPoolExecutor(2) as pool:
            database = pool.submit(postgres.ensure_running, self._data_dir)
            broker = pool.submit(valkey.ensure_running, self._data_dir)
            urls = database.result(), broker.result()
        for keeper in self._keepers:
            keeper.start()
        return urls

    def stop(self) -> None:
        self._over.set()
        for keeper in self._keepers:
            if keeper.is_alive():
                keeper.join()
        valkey.stop(self._data_dir)
        postgres.stop(self._data_dir)

    def _keep(self, ensure_running: Callable[[Path], str]) -> None:
        said = ""
        while not self._over.wait(0.5):
            try:
                ensure_running(self._data_dir)
            except EmbeddedError as error:
                if str(error) != said:
                    warn(f"socialops: {error}")
                said = str(error)


def main() -> int:
    """Runs until a signal ends it; 0 then, 1 (with a sentence) when it can't start. Raises EmbeddedError."""
    data_dir = make_data_dir(default_data_dir())
    require_alone(data_dir)
    write_private(data_dir / "demo.json", json.dumps({"pid": os.getpid()}))
    left = end_leftovers(data_dir / "processes.json")
    if left:
        say(f"The last run was killed; ended what it left running: {', '.join(left)}.")
    require_space(data_dir)
    sandbox_port = port_setting("SANDBOX_PORT", 8100, count=SANDBOX_PORTS)
    demo = Demo(data_dir, port_setting("PORT", 8000), sandbox_port)
    supervisor = Supervisor(logs=data_dir / "logs", record=data_dir / "processes.json")
    servers = Servers(data_dir)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _start(demo, supervisor, servers)
        supervisor.listen()
        supervisor.run()
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say("Stopping…")
        supervisor.stop()
        servers.stop()
        (data_dir / "demo.json").unlink(missing_ok=True)
    say(f"Stopped. The data stays in {data_dir}: `make demo` picks it up again.")
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(demo: Demo, supervisor: Supervisor, servers: Servers) -> None:
    node.build_if_stale()
    for private in ("media", "sandbox"):
        (demo.data_dir / private).mkdir(mode=0o700, exist_ok=True)
    environment = demo.environment(*servers.start())
    supervisor.add("sandbox", demo.sandbox(), environment=environment, folder=PROJECT)
    home = postgres.home(demo.data_dir)
    assert home is not None
    _prepare(demo, home, environment, supervisor)
    for name, command in demo.programs().items():
        supervisor.add(name, command, environment=environment, folder=PROJECT)
    _wait_until_ready(demo, supervisor)
    write_private(demo.data_dir / "demo.json", json.dumps({"pid": os.getpid(), "url": demo.url}))
    say(f"SocialOps is ready: {demo.url}")
    accounts = home / "accounts"
    if accounts.exists():
        say(accounts.read_text(encoding="utf-8").rstrip())


def _prepare(demo: Demo, home: Path, environment: dict[str, str], supervisor: Supervisor) -> None:
    done = home / "prepared"
    if done.is_file() and done.read_text() == prepare.fingerprint() and (demo.data_dir / "static").is_dir():
        return
    say("Preparing the database and the demo data (only the first time, or after a change)…")
    _wait_for_port(demo.sandbox_port, supervisor)  # demo channels are connected to the sandbox networks
    command = [PYTHON, "-m", "socialops.embedded.prepare", str(home)]
    result = subprocess.run(command, env=environment, cwd=PROJECT, check=False)  # noqa: S603 -- our own command
    if result.returncode:
        message = (
            "The database could not be prepared (the reason is above): try again, "
            f"or run `.venv/bin/python -m socialops.embedded stop` and remove {demo.data_dir} to start afresh."
        )
        raise EmbeddedError(message)


def _wait_for_port(port: int, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            _check(supervisor)
            time.sleep(0.1)
    raise EmbeddedError(f"The sandbox networks don't answer on port {port}: see sandbox.log in the data folder's logs.")


def _wait_until_ready(demo: Demo, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    said = "the web process doesn't answer"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{demo.url}/readyz", timeout=5):  # noqa: S310 -- our own http URL
                break
        except urllib.error.HTTPError as error:
            said = f"/readyz says {error.code} {error.read(2000).decode(errors='replace')}"
        except OSError as error:
            said = f"the web process doesn't answer ({error})"
        _check(supervisor)
        time.sleep(0.1)
    else:
        message = f"SocialOps is not ready after {READY_SECONDS} s: {said}. The logs are in {demo.data_dir / 'logs'}."
        raise EmbeddedError(message)
    _wait_for_port(demo.sandbox_port, supervisor)


def _check(supervisor: Supervisor) -> None:
    supervisor.check()
    for program in supervisor.programs:
        if program.starts > CRASHES_BEFORE_GIVING_UP:
            message = (
                f"'{program.name}' keeps ending while SocialOps starts: its last words are above and in its log file."
            )
            raise EmbeddedError(message)


def _secrets(data_dir: Path) -> dict[str, str]:
    """Made once for this data folder; the environment's win. Shape of an encryption key: Fernet's."""
    path = data_dir / "secrets.json"
    kept = read_state(path)
    if not kept:
        fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        kept = {"SECRET_KEY": secrets.token_urlsafe(48), "SOCIALOPS_ENCRYPTION_KEYS": fernet}
        write_private(path, json.dumps(kept))
    return {name: os.environ.get(name) or value for name, value in kept.items()}
