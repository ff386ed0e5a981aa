"""Our webhook address as a network calls it: a server of its own, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from socialops.networks.ports import Connector

APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}


class Listener:
    """Our address, as X calls it: answers its test by the connector, and keeps what is delivered."""

    def __init__(self, connector: Connector) -> None:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                listener.tests.append(query)
                answer = connector.handshake(query=query, app=APP)
                assert answer is not None
                self.answer(answer.body.encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.deliveries.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.answer(b"")

            def answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.tests: list[dict[str, str]] = []
        self.deliveries: Queue[tuple[dict[str, str], bytes]] = Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/x"

    def wait(self) -> tuple[dict[str, str], bytes]:
        return self.deliveries.get(timeout=10)


@contextmanager
def listening(connector: Connector) -> Iterator[Listener]:
    made = Listener(connector)
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()
