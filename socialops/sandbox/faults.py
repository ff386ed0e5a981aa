"""Bad luck on demand: an ASGI layer in front of every endpoint of a network.

| effect | the write is | the client sees |
|---|---|---|
| drop | accepted | the connection closed without an answer |
| close_before | not accepted | the connection closed without an answer |
| 500_before | not accepted | HTTP 500 |
| 500_after | accepted | HTTP 500 |
| 429 | not accepted | the network's own rate-limit error, with `retry_after` seconds |
| expired_token | not accepted | the network's own expired-token error |
| malformed | accepted | HTTP 200 with a body that isn't JSON |
| latency | accepted at once | the right answer, `seconds` late |
| slow_accept | accepted `seconds` late, even if the client is gone by then | the right answer after that |
| duplicate_webhook | – | the next webhook delivery of the network comes twice |
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DUPLICATE: Final = "duplicate_webhook"
EFFECTS: Final = (
    "drop",
    "close_before",
    "500_before",
    "500_after",
    "429",
    "expired_token",
    "malformed",
    "latency",
    "slow_accept",
    DUPLICATE,
)
BEFORE: Final = frozenset({"500_before", "429", "expired_token"})
AFTER: Final = frozenset({"drop", "500_after", "malformed"})

ErrorAnswer = Callable[[str, float, Scope], Response]
"""(effect, retry_after in seconds, scope) → the network's own way of saying 500, 429 or expired_token."""


@dataclass(slots=True)
class Fault:
    """One rule. `network` "" means all; `count` None means for ever; `probability` is drawn from the rule's own seed."""

    id: int
    network: str
    effect: str
    method: str
    path: re.Pattern[str]
    count: int | None
    probability: float
    retry_after: float
    seconds: float
    dice: random.Random
    hits: int = 0

    def strikes(self, network: str, method: str, path: str) -> bool:
        """Whether this request is hit; a hit is counted."""
        if self.count == 0 or self.effect == DUPLICATE or (self.network and self.network != network):
            return False
        if (self.method and self.method != method) or not self.path.search(path):
            return False
        if self.probability < 1 and self.dice.random() >= self.probability:
            return False
        self.hits += 1
        if self.count is not None:
            self.count -= 1
        return True

    def describe(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "network": self.network or None,
            "effect": self.effect,
            "match": {"method": self.method or None, "path": self.path.pattern or None},
            "count": self.count,
            "probability": self.probability,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "hits": self.hits,
        }


def parse_fault(body: Any, *, id: int, network: str) -> Fault:  # noqa: A002 -- the field's own name
    """Read one rule from JSON. ValueError says what to correct."""
    if not isinstance(body, dict):
        raise ValueError('Send a JSON object, for example {"effect": "drop", "match": {"method": "POST"}, "count": 1}.')
    match = body.get("match") or {}
    effect = str(body.get("effect", ""))
    if effect not in EFFECTS:
        raise ValueError(f"Unknown effect {effect!r}; use one of {', '.join(EFFECTS)}.")
    if not isinstance(match, dict):
        raise ValueError('"match" must be an object with "method" and "path".')
    try:
        path = re.compile(str(match.get("path") or ""))
    except re.error as error:
        raise ValueError(f'"match.path" is not a regular expression: {error}.') from error
    count = body.get("count")
    return Fault(
        id=id,
        network=str(body.get("network") or network),
        effect=effect,
        method=str(match.get("method") or "").upper(),
        path=path,
        count=None if count is None else int(count),
        probability=float(body.get("probability", 1.0)),
        retry_after=float(body.get("retry_after") or 30),
        seconds=float(body.get("seconds") or 1),
        dice=random.Random(body.get("seed", id)),  # noqa: S311 -- repeatable on purpose, guards nothing
    )


class FaultBook:
    """The rules in force, in the order they were given; the first that strikes wins."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._last = 0

    def add(self, body: Any, *, network: str) -> Fault:
        self._last += 1
        fault = parse_fault(body, id=self._last, network=network)
        self.rules.append(fault)
        return fault

    def clear(self, network: str = "") -> None:
        self.rules = [rule for rule in self.rules if network and rule.network != network]

    def draw_webhook(self, network: str) -> bool:
        """Whether this network's next delivery comes twice; counted."""
        for rule in self.rules:
            if rule.effect == DUPLICATE and rule.count != 0 and rule.network in {"", network}:
                rule.hits += 1
                rule.count = None if rule.count is None else rule.count - 1
                return True
        return False

    def draw(self, network: str, method: str, path: str) -> Fault | None:
        for rule in self.rules:
            if rule.strikes(network, method, path):
                return rule
        return None


class Connections:
    """The open TCP connections by both their ends, so that a fault can cut one."""

    def __init__(self) -> None:
        self._open: dict[tuple[Any, Any], asyncio.Transport] = {}

    def opened(self, server: Any, client: Any, transport: asyncio.Transport) -> None:
        self._open[server, client] = transport

    def closed(self, server: Any, client: Any) -> None:
        self._open.pop((server, client), None)

    async def cut(self, scope: Scope) -> None:
        """Close the connection of this request; the server learns of it before this returns."""
        transport = self._open.get((scope.get("server"), scope.get("client")))
        if transport is not None:
            transport.close()
            while (scope.get("server"), scope.get("client")) in self._open:
                await asyncio.sleep(0)


class FaultLayer:
    """Wraps one network's app. Paths that start with `/_` steer the sandbox and are never hit."""

    def __init__(
        self, app: ASGIApp, *, network: str, book: FaultBook, connections: Connections, error: ErrorAnswer
    ) -> None:
        self.app = app
        self.network = network
        self.book = book
        self.connections = connections
        self.error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.book.rules or scope["path"].startswith("/_"):
            await self.app(scope, receive, send)
            return
        fault = self.book.draw(self.network, scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
            return
        effect = fault.effect
        if effect in BEFORE:
            await _swallow(receive)
            name = "500" if effect == "500_before" else effect
            await self.error(name, fault.retry_after, scope)(scope, receive, send)
        elif effect == "close_before":
            await _swallow(receive)
            await self.connections.cut(scope)
        elif effect in AFTER:
            await self._after(effect, scope, receive, send)
        elif effect == "latency":
            await self._late(fault.seconds, scope, receive, send)
        else:
            read = await _read_all(receive)
            await asyncio.sleep(fault.seconds)
            await self.app(scope, read, send)

    async def _after(self, effect: str, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def discard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]

        await self.app(scope, receive, discard)
        if effect == "drop":
            await self.connections.cut(scope)
        elif effect == "500_after":
            await self.error("500", 0, scope)(scope, receive, send)
        else:
            answer = Response('{"id": "10', status_code=status, media_type="application/json")
            await answer(scope, receive, send)

    async def _late(self, seconds: float, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self.app(scope, receive, hold)
        await asyncio.sleep(seconds)
        for message in held:
            await send(message)


async def _swallow(receive: Receive) -> None:
    """Read the body: a client that is still sending would otherwise see a broken pipe instead of our answer."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass


async def _read_all(receive: Receive) -> Receive:
    """Read the whole request now, so that it can be served after its client has left."""
    chunks: list[Message] = []
    while (message := await receive())["type"] == "http.request":
        chunks.append(message)
        if not message.get("more_body"):
            break
    waiting = iter(chunks)

    async def replay() -> Message:
        return next(waiting, {"type": "http.disconnect"})

    return replay
