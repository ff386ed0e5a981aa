"""Quoting: the post that stands under ours, as the option `quote` names it by its address. What an address must look like, and how the post behind it is found, each network knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports.content import Content, Format
from socialops.networks.ports.quota import Problem

OPTION = "quote"


def quote_of(content: Content) -> str:
    """The address of the post it quotes, "" for none. Only a plain post quotes: a poll takes its place."""
    plain = (content.options.get("format") or Format.POST) == Format.POST
    return str(content.options.get(OPTION) or "").strip() if plain else ""


def check_quote(
    network: str, content: Content, *, read: Callable[[str], object], limits: Mapping[str, Any]
) -> Iterator[Problem]:
    """`read` gives what the address names, None for what is no post's address there. `limits`: `quote.files`, whether files may stand beside it."""
    address = quote_of(content)
    if not address:
        return
    if read(address) is None:
        example = network_data(network)["quote"]["example"]
        yield Problem(Code.QUOTE_ADDRESS, "options", {"option": OPTION, "example": example})
    if content.media and not limits["quote"]["files"]:
        yield Problem(Code.QUOTE_ALONE, "media", {"option": OPTION})


def refused(code: Code, address: str, **more: Any) -> ValidationError:
    """The post to quote is not there, or may not be quoted. `more`: `raw`."""
    return ValidationError(code, detail={"field": "options", "option": OPTION, "address": address}, **more)
