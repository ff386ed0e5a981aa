"""Objects in memory, kept in one SQLite file so that a restart finds them again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Stored(Protocol):
    """A dataclass of JSON-native fields with its identity in `id`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    id: str


T = TypeVar("T", bound=Stored)

Change = tuple[str, str, str | None]
"""(collection, id, JSON), JSON None for an object that is gone."""


class Collection(Generic[T]):
    """All objects of one kind by id, in the order they were added; remembers what the file doesn't have yet."""

    def __init__(self, name: str, kind: type[T]) -> None:
        self.name = name
        self.kind = kind
        self.objects: dict[str, T] = {}
        self._dirty: dict[str, None] = {}  # in order, so that a restart keeps it

    def __iter__(self) -> Iterator[T]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)

    def __contains__(self, key: str) -> bool:
        return key in self.objects

    def get(self, key: str) -> T | None:
        return self.objects.get(key)

    def put(self, item: T) -> T:
        """Add the object, or say that it changed."""
        self.objects[item.id] = item
        self._dirty[item.id] = None
        return item

    def sort(self, by: Callable[[T], float]) -> None:
        self.objects = dict(sorted(self.objects.items(), key=lambda pair: by(pair[1])))

    def remove(self, key: str) -> T | None:
        self._dirty[key] = None
        return self.objects.pop(key, None)

    def clear(self) -> None:
        self._dirty.update(dict.fromkeys(self.objects))
        self.objects.clear()

    def load(self, key: str, text: str) -> None:
        """Bring back one saved object; fields that an older version had and this one hasn't are dropped."""
        values = json.loads(text)
        known = {name: value for name, value in values.items() if name in self.kind.__dataclass_fields__}
        self.objects[key] = self.kind(**known)

    def take_changes(self) -> list[Change]:
        """What changed since the last call."""
        changes: list[Change] = []
        for key in self._dirty:
            item = self.objects.get(key)
            changes.append((self.name, key, None if item is None else _dump(item)))
        self._dirty.clear()
        return changes


def _dump(item: Stored) -> str:
    # Fields are JSON-native, so the deep copy of dataclasses.asdict would be wasted work.
    return json.dumps({name: getattr(item, name) for name in item.__dataclass_fields__}, separators=(",", ":"))


class Disk:
    """The SQLite file, and the folder of media bytes next to it. With no folder, bytes stay in memory and nothing is saved."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._bytes: dict[str, bytes] = {}
        self._connection: sqlite3.Connection | None = None
        self._saving = asyncio.Lock()
        if folder is not None:
            (folder / "media").mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS objects (collection TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (collection, id))"
            )

    def read(self) -> Iterator[tuple[str, str, str]]:
        """Every saved object as (collection, id, JSON), in the order it was first saved."""
        if self._connection is not None:
            yield from self._connection.execute("SELECT collection, id, body FROM objects ORDER BY rowid")

    async def save(self, changes: list[Change]) -> None:
        """Write the changes in one transaction, away from the event loop."""
        if self._connection is not None and changes:
            async with self._saving:
                await asyncio.to_thread(self._write, changes)

    def _write(self, changes: list[Change]) -> None:
        assert self._connection is not None
        with self._connection as connection:
            connection.executemany(
                "DELETE FROM objects WHERE collection = ? AND id = ?", [c[:2] for c in changes if c[2] is None]
            )
            connection.executemany(
                "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                [c for c in changes if c[2] is not None],
            )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def put_bytes(self, key: str, content: bytes) -> None:
        """Keep the bytes of a media object; keys are our own ids, never a name given by a client."""
        if self.folder is None:
            self._bytes[key] = content
            return
        path = self.folder / "media" / key
        temporary = path.with_suffix(".part")
        temporary.write_bytes(content)
        temporary.replace(path)

    def get_bytes(self, key: str) -> bytes | None:
        if self.folder is None:
            return self._bytes.get(key)
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "media" / key).read_bytes()
        return None

    def clear_bytes(self) -> None:
        self._bytes.clear()
        if self.folder is not None:
            for path in (self.folder / "media").iterdir():
                path.unlink(missing_ok=True)
