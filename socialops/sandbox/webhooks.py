"""What the networks tell by themselves: deliveries wait in the world's outbox and go out here, at least once."""

from __future__ import annotations

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit

import httpx

from socialops.sandbox.faults import FaultBook
from socialops.sandbox.world import Parcel, World

EVERY_SECONDS: Final = 0.1
TIMEOUT_SECONDS: Final = 10
TRIES: Final = 5
HERE: Final = frozenset({"127.0.0.1", "localhost"})


def is_local(url: str) -> bool:
    """The sandbox calls nobody outside this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and parts.hostname in HERE


async def ask(url: str, params: dict[str, str]) -> httpx.Response | None:
    """GET the address with the network's test of it; None when nobody answers."""
    if not is_local(url):
        return None
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            return await http.get(url, params=params)
    except httpx.HTTPError:
        return None


async def deliver(world: World, faults: FaultBook) -> None:
    """Send what waits, for ever. What isn't answered with 2xx is sent again, a little later each time; the fault `duplicate_webhook` sends a delivery twice."""
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            for _ in range(len(world.outbox)):
                parcel = world.outbox.popleft()
                if parcel.not_before > time.time():
                    world.outbox.append(parcel)
                    continue
                times = 2 if faults.draw_webhook(parcel.network) else 1
                for _time in range(times):
                    await _post(http, world, parcel)


async def _post(http: httpx.AsyncClient, world: World, parcel: Parcel) -> None:
    if not is_local(parcel.url):
        return
    try:
        answer = await http.post(parcel.url, content=parcel.body, headers=parcel.headers)
        done = answer.is_success
    except httpx.HTTPError:
        done = False
    parcel.tries += 1
    if not done and parcel.tries < TRIES:
        parcel.not_before = time.time() + 2**parcel.tries
        world.outbox.append(parcel)
