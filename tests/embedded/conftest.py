from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialops.embedded import postgres, valkey


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A short folder that any account may pass through: pytest's own is closed to `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="so-", dir="/tmp")).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir(open_folder: Path) -> Iterator[Path]:
    folder = open_folder / "data"
    yield folder
    end(folder)


def end(folder: Path) -> None:
    """Stops the folder's servers and removes what they keep elsewhere."""
    home = postgres.home(folder) if folder.exists() else None
    if home is not None:
        postgres.stop(folder)
        valkey.stop(folder)
        sockets = postgres._recorded_place(folder.resolve()).socket
        shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
    elif folder.exists():
        valkey.stop(folder)


def modes(folder: Path) -> dict[Path, int]:
    """Permissions of the folder and of all above it."""
    return {path: path.stat().st_mode for path in (folder, *folder.parents)}
