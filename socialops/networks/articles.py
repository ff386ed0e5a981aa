"""Articles: what a content of the format `Format.ARTICLE` says. Its text is Markdown, its title an option; of its pictures the first is the cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from socialops.networks.markdown import Block, BlockKind, blocks_of
from socialops.networks.ports.content import Content, Format
from socialops.networks.text import with_link


@dataclass(frozen=True, slots=True)
class Article:
    """`blocks` with every picture in its place; `pictures`: how many files there are, the cover the first of them."""

    title: str
    blocks: tuple[Block, ...]
    pictures: int

    @property
    def text(self) -> str:
        """Its words alone, code and tables left out, one block a line."""
        return "\n".join(block.text for block in self.blocks if block.kind != BlockKind.CODE and block.text)

    @property
    def source(self) -> str:
        """Its code and tables in Markdown."""
        return "\n".join(block.source for block in self.blocks if block.kind in (BlockKind.CODE, BlockKind.TABLE))

    @property
    def unknown_pictures(self) -> tuple[int, ...]:
        """Numbers in the text that no file has."""
        return tuple(block.picture for block in self.blocks if block.picture > self.pictures)

    @property
    def groups(self) -> Iterator[tuple[BlockKind, list[Block]]]:
        """Neighbours of one kind together: the items of a list, the paragraphs of a quote."""
        for kind, blocks in groupby(self.blocks, key=lambda block: block.kind):
            yield kind, list(blocks)


def article_of(content: Content) -> Article | None:
    """None for what is no article. The link stands under the text; pictures that the text does not place follow it, in order."""
    if content.options.get("format") != Format.ARTICLE:
        return None
    blocks = blocks_of(with_link(content.text, content.link))
    placed = {block.picture for block in blocks}
    rest = (number for number in range(2, len(content.media) + 1) if number not in placed)
    return Article(
        title=str(content.options.get("title") or "").strip(),
        blocks=(*blocks, *(Block(BlockKind.PICTURE, picture=number) for number in rest)),
        pictures=len(content.media),
    )
