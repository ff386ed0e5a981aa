"""A carousel of links on a Page: pictures side by side, each with its own address. Facebook fetches the pictures; there is nothing to upload, and the one call makes everything."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from socialops.networks.cards import cards_of
from socialops.networks.data import network_data
from socialops.networks.facebook.answers import NETWORK
from socialops.networks.ports import Content, Handles, SaveHandles

FIELD = "child_attachments{link}"  # "Sub-shares of a multi-link share post", of Page Post


def host(content: Content, handles: Handles, save: SaveHandles) -> Handles:
    """`handles["pictures"]` maps the file's key to its address, used again only while it certainly lives."""
    if time.time() - handles.get("hosted_at", 0) > network_data(NETWORK)["hosting"]["seconds"]:
        handles = {"hosted_at": int(time.time()), "pictures": {}}
    for media in content.media:
        if media.key not in handles["pictures"]:
            handles["pictures"][media.key] = media.public_url()
            save(handles)
    return handles


def fields(content: Content, handles: Handles) -> dict[str, Any]:
    """What `/feed` takes beside the message. The publication's own link stands on a last card; without one there is none. `multi_share_optimized`, true unless said, would let
    advertisements change the order.
    """
    cards = cards_of(content)
    children = [
        {
            "link": card.link,
            "picture": handles["pictures"][card.media.key],
            **({"name": card.title} if card.title else {}),
            **({"description": card.description} if card.description else {}),
        }
        for card in cards
    ]
    return {
        "link": content.link or cards[0].link,
        "child_attachments": children,
        "multi_share_end_card": bool(content.link),
        "multi_share_optimized": False,
    }


def is_ours(content: Content, post: Mapping[str, Any]) -> bool:
    """Whether the cards of a post lead where ours do, in that order; a last card may follow."""
    wanted = [_bare(card.link) for card in cards_of(content)]
    found = [_bare(str(child.get("link") or "")) for child in post.get("child_attachments") or ()]
    return found[: len(wanted)] == wanted


def _bare(link: str) -> str:
    """As it is compared: networks add a slash, and write hosts in lower case."""
    parts = urlsplit(link)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"
