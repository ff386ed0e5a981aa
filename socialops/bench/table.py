"""What a benchmark prints, and what it needs to know of the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def say(line: str) -> None:
    """Progress, on standard error: standard output ends with the JSON line."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns on standard output."""
    cells = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; `share` from 0 to 1. ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
