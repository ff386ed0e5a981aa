"""What must be true of a machine before the demo starts: one clear sentence and a way out each."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from socialops.embedded.datadir import hold, read_state
from socialops.embedded.errors import EmbeddedError
from socialops.sandbox.models import PORT_OFFSETS

LEAST_FREE_MB = 500
SANDBOX_PORTS = len(PORT_OFFSETS)  # the overview, and one a network


def port_setting(name: str, default: int, *, count: int = 1) -> int:
    """The first of `count` free loopback ports, from the environment variable. Raises EmbeddedError."""
    given = os.environ.get(name, "") or str(default)
    if not given.isdigit() or not 0 < int(given) <= 65536 - count:
        raise EmbeddedError(f"{name}={given} is not a port: give a number from 1 to {65536 - count}.")
    first = int(given)
    for port in range(first, first + count):
        if not _is_free(port):
            other = next(n for n in range(first + 10, 65000, 10) if all(_is_free(n + step) for step in range(count)))
            message = f"Port {port} is taken by another program: end that one, or run `{name}={other} make demo`."
            raise EmbeddedError(message)
    return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def require_space(data_dir: Path) -> None:
    """Raises EmbeddedError when the disk under the data folder is nearly full."""
    free = shutil.disk_usage(data_dir).free // 1_000_000
    if free < LEAST_FREE_MB:
        message = (
            f"Only {free} MB are free under {data_dir} and {LEAST_FREE_MB} are needed: "
            "free some space, or set SOCIALOPS_DATA_DIR to a folder on another disk."
        )
        raise EmbeddedError(message)


def require_alone(data_dir: Path) -> None:
    """Takes the data folder for this process's life. Raises EmbeddedError when another demo has it."""
    if hold(data_dir / "demo.lock") is None:
        other = read_state(data_dir / "demo.json")
        message = (
            f"SocialOps already runs on {data_dir} (process {other.get('pid', '?')}, {other.get('url', 'still starting')}): "
            "use that one, stop it with Ctrl-C, or set SOCIALOPS_DATA_DIR, PORT and SANDBOX_PORT to run a second one."
        )
        raise EmbeddedError(message)
