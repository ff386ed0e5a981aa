"""Marks that people write around words, where a network hides or stresses words and takes that apart from the text: ``||hidden||``, ``**bold**``.

A mark stands directly at its words: ``a || b`` marks nothing. What is not closed stays as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

# Each style is the named group of what it holds. How much stands between two marks is limited, so that a text of opening marks alone takes no time.
SPOILERS = regex.compile(r"\|\|(?=\S)(?P<spoiler>(?s:.{1,500}?))(?<=\S)\|\|")
STYLES = regex.compile(
    r"\*\*(?=\S)(?P<bold>.{1,1000}?\*?)(?<=\S)\*\*(?!\*)"
    r"|(?<![\w*])\*(?=[^\s*])(?P<italic>.{1,1000}?)(?<=[^\s*])\*(?![\w*])"
    r"|(?<![\w_])__(?=[^\s_])(?P<underline>.{1,1000}?)(?<=[^\s_])__(?![\w_])"
    r"|~~(?=[^\s~])(?P<strikethrough>.{1,1000}?)(?<=[^\s~])~~"
    r"|==(?=[^\s=])(?P<highlight>.{1,1000}?)(?<=[^\s=])=="
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words without their marks; `styles` are names of the pattern's groups, () for plain words."""

    text: str
    styles: tuple[str, ...] = ()


def pieces(text: str, marks: regex.Pattern[str], styles: tuple[str, ...] = ()) -> list[Piece]:
    """The text cut where its styles change; joined, it is what people read. `styles`: those of all of it."""
    found: list[Piece] = []
    end = 0
    for match in marks.finditer(text):
        if match.start() > end:
            found.append(Piece(text[end : match.start()], styles))
        style = str(match.lastgroup)
        found += pieces(match[style], marks, (*styles, style))
        end = match.end()
    if end < len(text):
        found.append(Piece(text[end:], styles))
    return found


def unmarked(text: str, marks: regex.Pattern[str]) -> str:
    """What people read of it."""
    return "".join(piece.text for piece in pieces(text, marks))
