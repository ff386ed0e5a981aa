"""A title and a text in other languages, as one setting: for each language a text whose first line is its BCP 47 tag, the second the title, and the rest the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from socialops.networks.errors import Code
from socialops.networks.ports.content import Content
from socialops.networks.ports.quota import Problem
from socialops.networks.text import count_text, with_link

OPTION = "translations"
UNDETERMINED = "und"  # BCP 47's tag for a language that nobody named
TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Translation:
    """`language` is UNDETERMINED, `title` and `text` are "" where nothing is filled in."""

    language: str
    title: str = ""
    text: str = ""

    @property
    def written(self) -> str:
        """As the setting holds it; `read_translations` is the way back."""
        return "\n".join((self.language or UNDETERMINED, " ".join(self.title.split()), self.text)).strip()


def read_translations(value: object) -> tuple[Translation, ...]:
    """What a value of the setting says; () for one that is no list of texts."""
    texts = value if isinstance(value, list | tuple) else ()
    return tuple(_read(text) for text in texts if isinstance(text, str) and text.strip())


def _read(text: str) -> Translation:
    language, _, rest = text.replace("\r\n", "\n").strip().partition("\n")
    title, _, said = rest.partition("\n")
    return Translation(language.strip(), title.strip(), said.strip())


def translations_of(content: Content) -> tuple[Translation, ...]:
    return read_translations(content.options.get(OPTION))


def check_translations(
    content: Content, *, longest_title: int, text_rule: Mapping[str, Any], refused: Iterable[str]
) -> Iterator[Problem]:
    """Each in a language of its own, with a title; titles in characters, texts by the network's own rule, with the link where it has no other place."""
    found = translations_of(content)
    if found and not content.language:
        yield Problem(Code.LANGUAGE_MISSING, "language", {"option": OPTION})
    taken = {content.language.lower()}
    for one in found:
        detail = {"option": OPTION, "language": one.language}
        tag = one.language.lower()
        if tag == UNDETERMINED or tag in taken or not TAG.fullmatch(tag):
            yield Problem(Code.TRANSLATION_LANGUAGE, "options", detail)
        taken.add(tag)
        if not 0 < len(one.title) <= longest_title:
            yield Problem(
                Code.TRANSLATION_TITLE, "options", {**detail, "length": len(one.title), "limit": longest_title}
            )
        if (length := count_text(with_link(one.text, content.link), text_rule)) > text_rule["max"]:
            yield Problem(Code.TRANSLATION_TEXT, "options", {**detail, "length": length, "limit": text_rule["max"]})
        if character := next((c for c in one.title + one.text if c in refused), ""):
            yield Problem(Code.CHARACTER_REFUSED, "options", {"character": character, "option": OPTION})
