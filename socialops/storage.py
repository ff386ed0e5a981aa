"""Parts of a stored file, without reading the whole: from a folder by seeking, from a bucket by asking for the range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage

PIECE = 256 * 1024  # bytes


def read_file(path: str) -> bytes:
    """All of it. FileNotFoundError when it is gone."""
    with default_storage.open(path, "rb") as file:
        content: bytes = file.read()
    return content


def read_range(path: str, start: int, stop: int) -> bytes:
    """Bytes [start, stop), fewer at the file's end. FileNotFoundError when it is gone."""
    return b"".join(stream_range(path, start, stop))


def stream_range(path: str, start: int, stop: int) -> Iterator[bytes]:
    """The same in pieces; the file is opened by this call, before the first piece is asked for."""
    file: Any = default_storage.open(path, "rb")
    return _pieces(file, start, stop)


def _pieces(file: Any, start: int, stop: int) -> Iterator[bytes]:
    with file:
        if start >= stop:
            return
        if hasattr(file, "obj"):  # in a bucket, reading the file itself would first fetch all of it
            yield from file.obj.get(Range=f"bytes={start}-{stop - 1}")["Body"].iter_chunks(PIECE)
            return
        file.seek(start)
        left = stop - start
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
