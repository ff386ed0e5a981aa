"""What a post says, as people read it in a line or two: without the marks that only its networks understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from editorial.rules import one_line
from socialops.networks.markdown import blocks_of
from socialops.networks.marks import SPOILERS
from socialops.networks.options import headline_of
from socialops.networks.ports import Format
from socialops.networks.registry import connector_for

Told = Sequence[
    Mapping[str, Any]
]  # of each channel its "network", and the "format" and "title" its options hold (None or absent without)
HIDDEN = "▒▒▒"  # stands for words that a network hides until a reader asks for them
OPENING = 4000  # characters of an article that are read for its first words


def heading(title: str, text: str, told: Told) -> str:
    """What it is called: its title, the one its only channel shows it under, or its words on one line."""
    headline = headline_of(told[0]["network"], told[0]) if len(told) == 1 else ""
    return one_line(title or headline or words_of(text, told))


def words_of(text: str, told: Told) -> str:
    """Hidden words stay hidden where one of the channels hides them. Of what is an article on all of them, the opening without its Markdown."""
    if told and all(channel.get("format") == Format.ARTICLE for channel in told):
        text = "\n".join(block.text for block in blocks_of(text[:OPENING]) if block.text)
    if any(connector_for(channel["network"]).supports_spoilers for channel in told):
        text = SPOILERS.sub(HIDDEN, text)
    return text
