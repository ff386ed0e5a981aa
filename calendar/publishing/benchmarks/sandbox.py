"""The sandbox networks in a process of their own, each call answered 100 ms late, as in the burst, and what the public sees there."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from socialops.sandbox.models import NETWORKS, PORT_OFFSETS, REGISTERS_ITSELF
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET

LATENCY = 0.1  # seconds, on every call
HOST = "127.0.0.1"


@dataclass
class Sandbox:
    """A running sandbox."""

    port: int
    http: httpx.Client
    rules: dict[str, int] = field(default_factory=dict)  # network → the number of its fault, which counts the calls

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.port + PORT_OFFSETS[name]}"

    def settings(self) -> dict[str, dict[str, str]]:
        """`settings.NETWORKS` for it."""
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return {name: {"base_url": self.url(name)} | ({} if name in REGISTERS_ITSELF else app) for name in NETWORKS}

    def environment(self) -> dict[str, str]:
        """The same for a process."""
        told = {
            f"{name.upper()}_{key.upper()}": value
            for name, known in self.settings().items()
            for key, value in known.items()
        }
        return {**told, "BLUESKY_PLC_URL": self.url("bluesky"), "SOCIALOPS_PRIVATE_HOSTS": HOST}

    def account(self, network: str, handle: str) -> dict[str, Any]:
        """A new account, with its credentials."""
        return self._ask("POST", "/_accounts", {"network": network, "handle": handle, "name": handle})

    def answer_late(self, network: str) -> None:
        rule = {"effect": "latency", "network": network, "seconds": LATENCY}
        self.rules[network] = self._ask("POST", "/_faults", rule)["id"]

    def calls(self, network: str) -> int:
        """How many calls a network has answered late."""
        rules = self._ask("GET", "/_faults")["faults"]
        return next(int(rule["hits"]) for rule in rules if rule["id"] == self.rules[network])

    def seen(self, network: str) -> list[tuple[str, float]]:
        """What clients published and the public sees: text and when, epoch seconds."""
        posts = self._ask("GET", f"/_posts?network={network}&source=client")["posts"]
        return [(str(post["text"]), datetime.fromisoformat(post["created_at"]).timestamp()) for post in posts]

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.request(method, f"http://{HOST}:{self.port}{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """Started on free ports, in memory, silent and without rate limits; ended at the end. RuntimeError where it doesn't start."""
    port, process = _launch()
    try:
        with httpx.Client(timeout=30, trust_env=False) as http:
            yield Sandbox(port, http)
    finally:
        process.terminate()
        process.wait(timeout=15)


def _launch() -> tuple[int, subprocess.Popen[str]]:
    for _ in range(10):
        port = random.randint(20_000, 32_000)  # noqa: S311 -- below what the system gives to clients; taken ones are tried again
        options = ["--port", str(port), "--data", "", "--crowd-interval", "0", "--rate-limits", "off"]
        command = [sys.executable, "-m", "socialops.sandbox", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own command
        assert process.stdout is not None
        if process.stdout.readline():
            return port, process
        process.wait()
    raise RuntimeError("the sandbox does not start")
