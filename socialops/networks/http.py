"""Every request to a network goes through here: one pool, guarded addresses, answers cut to size and redacted.

Two promises the publishing engine relies on:
- a request that certainly never left raises OutageError, one whose answer was lost raises UnknownOutcomeError if it
  was `one_shot`;
- a host given by a user is resolved here, refused when any of its addresses is private, and the connection goes to the
  address that was judged (TLS name and Host stay the host's), so that a second DNS answer can't lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import json as jsonlib
import os
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

from socialops.networks.errors import (
    Code,
    InternalError,
    OutageError,
    RawAnswer,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.redaction import redact_headers, redact_text, redact_url

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 90.0  # a server that drips one byte at a time
MAX_ANSWER_BYTES = 8 * 1024 * 1024
# Shorter than the 5 s after which Node and uvicorn close idle connections: a one-shot call must not meet a closing one.
KEEPALIVE_SECONDS = 4.0
NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


# ---------------------------------------------------------------- whom we may talk to


def is_private_host(host: str, port: int | None) -> bool:
    """Whether the settings allow this host (or host:port) although its address is private."""
    allowed: Iterable[str] = getattr(settings, "SOCIALOPS_PRIVATE_HOSTS", ())
    return host in allowed or (port is not None and f"{host}:{port}" in allowed)


def is_public_address(address: IPAddress) -> bool:
    """Whether an address is on the public internet, also when it hides inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def refuse_address(host: str) -> NoReturn:
    raise ValidationError(Code.ADDRESS_REFUSED, detail={"field": "base_url", "host": host})


def origin_of(address: str) -> str:
    """`scheme://host[:port]` of what a person typed (a URL or a bare host). https unless the settings name the host.

    ValidationError address_refused when it is no address, carries a password, or is plain http.
    """
    typed = address.strip()
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    try:
        port = parts.port
    except ValueError:
        refuse_address(typed)
    host = parts.hostname or ""
    if not host or parts.username or parts.scheme not in ("http", "https") or any(c.isspace() for c in host):
        refuse_address(typed)
    if parts.scheme == "http" and not is_private_host(host, port):
        refuse_address(host)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to judged addresses only."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not is_private_host(host, port) and not all(
            is_public_address(ipaddress.ip_address(address.partition("%")[0])) for address in addresses
        ):
            refuse_address(host)
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        del timeout, socket_options
        refuse_address(path)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Reading them takes longer than a call."""
    return httpx.create_ssl_context()


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over a pool that opens its connections through the guard."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=64,
            max_keepalive_connections=32,
            keepalive_expiry=KEEPALIVE_SECONDS,
            http1=True,
            network_backend=GuardedBackend(),
        )


@cache
def client() -> httpx.Client:
    """The shared client, one per process and safe between threads."""
    return httpx.Client(
        transport=GuardedTransport(),
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "SocialOps", "Accept": "application/json"},
        timeout=httpx.Timeout(
            getattr(settings, "NETWORK_READ_SECONDS", READ_SECONDS),
            connect=getattr(settings, "NETWORK_CONNECT_SECONDS", CONNECT_SECONDS),
        ),
    )


os.register_at_fork(after_in_child=client.cache_clear)  # a child must not write into its parent's connections


# ---------------------------------------------------------------- one call and its answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `one_shot`: the call may have published, so an unreadable answer is an unknown outcome."""

    method: str
    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    one_shot: bool = False
    secrets: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def raw(self) -> RawAnswer:
        """Safe to store and to show."""
        return RawAnswer(
            method=self.method,
            url=redact_url(self.url, self.secrets),
            status=self.status,
            headers=redact_headers(self.headers),
            body=redact_text(self.body.decode("utf-8", "replace"), self.secrets),
        )

    def json(self) -> Any:
        """The parsed body. UnknownOutcomeError (one shot) or OutageError when it isn't JSON."""
        try:
            return jsonlib.loads(self.body)
        except ValueError as error:
            lost = UnknownOutcomeError if self.one_shot else OutageError
            raise lost(Code.UNREADABLE_ANSWER, raw=self.raw()) from error

    def object(self) -> dict[str, Any]:
        """A JSON object, or as `json` and `unexpected`."""
        data = self.json()
        return data if isinstance(data, dict) else self.unexpected()

    def list(self) -> list[dict[str, Any]]:
        """A JSON list of objects, or as `json` and `unexpected`."""
        data = self.json()
        return data if isinstance(data, list) and all(isinstance(item, dict) for item in data) else self.unexpected()

    def text(self, *path: str) -> str:
        """A non-empty string or number at this path of the JSON object, as text, or as `unexpected`."""
        value: Any = self.object()
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return str(value) if isinstance(value, str | int) and value != "" else self.unexpected()

    def unexpected(self) -> NoReturn:
        """The answer breaks the network's own contract: unknown outcome after a one shot, our fault after a read."""
        lost = UnknownOutcomeError if self.one_shot else InternalError
        raise lost(Code.UNEXPECTED_ANSWER, detail={"status": self.status}, raw=self.raw())

    def error_object(self) -> dict[str, Any]:
        """The body of a refusal, {} when it is no JSON object: proxies answer HTML."""
        try:
            data = jsonlib.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    form: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
    content: bytes | Iterable[bytes] | None = None,
    one_shot: bool = False,
    secrets: tuple[str, ...] = (),
) -> Answer:
    """Send one request; any HTTP status is an Answer. `secrets` never show in what is kept of it. `content` in pieces wants a Content-Length header.

    Raises OutageError (not sent, or a repeatable call failed), UnknownOutcomeError (a one-shot call was sent and
    its answer lost), ValidationError address_refused, InternalError (we built an impossible request).
    """
    sent = RawAnswer(method=method, url=redact_url(url, secrets), status=None)
    lost = UnknownOutcomeError if one_shot else OutageError
    host = urlsplit(url).hostname or ""
    try:
        with client().stream(
            method, url, headers=headers, params=params, json=json, data=form, files=files, content=content
        ) as response:
            body = _read_body(response)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise OutageError(Code.UNREACHABLE, detail={"host": host}, raw=sent) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ValidationError(Code.ADDRESS_REFUSED, detail={"field": "base_url", "host": host}, raw=sent) from error
    except httpx.LocalProtocolError as error:
        raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": 0}, raw=sent) from error
    except httpx.DecodingError as error:
        raise lost(Code.UNREADABLE_ANSWER, detail={"host": host}, raw=sent) from error
    except httpx.TransportError as error:
        raise lost(Code.ANSWER_LOST, detail={"host": host}, raw=sent) from error
    if body is None:
        raise lost(Code.UNREADABLE_ANSWER, detail={"host": host}, raw=sent)
    return Answer(method, str(response.url), response.status_code, response.headers, body, one_shot, secrets)


def _read_body(response: httpx.Response) -> bytes | None:
    """The body, None when it is too large or takes too long."""
    deadline = time.monotonic() + TOTAL_SECONDS
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
