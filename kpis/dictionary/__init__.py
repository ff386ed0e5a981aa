"""The metric dictionary: what each network's numbers are called here, which make up interactions, and what a rate may be divided by.

Data, one file a network beside this one, because networks rename and retire metrics several times a year: a new name is a new entry with its date; the old one keeps its own, so
that history stays readable.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class NetworkMetrics:
    """`post` and `channel`: our name → the network's names, the preferred first. `denominators`: what an engagement rate divides by, preferred first.
    `absent`: what the network does not give at all.
    """

    interactions: tuple[str, ...]
    denominators: tuple[str, ...]
    absent: frozenset[str]
    post: Mapping[str, tuple[str, ...]]
    channel: Mapping[str, tuple[str, ...]]


@cache
def metrics_of(network: str) -> NetworkMetrics:
    """KeyError for a network without an entry."""
    if network not in networks():
        raise KeyError(network)
    entry: dict[str, Any] = tomllib.loads((_FOLDER / f"{network}.toml").read_text(encoding="utf-8"))
    return NetworkMetrics(
        interactions=tuple(entry["interactions"]),
        denominators=tuple(entry["denominators"]),
        absent=frozenset(entry["absent"]),
        post={ours: tuple(theirs) for ours, theirs in entry["post"].items()},
        channel={ours: tuple(theirs) for ours, theirs in entry["channel"].items()},
    )


@cache
def networks() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def translate(values: Mapping[str, int | None], names: Mapping[str, tuple[str, ...]]) -> dict[str, int | None]:
    """A network's numbers under our names; None where it gives none."""
    return {
        ours: next((values[name] for name in theirs if values.get(name) is not None), None)
        for ours, theirs in names.items()
    }


def interactions(network: str, values: Mapping[str, int | None]) -> int | None:
    """Sum of the network's interaction metrics (product dictionary 5.2); None when it gave none of them."""
    known = [values[name] for name in metrics_of(network).interactions if values.get(name) is not None]
    return sum(v for v in known if v is not None) if known else None
