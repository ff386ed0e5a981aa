"""Parts of a stored file, without reading the whole: from a folder by seeking, from a bucket by asking for the range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


def stream_range(path: str, start: int, stop: int) -> Pieces:
    """The same in pieces. The file is opened by this call; reading to the end or `close` closes it."""
    return Pieces(default_storage.open(path, "rb"), start, stop)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Bytes [start, stop) of an open file. No generator: a server closes an answer that nobody began to read."""

    file: Any
    start: int
    stop: int

    def __iter__(self) -> Iterator[bytes]:
        with self.file as file:
            if self.start >= self.stop:
                return
            if hasattr(file, "obj"):  # in a bucket, reading the file itself would first fetch all of it
                asked = f"bytes={self.start}-{self.stop - 1}"
                yield from file.obj.get(Range=asked)["Body"].iter_chunks(PIECE)
                return
            file.seek(self.start)
            left = self.stop - self.start
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def close(self) -> None:
        self.file.close()
