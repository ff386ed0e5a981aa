"""What is said in the demo, read from `content/*.toml`: written plainly there, set with French typography here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("content")
_NETWORKS: Final = {"m": "mastodon", "b": "bluesky", "f": "facebook"}
_NARROW, _WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
_RULES: Final = (
    (re.compile("'"), "’"),
    (re.compile(r" ([;!?])"), rf"{_NARROW}\1"),
    (re.compile(r" ([:»])"), rf"{_WIDE}\1"),
    (re.compile(r"« "), f"«{_WIDE}"),
    (re.compile(r"(?<=\d) (?=\d{3}\b|[%€]|h\b|K\b)"), _NARROW),
)


def typeset(text: str, language: str = "fr") -> str:
    """French spaces and apostrophes; English only gets its apostrophes."""
    for pattern, replacement in _RULES if language == "fr" else _RULES[:1]:
        text = pattern.sub(replacement, text)
    return text


@dataclass(frozen=True, slots=True)
class Piece:
    """A post as written. `day` counts from today; None: wherever it falls. `minutes` after the load, for the one that goes out at once."""

    text: str
    language: str
    image: str
    campaign: str
    networks: tuple[str, ...]
    day: int | None
    kind: str = ""
    state: str = "published"
    note: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """Everything of one brand."""

    campaigns: list[dict[str, Any]]
    past: list[Piece]
    ahead: list[Piece]
    voices: dict[str, list[str]] = field(default_factory=dict)


@cache
def script(brand: str) -> Script:
    found = _read(brand)
    campaigns = [{**c, "objective": typeset(c["objective"])} for c in found["campaigns"]]
    past, ahead = ([_piece(item) for item in found["posts"][name]] for name in ("past", "ahead"))
    return Script(campaigns, past, ahead, _voices(found["voices"]))


@cache
def crowd() -> dict[str, list[str]]:
    """What anybody says (comments, comments_en), and names (authors, authors_en)."""
    return _voices(_read("crowd"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _voices(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        name: [typeset(text, "en" if name.endswith("_en") else "fr") for text in texts] for name, texts in lists.items()
    }


def _piece(item: dict[str, Any]) -> Piece:
    language = item.get("l", "fr")
    return Piece(
        text=typeset(item["t"], language),
        language=language,
        image=item.get("i", ""),
        campaign=item.get("c", ""),
        networks=tuple(_NETWORKS[letter] for letter in item.get("on", "mbf")),
        day=item.get("day"),
        kind=item.get("k", ""),
        state=item.get("state", "published"),
        note=typeset(item.get("note", ""), language),
        minutes=item.get("minutes", 0),
    )
