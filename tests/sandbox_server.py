"""Start the sandbox networks as a process of their own, for any test or benchmark."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from socialops.sandbox.models import PORT_OFFSETS

OFFSETS = PORT_OFFSETS


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: `home`, `mastodon`, `bluesky` and `facebook` are base URLs without a final slash."""

    port: int
    process: subprocess.Popen[str]
    http: httpx.Client

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port + OFFSETS[name]}"

    @property
    def home(self) -> str:
        return self.url("home")

    @property
    def mastodon(self) -> str:
        return self.url("mastodon")

    @property
    def bluesky(self) -> str:
        return self.url("bluesky")

    @property
    def facebook(self) -> str:
        return self.url("facebook")

    def fault(
        self, effect: str, network: str = "", *, method: str = "", path: str = "", count: int | None = 1, **more: Any
    ) -> dict[str, Any]:
        """Order bad luck; see socialops/sandbox/faults.py for the effects."""
        match = {"method": method, "path": path}
        body = {"effect": effect, "network": network, "match": match, "count": count, **more}
        return self._json("POST", "/_faults", json=body)

    def clear_faults(self) -> None:
        self._json("DELETE", "/_faults")

    def posts(self, network: str = "", **filters: str) -> list[dict[str, Any]]:
        """Live posts, oldest first; filters: source (client or crowd), account (id or handle)."""
        return self._json("GET", "/_posts", params={"network": network, **filters})["posts"]

    def log(self, network: str = "") -> list[dict[str, Any]]:
        """Accepted writes in order."""
        return self._json("GET", "/_log", params={"network": network})["writes"]

    def account(self, network: str, handle: str, name: str = "") -> dict[str, Any]:
        """A new account and its credentials."""
        return self._json("POST", "/_accounts", json={"network": network, "handle": handle, "name": name or handle})

    def crowd(self, network: str, action: str, **more: str) -> dict[str, Any]:
        """One deed of the crowd now: comment, mention, like or vote; with post_id, account, text, author, choice."""
        return self._json("POST", "/_crowd", json={"network": network, "action": action, **more})

    def host(self, content: bytes, content_type: str) -> str:
        """Put a file up where a network can fetch it. → its address."""
        answer = self.http.post(f"{self.home}/_files", content=content, headers={"Content-Type": content_type})
        return str(answer.json()["url"])

    def pace(self, share: float) -> None:
        """How long files that come from now on are processed, as a share of the usual seconds."""
        self._json("POST", "/_pace", json={"pace": share})

    def reset(self) -> None:
        """Back to the seed, without faults."""
        self._json("DELETE", "/_state")

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self.http.request(method, self.home + path, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()


def free_ports(count: int = len(OFFSETS)) -> int:
    """The first of `count` free ports in a row on 127.0.0.1."""
    for _ in range(200):
        first = random.randint(20_000, 32_000)  # below the ports the system gives to clients
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError(f"no {count} free ports in a row")


def launch(port: int, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "socialops.sandbox", "--port", str(port), *options]
    root = Path(__file__).parents[1]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def start_sandbox(
    *,
    port: int | None = None,
    data: Path | str = "",
    crowd_interval: float = 0,
    crowd_seed: int = 1,
    rate_limits: str = "off",
    pace: float = 1.0,
) -> Iterator[Sandbox]:
    """Run the sandbox for the length of a `with`; ready when it yields. In memory only unless `data` names a folder."""
    options = [
        "--data",
        str(data),
        "--crowd-interval",
        str(crowd_interval),
        "--crowd-seed",
        str(crowd_seed),
        "--rate-limits",
        rate_limits,
        "--pace",
        str(pace),
    ]
    chosen, process = _launch_ready(port, options)
    try:
        with httpx.Client(timeout=10, trust_env=False) as http:
            yield Sandbox(chosen, process, http)
    finally:
        stop(process)


def _launch_ready(port: int | None, options: list[str]) -> tuple[int, subprocess.Popen[str]]:
    """Another port is tried where somebody took ours between looking and listening."""
    for _ in range(5):
        chosen = port or free_ports()
        process = launch(chosen, *options)
        assert process.stdout is not None
        if "Sandbox networks" in process.stdout.readline():
            return chosen, process
        said = process.communicate()[1]
        if port or "can't listen" not in said:
            break
    raise RuntimeError(f"the sandbox didn't start: {said}")


def stop(process: subprocess.Popen[str]) -> float:
    """End it as a supervisor would. → seconds it took."""
    began = time.monotonic()
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return time.monotonic() - began
