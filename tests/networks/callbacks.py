"""Our side of a webhook: a small server that a network may call."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from socialops.networks.ports import WebhookAnswer

Handshake = Callable[[dict[str, str]], WebhookAnswer | None]


@dataclass
class Callbacks:
    """Where networks deliver to, and what they delivered: (headers in lower case, body)."""

    url: str
    deliveries: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait(self, count: int = 1, seconds: float = 5) -> list[tuple[dict[str, str], bytes]]:
        ends = time.monotonic() + seconds
        while len(self.deliveries) < count:
            assert time.monotonic() < ends, f"{len(self.deliveries)} of {count} deliveries came"
            time.sleep(0.05)
        return self.deliveries


@contextlib.contextmanager
def listening(handshake: Handshake) -> Iterator[Callbacks]:
    """GET answers the network's test of the address as the connector says, or 403."""
    found = Callbacks("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = handshake(dict(parse_qsl(urlsplit(self.path).query)))
            self.send_response(200 if answer else 403)
            self.end_headers()
            self.wfile.write(answer.body.encode() if answer else b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.deliveries.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
