"""What is said in the demo, read from `content/*.toml` and, for films, `*.srt`: written plainly there, set with French typography here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("content")
_NETWORKS: Final = {
    "m": "mastodon",
    "b": "bluesky",
    "f": "facebook",
    "i": "instagram",
    "t": "threads",
    "l": "linkedin",
    "x": "x",
    "k": "tiktok",
    "y": "youtube",
}
_USUALLY: Final = "mbf"
_USUAL: Final[dict[str, dict[str, Any]]] = {
    "tiktok": {"privacy": "public", "allow_comments": True},
    "youtube": {"privacy": "public", "made_for_kids": "no", "category": "26"},
}
_OF_FILMS: Final[dict[str, dict[str, Any]]] = {"instagram": {"format": "reel"}}
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
    """A post as written. `day` counts from today; None: wherever it falls. `minutes` after the load, for the one that goes out at once.

    `own` and `options` are by network: another text, and settings that only this network has. `document` goes where documents go, the image elsewhere.
    """

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
    film: str = ""
    document: str = ""
    first_comment: str = ""
    parts: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of what it shows, as `past.Files` has it; "" for none."""
        return f"film/{self.film}" if self.film else self.image

    def text_on(self, network: str) -> str:
        return self.own.get(network, self.text)

    def options_on(self, network: str) -> dict[str, Any]:
        """What people choose there each time, and what was chosen for this one."""
        usual = _USUAL.get(network, {}) | (_OF_FILMS.get(network, {}) if self.film else {})
        return {**usual, **self.options.get(network, {})}


@dataclass(frozen=True, slots=True)
class Whisper:
    """A private message, so many `hours` ago."""

    network: str
    author: str
    hours: float
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """Everything of one brand."""

    campaigns: list[dict[str, Any]]
    past: list[Piece]
    ahead: list[Piece]
    voices: dict[str, list[str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    quotes: Mapping[str, list[str]] = field(default_factory=dict)
    private: tuple[Whisper, ...] = ()

    @property
    def networks(self) -> tuple[str, ...]:
        """Where the brand is, in the order of the letters."""
        used = {network for piece in (*self.past, *self.ahead) for network in piece.networks}
        return tuple(network for network in _NETWORKS.values() if network in used)


@cache
def script(brand: str) -> Script:
    found = _read(brand)
    campaigns = [{**c, "objective": typeset(c["objective"])} for c in found["campaigns"]]
    posts, tags = found["posts"], found["hashtags"]
    past, ahead = ([_piece(item, tags) for item in items] for items in (posts["past"] + posts["more"], posts["ahead"]))
    answers = {typeset(said, of): typeset(ours, of) for said, ours in found["answers"].items() for of in ("fr", "en")}
    quotes = {_NETWORKS[letter]: [typeset(text) for text in texts] for letter, texts in found.get("quotes", {}).items()}
    private = [
        Whisper(_NETWORKS[letter], author, hours, typeset(text))
        for letter, messages in found["private"].items()
        for author, hours, text in messages
    ]
    return Script(campaigns, past, ahead, _voices(found["voices"]), answers, quotes, tuple(private))


@cache
def crowd() -> dict[str, list[str]]:
    """What anybody says (comments, comments_en), and names (authors, authors_en)."""
    return _voices(_read("crowd"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def subtitles_of(brand: str, film: str) -> dict[str, bytes]:
    """What is said in a film, by language: `<brand>.<film>.<language>.srt`."""
    found = {path.suffixes[-2].removeprefix("."): path for path in _FOLDER.glob(f"{brand}.{film}.*.srt")}
    return {language: typeset(path.read_text("utf-8"), language).encode() for language, path in found.items()}


def _voices(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        name: [typeset(text, "en" if name.endswith("_en") else "fr") for text in texts] for name, texts in lists.items()
    }


def _set(value: Any, language: str) -> Any:
    return [typeset(one, language) for one in value] if isinstance(value, list) else typeset(value, language)


def _piece(item: dict[str, Any], tags: Mapping[str, str]) -> Piece:
    language, text = item.get("l", "fr"), typeset(item["t"], item.get("l", "fr"))
    own = {_NETWORKS[letter]: f"{text}\n\n{words}" for letter, words in tags.items() if language == "fr"}
    own |= {_NETWORKS[letter]: typeset(words, language) for letter, words in item.get("a", {}).items()}
    options = {
        _NETWORKS[letter]: {name: _set(value, language) for name, value in settings.items()}
        for letter, settings in item.get("o", {}).items()
    }
    return Piece(
        text=text,
        language=language,
        image=item.get("i", ""),
        campaign=item.get("c", ""),
        networks=tuple(_NETWORKS[letter] for letter in item.get("on", _USUALLY)),
        day=item.get("day"),
        kind=item.get("k", ""),
        state=item.get("state", "published"),
        note=typeset(item.get("note", ""), language),
        minutes=item.get("minutes", 0),
        film=item.get("v", ""),
        document=item.get("d", ""),
        first_comment=typeset(item.get("f", ""), language),
        parts=tuple(typeset(part, language) for part in item.get("p", ())),
        own=own,
        options=options,
    )
