"""Our side of a network's webhooks: an address on this machine that keeps what is delivered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 10.0  # seconds a delivery may take


@dataclass
class Receiver:
    """`deliveries` are headers (in lower case) and raw bodies."""

    url: str = ""
    deliveries: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        started = time.monotonic()
        while len(self.deliveries) < count:
            assert time.monotonic() - started < PATIENCE, f"{len(self.deliveries)} of {count} deliveries came"
            time.sleep(0.05)
        return list(self.deliveries)


@contextmanager
def receiving(challenge: Callable[[Mapping[str, str]], str] = lambda _: "") -> Iterator[Receiver]:
    """`challenge` answers a GET's query."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(challenge(dict(parse_qsl(urlsplit(self.path).query))).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.deliveries.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks"
        yield receiver
        server.shutdown()
        thread.join()
