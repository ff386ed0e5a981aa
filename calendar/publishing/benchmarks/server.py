"""A tiny Mastodon: publishes, reads back, waits as told, misbehaves on demand, and counts. One asyncio process, so that it is never the bottleneck.

`python -m publishing.benchmarks.server` prints its port. `GET /_log` gives [[text, received_at, times]…]; `POST /_settings`
takes {"delay": seconds, "drop": share, "refuse": share, "limit": seconds of Retry-After or 0, "hold": seconds before accepting}.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

_REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests", 503: "Service Unavailable"}


class World:
    """What was published, and how to behave."""

    def __init__(self) -> None:
        self.settings: dict[str, float] = {"delay": 0.0, "drop": 0.0, "refuse": 0.0, "limit": 0.0, "hold": 0.0}
        self.statuses: dict[str, list[dict[str, Any]]] = {}  # by token, which is the account's id here
        self.by_key: dict[str, dict[str, Any]] = {}
        self.log: dict[str, tuple[float, int]] = {}
        self.honours_keys = False  # the harder world: a repeated key publishes again
        self.count = 0

    def publish(self, account: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.honours_keys and key in self.by_key:
            return self.by_key[key]
        self.count += 1
        text = body["status"]
        first, times = self.log.get(text, (time.time(), 0))
        self.log[text] = (first, times + 1)
        status: dict[str, Any] = {
            "id": str(self.count),
            "uri": f"https://bench.invalid/{self.count}",
            "url": f"https://bench.invalid/@{account}/{self.count}",
            "created_at": datetime.now(UTC).isoformat(),
            "content": f"<p>{escape(text)}</p>",
            "in_reply_to_id": body.get("in_reply_to_id"),
            "media_attachments": [],
            "account": {"id": account},
        }
        self.statuses.setdefault(account, []).append(status)
        self.by_key[key] = status
        return status


class Conversation(asyncio.Protocol):
    """One connection; requests one after the other."""

    def __init__(self, world: World) -> None:
        self.world, self.buffer = world, b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            method, target, _ = lines[0].split(" ", 2)
            self.request(method, target, headers, rest[:length])

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        url, settings = urlsplit(target), self.world.settings
        if url.path == "/_settings":
            self.world.settings |= json.loads(body)
            self.answer(200, self.world.settings)
        elif url.path == "/_log":
            self.answer(200, [[text, first, times] for text, (first, times) in self.world.log.items()])
        elif method == "POST" and url.path == "/api/v1/statuses":
            asyncio.get_running_loop().call_later(settings["hold"], self.post, headers, body)
        elif method == "GET" and url.path.startswith("/api/v1/accounts/") and url.path.endswith("/statuses"):
            account = url.path.split("/")[4]
            asyncio.get_running_loop().call_later(settings["delay"], self.answer, 200, self.recent(account, url.query))
        else:
            self.answer(404, {"error": "no such address"})

    def post(self, headers: dict[str, str], body: bytes) -> None:
        settings, later = self.world.settings, asyncio.get_running_loop().call_later
        luck = random.random()  # noqa: S311 -- faults, not secrets
        if settings["limit"]:
            later(
                settings["delay"],
                self.answer,
                429,
                {"error": "slow down"},
                {"Retry-After": str(int(settings["limit"]))},
            )
        elif luck < settings["refuse"]:
            later(settings["delay"], self.answer, 503, {"error": "down"})
        else:
            token = headers.get("authorization", "").removeprefix("Bearer ")
            status = self.world.publish(token, headers.get("idempotency-key", ""), json.loads(body))
            if luck > 1 - settings["drop"]:
                later(settings["delay"], self.transport.abort)
            else:
                later(settings["delay"], self.answer, 200, status)

    def recent(self, account: str, query: str) -> list[dict[str, Any]]:
        asked = parse_qs(query)
        rows = self.world.statuses.get(account, [])
        if "max_id" in asked:
            rows = [row for row in rows if int(row["id"]) < int(asked["max_id"][0])]
        return rows[::-1][: int(asked.get("limit", ["20"])[0])]

    def answer(self, code: int, body: Any, headers: dict[str, str] | None = None) -> None:
        if self.transport.is_closing():
            return
        content = json.dumps(body).encode()
        lines = [
            f"HTTP/1.1 {code} {_REASONS[code]}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        ]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


async def serve() -> None:
    world = World()
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(world), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
