"""The folder that holds everything an embedded environment keeps: servers' data, secrets, media, logs."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from socialops.embedded.errors import EmbeddedError

PROJECT = Path(__file__).resolve().parents[2]


def is_test_run() -> bool:
    """True under the test settings, which keep their data apart."""
    return os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".test")


def is_durable() -> bool:
    """False where SOCIALOPS_DURABLE is 0 (or under the test settings): speed rather than safety from a power cut."""
    return os.environ.get("SOCIALOPS_DURABLE", "0" if is_test_run() else "1") != "0"


def default_data_dir() -> Path:
    """SOCIALOPS_DATA_DIR, or `.demo` (tests: `.test`). Absolute; a relative one starts next to manage.py."""
    given = os.environ.get("SOCIALOPS_DATA_DIR", "") or (".test" if is_test_run() else ".demo")
    return (PROJECT / Path(given).expanduser()).resolve()


def make_data_dir(folder: Path) -> Path:
    """Makes the folder. Root's is 711, so that `nobody` passes through it; an existing one is left as it is."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            folder.mkdir(mode=mode, exist_ok=True)
            folder.chmod(mode)
    except OSError as error:
        message = (
            f"The data folder {folder} can't be made ({error.strerror}): set SOCIALOPS_DATA_DIR to one you can write."
        )
        raise EmbeddedError(message) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"The data folder {folder} isn't writable: set SOCIALOPS_DATA_DIR to one that is.")
    return folder


@contextmanager
def exclusive(lock_file: Path) -> Iterator[None]:
    """Waits for the lock. The kernel frees it when its holder dies, so it can't go stale."""
    descriptor = os.open(lock_file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def hold(lock_file: Path) -> int | None:
    """Takes the lock for as long as the process lives, and gives its descriptor; None when someone else has it."""
    descriptor = os.open(lock_file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Replaces the file at once, readable by its owner only."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def read_state(path: Path) -> dict[str, Any]:
    """The JSON object in the file; empty when the file is absent or broken (it is then made anew)."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
