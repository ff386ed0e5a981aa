"""A line the size of a word, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socialops.ui.formats import Number

WIDTH, HEIGHT, PADDING = 96, 28, 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    """SVG path data; `end` is the last point."""

    path: str
    end: tuple[str, str]


def draw(values: Sequence[Number | None]) -> Sparkline | None:
    """The values from left to right; None breaks the line. None when fewer than two are known."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return None
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (WIDTH - 2 * PADDING) / (len(values) - 1)
    path, pen, end = [], "M", ("0", "0")
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x = PADDING + index * step
        y = HEIGHT - PADDING - (float(value) - low) / span * (HEIGHT - 2 * PADDING)
        end = (f"{x:.1f}", f"{y:.1f}")
        path.append(f"{pen}{end[0]} {end[1]}")
        pen = "L"
    return Sparkline("".join(path), end)
