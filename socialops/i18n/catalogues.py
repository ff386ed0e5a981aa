"""What the code says, against what the catalogues translate.

Source strings are English; `locale/<area>/fr/LC_MESSAGES/django.po` holds the French of one area. English needs no catalogue of its own: the
source is the English, and plural forms are the source's.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

_KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_BREAKS = re.compile(r" [;:?»]| !(?!\[)|« ")  # French puts no-break spaces there
_LITERAL = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")
_CALL = re.compile(
    rf"(?<!\w)(?P<name>_|gettext|ngettext|pgettext|npgettext)\(u?(?P<arguments>(?:{_LITERAL.pattern})(?:, ?u?(?:{_LITERAL.pattern}))*)"
)
_PACKAGES = ("socialops", "teams", "calendar/editorial", "calendar/publishing", "reputation", "kpis")


@dataclass(frozen=True, slots=True)
class Message:
    """One source string; `plural` is "" for a singular-only one."""

    text: str
    plural: str
    context: str
    where: str


def source_messages(root: Path) -> Iterator[Message]:
    """Every translatable string of our Python code and templates."""
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts and "node_modules" not in path.parts:
                yield from _extract(path.read_bytes(), str(path.relative_to(root)))
    templates = [*(root / "templates").rglob("*.html"), *(root / "templates").rglob("*.txt")]
    for path in sorted(templates):
        yield from _from_template(templatize(path.read_text(), origin=str(path)), str(path.relative_to(root)))


def _extract(code: bytes, where: str) -> Iterator[Message]:
    for line, found, _comments, context in extract("python", io.BytesIO(code), keywords=_KEYWORDS):
        text, plural = found if isinstance(found, tuple) else (found, "")
        if text:
            yield Message(text, plural, context or "", f"{where}:{line}")


def _from_template(code: str, where: str) -> Iterator[Message]:
    """Templatize gives calls between junk that no tokenizer reads: only the calls and their leading literals are looked at."""
    for call in _CALL.finditer(code):
        texts = [ast.literal_eval(literal) for literal in _LITERAL.findall(call["arguments"])]
        context = texts.pop(0) if "p" in call["name"].removesuffix("gettext") else ""
        if texts and texts[0]:
            plural = texts[1] if call["name"].startswith("n") and len(texts) > 1 else ""
            yield Message(texts[0], plural, context, f"{where}:{code.count(chr(10), 0, call.start()) + 1}")


def catalogue_paths(language: str) -> list[Path]:
    """The .po files of one language, an area each."""
    return [
        path / language / "LC_MESSAGES" / "django.po" for path in settings.LOCALE_PATHS if (path / language).is_dir()
    ]


def problems(root: Path, language: str = "fr") -> list[str]:
    """Missing, doubtful or left-over translations, a sentence each; empty when the language is complete."""
    sources = list(source_messages(root))
    said = {(source.context, source.text) for source in sources}
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    found: list[str] = []
    for path in catalogue_paths(language):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        for message in catalogue:
            if not message.id:
                continue
            text = message.id[0] if isinstance(message.id, tuple | list) else message.id
            strings = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)
            known[message.context or "", text] = strings
            area = path.parent.parent.parent.name
            if (message.context or "", text) not in said:
                found.append(f"{area}: “{text}” is translated, and no source says it")
            wanted = set(
                _PLACEHOLDER.findall(" ".join(message.id) if isinstance(message.id, tuple | list) else message.id)
            )
            if all(strings) and not message.fuzzy and any(set(_PLACEHOLDER.findall(s)) - wanted for s in strings):
                found.append(f"{area}: “{text}” is translated with a placeholder it does not have")
            if language == "fr" and any(map(_BREAKS.search, strings)):
                found.append(
                    f"{area}: “{text}” is translated with a space at which a line may break before or after its punctuation"
                )
    for source in sources:
        strings = known.get((source.context, source.text), ())
        if not strings or not all(strings):
            found.append(f"{source.where}: “{source.text}” has no {language} translation")
    return sorted(set(found))


def compile_all() -> int:
    """Write a .mo beside each .po that is newer. Gives how many were written."""
    written = 0
    for area in settings.LOCALE_PATHS:
        for po in area.glob("*/LC_MESSAGES/django.po"):
            mo = po.with_suffix(".mo")
            if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
                continue
            with po.open("rb") as file:
                catalogue: Catalog = read_po(file, locale=po.parent.parent.name)
            buffer = io.BytesIO()
            write_mo(buffer, catalogue)
            mo.write_bytes(buffer.getvalue())
            written += 1
    return written
