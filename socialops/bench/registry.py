"""Which benchmarks exist. A benchmark takes a size and gives its figures."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

Benchmark = Callable[[int | None], dict[str, Any]]
_benchmarks: dict[str, str] = {}


def register(name: str, path: str) -> None:
    """Declare a benchmark in AppConfig.ready: `path` is "module:function", imported when it runs. The function takes `--size` (None: its own
    default), prints its progress and table through `socialops.bench.table`, and gives its figures, JSON-able. A name twice is a mistake.
    """
    if name in _benchmarks:
        raise ValueError(f"benchmark {name!r} is registered twice")
    _benchmarks[name] = path


def names() -> list[str]:
    """Sorted."""
    return sorted(_benchmarks)


def load(name: str) -> Benchmark:
    """KeyError for a name nobody registered."""
    module, _, function = _benchmarks[name].partition(":")
    benchmark: Benchmark = getattr(import_module(module), function)
    return benchmark
