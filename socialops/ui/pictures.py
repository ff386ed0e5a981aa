"""A picture as a component shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """`view` and `pk`: the page of the organization that gives the file, "" where none does; then its name stands for it. Sides in pixels, None unknown."""

    name: str
    alt: str
    view: str = ""
    pk: int = 0
    width: int | None = None
    height: int | None = None
