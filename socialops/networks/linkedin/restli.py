"""Rest.li 2.0 addresses: `List(a,b)` and `(key:value)` stay literal, everything in them is percent-encoded. HTTP libraries would encode both or neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote


def encode(value: Any) -> str:
    """A string or number, a list, or a mapping (a complex key), as it stands in a path or a query."""
    if isinstance(value, Mapping):
        return f"({','.join(f'{encode(name)}:{encode(inner)}' for name, inner in value.items())})"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"List({','.join(encode(inner) for inner in value)})"
    return quote(str(value), safe="")


def address(*path: Any, **query: Any) -> str:
    """`posts/urn%3Ali%3Ashare%3A1?q=author&…` under the API root. A query value of None is left out."""
    joined = "/".join(encode(part) for part in path)
    told = "&".join(f"{encode(name)}={encode(value)}" for name, value in query.items() if value is not None)
    return f"{joined}?{told}" if told else joined
