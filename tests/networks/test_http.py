"""Who may be called, what certainly never left, and what is kept of an answer."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from socialops.networks import http
from socialops.networks.errors import InternalError, NetworkError, OutageError, UnknownOutcomeError, ValidationError

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server() -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    """`server(answer)` serves one raw answer to each connection; gives the base URL and what it was sent."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: bytes, *, close_before: bool = False) -> tuple[str, list[bytes]]:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        got: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    got.append(connection.recv(65536))
                    if not close_before:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}", got

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)
    http.client().close()
    http.client.cache_clear()


def with_body(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return OK + lines + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_private_addresses_are_refused_also_inside_others(address: str) -> None:
    assert not http.is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_public_addresses_are_called(address: str) -> None:
    assert http.is_public_address(ipaddress.ip_address(address))


def test_a_public_name_with_a_private_address_is_refused_before_anything_is_sent(
    server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, got = server(with_body(b"{}"))
    port = int(base.rpartition(":")[2])
    settings.SOCIALOPS_PRIVATE_HOSTS = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", port))])
    with pytest.raises(ValidationError) as refused:
        http.call("GET", f"https://rebind.example:{port}/")
    assert refused.value.code == "address_refused"
    assert got == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCIALOPS_PRIVATE_HOSTS = []
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ValidationError):
        http.call("GET", "https://both.example/")


def test_the_connection_goes_to_the_address_that_was_judged(
    server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, got = server(with_body(b'{"ok":1}'))
    port = int(base.rpartition(":")[2])
    settings.SOCIALOPS_PRIVATE_HOSTS = [f"named.example:{port}"]
    asked: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert http.call("GET", f"http://named.example:{port}/").object() == {"ok": 1}
    assert asked[0] == "named.example"
    assert f"Host: named.example:{port}".encode() in got[0]


@pytest.mark.parametrize(
    "typed", ["", "ftp://a.example", "https://", "https://u:p@a.example", "http://a.example", "a b", "https://a:99999"]
)
def test_what_is_no_address_is_refused(typed: str, settings: Any) -> None:
    settings.SOCIALOPS_PRIVATE_HOSTS = []
    with pytest.raises(ValidationError):
        http.origin_of(typed)


def test_addresses_people_type(settings: Any) -> None:
    settings.SOCIALOPS_PRIVATE_HOSTS = ["localhost:3000"]
    assert http.origin_of(" piaille.fr ") == "https://piaille.fr"
    assert http.origin_of("https://Piaille.fr/@moi?x=1") == "https://piaille.fr"
    assert http.origin_of("http://localhost:3000/") == "http://localhost:3000"


def test_redirects_are_not_followed(server: Any) -> None:
    base, _ = server(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )
    assert http.call("GET", base).status == 302


# ---------------------------------------------------------------- sent or not


def test_a_refused_connection_was_certainly_not_sent() -> None:
    with pytest.raises(OutageError) as error:
        http.call("POST", "http://127.0.0.1:1/", one_shot=True)
    assert error.value.code == "unreachable"


def test_an_unknown_name_was_certainly_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OutageError):
        http.call("POST", "https://nowhere.example/", one_shot=True)


@pytest.mark.parametrize(("one_shot", "lost"), [(True, UnknownOutcomeError), (False, OutageError)])
@pytest.mark.parametrize(
    ("answer", "close_before"),
    [
        (b"", True),
        (OK + b"Content-Length: 50\r\n\r\n{", False),
        (b"nonsense\r\n\r\n", False),
        (with_body(b"<html>"), False),
    ],
)
def test_a_lost_or_unreadable_answer(
    server: Any, *, answer: bytes, close_before: bool, one_shot: bool, lost: type[NetworkError]
) -> None:
    base, got = server(answer, close_before=close_before)
    with pytest.raises(lost) as error:
        http.call("POST", base, json={"a": 1}, one_shot=one_shot).object()
    assert type(error.value) is lost
    assert got


def test_a_slow_answer_is_lost(server: Any, settings: Any) -> None:
    settings.NETWORK_READ_SECONDS = 0.2
    http.client.cache_clear()
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        with pytest.raises(UnknownOutcomeError):
            http.call("POST", f"http://127.0.0.1:{silent.getsockname()[1]}/", one_shot=True)
    finally:
        http.client().close()
        http.client.cache_clear()
        silent.close()


def test_an_endless_answer_is_cut(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    base, _ = server(with_body(b"[" + b"1," * 2000))
    with pytest.raises(OutageError) as error:
        http.call("GET", base)
    assert error.value.code == "unreadable_answer"


def test_a_token_with_a_line_break_is_our_own_fault(server: Any) -> None:
    base, got = server(with_body(b"{}"))
    with pytest.raises(InternalError):
        http.call("GET", base, headers={"Authorization": "Bearer a\r\nX: y"})
    assert not any(got)  # a connection perhaps, but not one byte of a request


# ---------------------------------------------------------------- what is kept


def test_nothing_secret_is_kept(server: Any) -> None:
    body = (
        b'{"access_token":"S3CRET-1","refreshJwt" : "S3CRET-2","error":{"code":190},"echo":"S3CRET-3",'
        b'"next":"https://graph.example/me?access_token=S3CRET-4&limit=2"}'
    )
    headers = (b"Set-Cookie: session=S3CRET-5", b"X-RateLimit-Limit: 300", b"X-App-Usage: {}", b"DPoP-Nonce: S3CRET-6")
    base, _ = server(with_body(body, *headers))
    url = f"{base}/oauth/token?code=S3CRET-7&client_secret=S3CRET-8&input_token=S3CRET-9&limit=5"
    raw = http.call("GET", url, headers={"Authorization": "Bearer S3CRET-3"}, secrets=("S3CRET-3",)).raw()
    assert "S3CRET" not in repr(raw)
    assert "limit=5" in raw.url
    assert '"code":190' in raw.body
    assert {name.lower() for name in raw.headers} >= {"x-ratelimit-limit", "x-app-usage", "content-type"}


def test_a_long_body_is_cut_after_it_is_redacted(server: Any) -> None:
    secret = "T0KEN" * 10
    base, _ = server(with_body(b"x" * 3980 + secret.encode() + b"y" * 5000))
    raw = http.call("GET", base, secrets=(secret,)).raw()
    assert len(raw.body) == 4000
    assert "T0KEN" not in raw.body


def test_many_threads_share_the_client(server: Any) -> None:
    base, got = server(with_body(b'{"ok":true}'))
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(http.call("GET", base).object())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == [{"ok": True}] * 16
    assert len(got) == 16
