"""Carousels of links: what a content of the format `Format.CAROUSEL` shows, as its files and options say it. Their limits are the options' own, in each network's data file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from socialops.networks.errors import Code
from socialops.networks.ports.content import Content, Format, Media
from socialops.networks.ports.quota import Problem


@dataclass(frozen=True, slots=True)
class Card:
    """One picture and where it leads. `link` is the publication's where the card has none of its own; `title` and `description` "" leave it to the network, which reads the page."""

    media: Media
    link: str
    title: str = ""
    description: str = ""

    @property
    def host(self) -> str:
        """What a reader sees of the address."""
        return (urlsplit(self.link).hostname or "").removeprefix("www.")


def cards_of(content: Content) -> tuple[Card, ...]:
    """A card for each file, in order; () for what is no carousel."""
    if content.options.get("format") != Format.CAROUSEL:
        return ()
    return tuple(
        Card(
            media=media,
            link=_line(content, "card_links", place) or content.link,
            title=_line(content, "card_titles", place),
            description=_line(content, "card_descriptions", place),
        )
        for place, media in enumerate(content.media)
    )


def _line(content: Content, name: str, place: int) -> str:
    lines = content.options.get(name)
    return str(lines[place]).strip() if isinstance(lines, list | tuple) and place < len(lines) else ""


def card_problems(content: Content) -> Iterator[Problem]:
    """Cards that lead nowhere, each by its number from 1, or to what is no web address."""
    for number, card in enumerate(cards_of(content), start=1):
        if not card.link:
            yield Problem(Code.OPTION_MISSING, "options", {"option": "card_links", "card": number})
        elif not (urlsplit(card.link).scheme in ("http", "https") and card.host) and card.link != content.link:
            yield Problem(Code.LINK_INVALID, "options", {"option": "card_links", "link": card.link})
