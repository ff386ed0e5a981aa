r"""Little text as LinkedIn reads it: up to the first reserved character that is neither escaped nor the start of an element. The rest is lost, with a 201.

What is kept is given back in LinkedIn's own form: hashtags as `{hashtag|\#|word}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import regex

RESERVED: Final = frozenset("|{}@[]()<>#\\*_~")
WORD: Final = regex.compile(r"(#)([\p{L}\p{M}\p{N}]+)")
TEMPLATE: Final = regex.compile(r"\{hashtag\|\\?([#＃])\|((?:\\.|[^\\|{}@\[\]()<>#*_~])+)\}")
MENTION: Final = regex.compile(
    r"@\[((?:\\.|[^\\|{}@\[\]()<>#*_~])+)\] ?\((urn:li:(?:person|organization|organizationBrand):[\w-]+)\)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind` is text, hashtag (with its sign) or mention; `urn` whom a mention names."""

    kind: str
    text: str
    urn: str = ""


def read(commentary: str) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while at < len(commentary):
        character = commentary[at]
        if character == "\\" and at + 1 < len(commentary):
            pieces.append(Piece("text", commentary[at + 1]))
            at += 2
        elif character not in RESERVED:
            pieces.append(Piece("text", character))
            at += 1
        elif match := MENTION.match(commentary, at):
            pieces.append(Piece("mention", _bare(match[1]), match[2]))
            at = match.end()
        elif match := (TEMPLATE.match(commentary, at) or WORD.match(commentary, at)):
            pieces.append(Piece("hashtag", match[1] + _bare(match[2])))
            at = match.end()
        else:
            break
    return pieces


def _bare(text: str) -> str:
    return regex.sub(r"\\(.)", r"\1", text, flags=regex.DOTALL)


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in RESERVED else character for character in text)


def write(pieces: list[Piece]) -> str:
    """As LinkedIn gives it back."""
    forms: dict[str, Callable[[Piece], str]] = {
        "text": lambda piece: _escaped(piece.text),
        "hashtag": lambda piece: f"{{hashtag|{_escaped(piece.text[0])}|{_escaped(piece.text[1:])}}}",
        "mention": lambda piece: f"@[{_escaped(piece.text)}]({piece.urn})",
    }
    return "".join(forms[piece.kind](piece) for piece in pieces)


def shown(pieces: list[Piece]) -> str:
    """As readers see it."""
    return "".join(piece.text for piece in pieces)


def from_people(text: str) -> str:
    """What somebody typed on LinkedIn itself, as little text: nothing is lost there."""
    return write([Piece("text", text)])
