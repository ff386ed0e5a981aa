"""Text written in Markdown, as a plain list of blocks: CommonMark with tables and strikethrough. HTML in it is text like any other.

Nothing of it is nested: a list in a list goes on as one list, a paragraph in a quote is a quote. Networks that publish articles know no more.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

DEEPEST = 3  # headings below it are shown as it
WEB = ("http://", "https://")


class BlockKind(enum.StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    BULLET = "bullet"
    NUMBER = "number"
    RULE = "rule"
    CODE = "code"
    TABLE = "table"
    PICTURE = "picture"


class Style(enum.StrEnum):
    """How words are set."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKETHROUGH = "strikethrough"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are set alike; `url` where they are a link (http or https)."""

    text: str
    styles: frozenset[Style] = frozenset()
    url: str = ""

    @property
    def bold(self) -> bool:
        return Style.BOLD in self.styles

    @property
    def italic(self) -> bool:
        return Style.ITALIC in self.styles

    @property
    def struck(self) -> bool:
        return Style.STRIKETHROUGH in self.styles


@dataclass(frozen=True, slots=True)
class Block:
    """`level` of a heading, 1 to 3; `picture`: the number of the picture to show here, from 1; `rows` of a table, its head first; `language` of code, "" unknown."""

    kind: BlockKind
    pieces: tuple[Piece, ...] = ()
    level: int = 0
    picture: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    language: str = ""

    @property
    def text(self) -> str:
        """Its words alone, a line break as it is."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def source(self) -> str:
        """Code and tables in Markdown again, for networks that take them so."""
        if self.kind == BlockKind.CODE:
            fence = "```"
            while fence in self.text:
                fence += "`"
            return f"{fence}{self.language}\n{self.text.rstrip()}\n{fence}"
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in self.rows]
        return "\n".join([*lines[:1], "|" + " --- |" * len(self.rows[0]), *lines[1:]]) if lines else ""


@cache
def _parse() -> Callable[[str], list[Any]]:
    """The parser is only loaded where somebody writes an article."""
    parser = import_module("markdown_it").MarkdownIt("commonmark", {"html": False})
    parser.enable(["table", "strikethrough"])
    parser.disable(
        ["code", "lheading"]
    )  # indented lines are text, and a line of dashes is a rule whatever stands above it
    parse: Callable[[str], list[Any]] = parser.parse
    return parse


@lru_cache(maxsize=8)
def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text, in order."""
    return tuple(_Reader().read(_parse()(text)))


CONTAINERS = {
    "bullet_list": BlockKind.BULLET,
    "ordered_list": BlockKind.NUMBER,
    "blockquote": BlockKind.QUOTE,
    "table": BlockKind.TABLE,
    "heading": BlockKind.HEADING,
}


class _Reader:
    """Walks through the parser's tokens. `inside`: what is around, the innermost last; `item`: words of the list item that is open; `rows` of the table."""

    def __init__(self) -> None:
        self.inside: list[BlockKind] = []
        self.item: list[Piece] = []
        self.rows: list[list[str]] = []
        self.level = 0

    def read(self, tokens: Sequence[Any]) -> Iterator[Block]:
        for token in tokens:
            name, _, end = token.type.rpartition("_")
            if token.type == "tr_open":
                self.rows.append([])
            elif token.type == "inline":
                yield from self._words(token)
            elif name in CONTAINERS and end == "open":
                yield from self._item()
                self.inside.append(CONTAINERS[name])
                self.level = min(int(token.tag[1]), DEEPEST) if name == "heading" else 0
            else:
                yield from self._end(token, name, end)

    def _end(self, token: Any, name: str, end: str) -> Iterator[Block]:
        """What ends something, or stands alone."""
        if token.type in ("list_item_close", "fence", "hr"):
            yield from self._item()
        if token.type == "fence":
            language = token.info.strip().partition(" ")[0]
            yield Block(BlockKind.CODE, (Piece(token.content.rstrip("\n")),), language=language)
        elif token.type == "hr":
            yield Block(BlockKind.RULE)
        elif name in CONTAINERS and end == "close" and self.inside.pop() == BlockKind.TABLE:
            yield Block(BlockKind.TABLE, rows=tuple(map(tuple, self.rows)))
            self.rows = []

    def _item(self) -> Iterator[Block]:
        """The list item that is open, as far as it is read."""
        if self.item:
            yield Block(self.inside[-1], tuple(self.item))
            self.item = []

    def _words(self, token: Any) -> Iterator[Block]:
        kind = self.inside[-1] if self.inside else BlockKind.PARAGRAPH
        if kind == BlockKind.TABLE:
            self.rows[-1].append(token.content)
        elif kind in (BlockKind.BULLET, BlockKind.NUMBER):
            self.item += ([Piece("\n")] if self.item else []) + list(_pieces(token.children))
        elif kind == BlockKind.PARAGRAPH and (picture := _picture(token.children)):
            yield Block(BlockKind.PICTURE, picture=picture)
        elif token.children:
            yield Block(kind, tuple(_pieces(token.children)), self.level if kind == BlockKind.HEADING else 0)


def _picture(children: Sequence[Any]) -> int:
    """The number in a paragraph that is just `![](2)`, 0 in any other."""
    if len(children) != 1 or children[0].type != "image":
        return 0
    source = str(children[0].attrs.get("src") or "")
    return int(source) if source.isascii() and source.isdecimal() and len(source) < 4 else 0


def _pieces(children: Sequence[Any]) -> Iterator[Piece]:
    styles: list[Style] = []
    names = {"strong": Style.BOLD, "em": Style.ITALIC, "s": Style.STRIKETHROUGH}
    url = other = before = name = ""
    for token in children:
        before = name
        name, _, end = token.type.rpartition("_")
        if name in names:
            styles.append(names[name]) if end == "open" else styles.remove(names[name])
        elif token.type == "link_open":
            address = str(token.attrs.get("href") or "")
            url, other = (address, "") if address.lower().startswith(WEB) else ("", address)
        elif token.type == "link_close":
            if other:  # no link anywhere, and not lost either
                yield Piece(f" ({other})", frozenset(styles))
            elif before == "link":  # without words of its own
                yield Piece(url, frozenset(styles), url)
            url = other = ""
        elif token.type == "image":
            address = str(token.attrs.get("src") or "")
            linked = address.lower().startswith(WEB)
            shown = token.content or address if linked else f"![{token.content}]({address})"
            yield Piece(shown, frozenset(styles), address if linked else url)
        elif text := "\n" if token.type in ("softbreak", "hardbreak") else token.content:
            yield Piece(text, frozenset(styles), url)
