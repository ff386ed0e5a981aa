"""Settings that only one network has, as data: `[[options]]` in its limits.toml; and whether a content fills them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code
from socialops.networks.ports.content import Content, Format, MediaKind, Option, OptionKind
from socialops.networks.ports.quota import Problem

OF_EVERY_NETWORK = frozenset({"format", "link_title", "link_description"})  # how it is shown; what a card says
OFFERED = (OptionKind.CHOICES, OptionKind.OWN)  # ticked, as many as one likes
SEVERAL = (OptionKind.TEXTS, OptionKind.TRANSLATIONS, *OFFERED)


@cache
def options_of(network: str) -> tuple[Option, ...]:
    """The network's options, as its data file lists them."""
    return tuple(_option(entry) for entry in network_data(network).get("options", ()))


def _option(entry: Mapping[str, Any]) -> Option:
    return Option(
        name=entry["name"],
        kind=OptionKind(entry["kind"]),
        choices=tuple(entry.get("choices", ())),
        default=entry.get("default"),
        required=entry.get("required", False),
        limit=entry.get("limit", 0),
        least=entry.get("least", 0),
        most=entry.get("most", 0),
        each=entry.get("each", 0),
        per_file=entry.get("per_file", False),
        formats=tuple(Format(name) for name in entry.get("formats", ())),
        needs=tuple(MediaKind(name) for name in entry.get("needs", ())),
        aside=entry.get("aside", False),
    )


def headline_of(network: str, options: Mapping[str, Any]) -> str:
    """The title that stands above a publication where its network asks for one (an article's, a video's on YouTube); "" elsewhere, and while there is none."""
    form = options.get("format") or Format.POST
    asked = (option for option in options_of(network) if option.name == "title" and option.required)
    return str(options.get("title") or "") if any(not o.formats or form in o.formats for o in asked) else ""


def applies(option: Option, content: Content) -> bool:
    """Whether the option has a meaning for this content."""
    return fits(option, content.format, {media.kind for media in content.media})


def fits(option: Option, form: str, kinds: AbstractSet[str]) -> bool:
    """The same, told from the format and the kinds of files alone."""
    return (not option.formats or form in option.formats) and (not option.needs or not kinds.isdisjoint(option.needs))


def filled_lines(texts: Sequence[str], *, per_file: bool) -> list[str]:
    """What is said of texts given line by line: without the empty ones, or, where each belongs to a file, without those after the last that says something."""
    lines = [text.replace("\x00", "").strip() for text in texts]
    if not per_file:
        return [line for line in lines if line]
    return lines[: max((place for place, line in enumerate(lines, start=1) if line), default=0)]


def check_options(content: Content, options: Sequence[Option]) -> Iterator[Problem]:
    """What is missing or not allowed; `detail` names the option, and for a choice what there is. Unknown names are a problem too: nothing is dropped in silence."""
    known = {option.name: option for option in options}
    for name in sorted(set(content.options) - set(known) - OF_EVERY_NETWORK):
        yield Problem(Code.OPTION_INVALID, "options", {"option": name, "allowed": ", ".join(known)})
    for option in options:
        value = content.options.get(option.name, option.default)
        if not applies(option, content):
            continue
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            if option.required and option.most:
                yield from _wrong_lines(option, (), files=len(content.media))
            elif option.required:
                yield Problem(Code.OPTION_MISSING, "options", {"option": option.name})
        elif problem := _wrong(option, value):
            yield problem
        elif option.most:
            yield from _wrong_lines(option, value, files=len(content.media))


def _wrong(option: Option, value: Any) -> Problem | None:
    """The account's own things need not be among those known: one that is gone by now is told by the network, and costs no publication."""
    allowed: tuple[type, ...] = {
        OptionKind.FLAG: (bool,),
        OptionKind.NUMBER: (int,),
        **dict.fromkeys(SEVERAL, (list, tuple)),
    }.get(option.kind, (str,))
    right_type = isinstance(value, allowed) and not (option.kind == OptionKind.NUMBER and isinstance(value, bool))
    if option.kind in SEVERAL and right_type:
        right_type = all(isinstance(text, str) for text in value)
    if option.kind == OptionKind.CHOICES and right_type:
        right_type = all(text in option.choices for text in value)
    if not right_type or (option.kind == OptionKind.CHOICE and value not in option.choices):
        return Problem(Code.OPTION_INVALID, "options", {"option": option.name, "allowed": ", ".join(option.choices)})
    size = value if option.kind == OptionKind.NUMBER else len(value) if option.kind == OptionKind.TEXT else 0
    size = sum(map(len, value)) if option.kind in SEVERAL else size
    if option.limit and (size > option.limit or size < 0):
        return Problem(Code.OPTION_TOO_LONG, "options", {"option": option.name, "length": size, "limit": option.limit})
    return None


def _wrong_lines(option: Option, texts: Sequence[str], *, files: int) -> Iterator[Problem]:
    """Too few or too many of them, one that is too long, one that is there twice."""
    least, most = (0, min(option.most, files)) if option.per_file else (option.least, option.most)
    if not least <= len(texts) <= most:
        detail = {"option": option.name, "count": len(texts), "smallest": least, "largest": most}
        yield Problem(Code.OPTION_COUNT, "options", detail)
    for text in texts:
        if option.each and len(text) > option.each:
            detail = {"option": option.name, "text": text, "length": len(text), "limit": option.each}
            yield Problem(Code.OPTION_TOO_LONG, "options", detail)
    if not option.per_file and (twice := next((text for text in texts if texts.count(text) > 1), "")):
        yield Problem(Code.OPTION_REPEATED, "options", {"option": option.name, "text": twice})
