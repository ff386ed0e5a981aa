"""What Threads refuses beside the rules that every network has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from socialops.networks.countries import check_countries
from socialops.networks.data import network_data
from socialops.networks.errors import Code
from socialops.networks.marks import SPOILERS, pieces
from socialops.networks.ports import Content, Format, Problem
from socialops.networks.text import find_urls
from socialops.networks.threads.answers import NETWORK
from socialops.networks.threads.body import gif_id, place_id, post_text, seen_text


def seen(content: Content) -> Content:
    """Its texts as readers see them once they have asked for all of them."""
    return replace(
        content,
        text=seen_text(content.text),
        parts=tuple(seen_text(part) for part in content.parts),
        first_comment=seen_text(content.first_comment),
    )


def own_rules(content: Content, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """Links of the card count with those of the text; a topic has two forbidden characters; a video shows its own first picture."""
    most_links = limits["text"]["max_links"]
    links = {span.value for span in find_urls(seen_text(post_text(content)))}
    if len(links) <= most_links < len(links | {content.link} - {""}):
        yield Problem(Code.TOO_MANY_LINKS, "link", {"count": most_links + 1, "limit": most_links})
    topic = content.options.get("topic_tag")
    refused = network_data(NETWORK)["topic"]["refused"]
    if isinstance(topic, str) and (found := next((c for c in topic if c in refused), "")):
        yield Problem(Code.CHARACTER_REFUSED, "options", {"option": "topic_tag", "character": found})
    if content.cover is not None:
        yield Problem(Code.NOT_SUPPORTED, "cover")
    yield from _gif_rules(content)
    yield from _account_rules(content, limits.get("account", {}))
    yield from _spoiler_rules(content, limits["spoilers"]["max"])
    if content.options.get("format") == Format.GHOST:
        yield from (Problem(Code.NOT_SUPPORTED, name) for name in ("parts", "first_comment") if getattr(content, name))


def _gif_rules(content: Content) -> Iterator[Problem]:
    gif = content.options.get("gif")
    if not gif:
        return
    if not isinstance(gif, str) or not gif_id(gif):
        yield Problem(Code.OPTION_INVALID, "options", {"option": "gif", "allowed": ""})
    if content.media:
        yield Problem(Code.OPTION_WITHOUT_FILES, "options", {"option": "gif"})


def _account_rules(content: Content, account: Mapping[str, Any]) -> Iterator[Problem]:
    """`account`: what `fetch_account` gave; {} while nobody asked, then the network says it itself."""
    if option := needs_permission(content, account.get("withheld", ())):
        yield Problem(Code.OPTION_NOT_GRANTED, "options", {"option": option})
    yield from check_countries(content)
    if content.options.get("location") and not place_id(content).isdecimal():
        yield Problem(Code.OPTION_INVALID, "options", {"option": "location", "allowed": "", "searched": True})


def needs_permission(content: Content, among: Collection[str] | None = None) -> str:
    """The first setting that takes a permission of its own (one of `among`, any where it is None); "" for none."""
    scopes = network_data(NETWORK)["option_scopes"]
    return next(
        (name for name, scope in scopes.items() if content.options.get(name) and (among is None or scope in among)), ""
    )


def _spoiler_rules(content: Content, most: int) -> Iterator[Problem]:
    parts = [("parts", part, {"part": number}) for number, part in enumerate(content.parts, start=1)]
    for name, text, detail in (("text", content.text, {}), *parts, ("first_comment", content.first_comment, {})):
        count = sum(bool(piece.styles) for piece in pieces(text, SPOILERS))
        if count > most:
            yield Problem(Code.TOO_MANY_SPOILERS, name, {"count": count, "limit": most, **detail})
