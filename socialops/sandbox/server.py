"""One listening port a network and one for the home page, all on 127.0.0.1, one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from socialops.sandbox import control, crowd, html, seed, webhooks
from socialops.sandbox.faults import Connections, FaultBook, FaultLayer
from socialops.sandbox.home import home_routes
from socialops.sandbox.models import PORT_OFFSETS
from socialops.sandbox.stand_in import stand_ins
from socialops.sandbox.world import World

HOST: Final = "127.0.0.1"
SAVE_SECONDS: Final = 2.0
KEEP_ALIVE_SECONDS: Final = 75


class PortBusyError(Exception):
    """A port we need is taken; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """`folder` None keeps everything in memory; `crowd_interval` in seconds, 0 for a silent crowd; `limits` False never answers 429 by itself; files are processed in `pace` times the usual time."""

    port: int = 8100
    folder: Path | None = None
    crowd_interval: float = 6.0
    crowd_seed: int = 1
    limits: bool = True
    pace: float = 1.0


class Server(uvicorn.Server):
    """Leaves the signals to us: the servers share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def protocol(connections: Connections) -> type[asyncio.Protocol]:
    """Uvicorn's own protocol that also tells which connections are open."""

    class Protocol(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # -- uvicorn narrows it so itself
            super().connection_made(transport)
            connections.opened(self.server, self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.server, self.client)
            super().connection_lost(exc)

    return Protocol


def build(world: World, faults: FaultBook, connections: Connections) -> dict[str, ASGIApp]:
    """One ASGI app for each port, by name."""
    common: list[BaseRoute] = [*control.routes, *html.routes]
    faces = [stand_in.face for stand_in in stand_ins().values()]
    apps: dict[str, ASGIApp] = {"home": _application(world, faults, "", [*common, *home_routes(faces)])}
    for network, stand_in in stand_ins().items():
        # Ours first: a network's catch-all routes would swallow them.
        app = _application(world, faults, network, [*common, *stand_in.routes], stand_in.not_found)
        apps[network] = FaultLayer(
            stand_in.wrap(app), network=network, book=faults, connections=connections, error=stand_in.fault_answer
        )
    return apps


def _application(
    world: World, faults: FaultBook, network: str, routes: list[BaseRoute], not_found: ExceptionHandler | None = None
) -> Starlette:
    app = Starlette(routes=routes, exception_handlers={404: not_found, 405: not_found} if not_found else {})
    app.state.world = world
    app.state.faults = faults
    app.state.network = network
    return app


def bind(port: int) -> dict[str, socket.socket]:
    """All sockets, or PortBusyError and none."""
    sockets: dict[str, socket.socket] = {}
    names = ["home", *stand_ins()]
    for name in names:
        # With the protocol named, asyncio sets TCP_NODELAY on what it accepts: without it each answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port + PORT_OFFSETS[name]))
        except (OSError, OverflowError) as error:
            for opened in (listener, *sockets.values()):
                opened.close()
            raise PortBusyError(
                f"The sandbox can't listen on {HOST}:{port + PORT_OFFSETS[name]} ({name}): {getattr(error, 'strerror', None) or error}. "
                f"It needs {len(PORT_OFFSETS)} ports in a row, {port} to {port + len(PORT_OFFSETS) - 1}; stop what uses them or choose others with --port or SANDBOX_PORT."
            ) from error
        sockets[name] = listener
    for listener in reversed(sockets.values()):  # the home page last: when it answers, all do
        listener.listen(1024)
    return sockets


async def run(options: Options) -> None:
    """Serve until SIGINT or SIGTERM, then save and leave."""
    sockets = bind(options.port)
    world = World(port=options.port, folder=options.folder, limits=options.limits, pace=options.pace)
    seed.seed(world)
    connections, faults = Connections(), FaultBook()
    servers = []
    for name, app in build(world, faults, connections).items():
        config = uvicorn.Config(
            app,
            http=protocol(connections),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=2,
            backlog=1024,
        )
        servers.append((Server(config), sockets[name]))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    background = [
        asyncio.create_task(_save_often(world)),
        asyncio.create_task(crowd.live(world, options.crowd_interval, options.crowd_seed)),
        asyncio.create_task(webhooks.deliver(world, faults)),
    ]
    serving = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers]
    print(f"Sandbox networks: http://{HOST}:{options.port}/", flush=True)  # noqa: T201 -- what the person who started it waits for
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait()), *background, *serving]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*serving)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    await world.save()
    world.disk.close()
    for task in done:
        task.result()


async def _save_often(world: World) -> None:
    while True:
        await asyncio.sleep(SAVE_SECONDS)
        await world.save()
