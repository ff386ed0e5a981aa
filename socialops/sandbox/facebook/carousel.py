"""`child_attachments` of a feed post: cards side by side, each a link with a picture that Facebook fetches."""

from __future__ import annotations

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

from socialops.sandbox.graph.call import Call, GraphError
from socialops.sandbox.graph.uploads import fetch
from socialops.sandbox.images import sniff
from socialops.sandbox.models import FACEBOOK, Account, Media, Post

FEWEST: Final = 2
MOST: Final = 5
MOST_OPTIMIZED: Final = 10  # five of them are shown
KNOWN: Final = frozenset({"link", "name", "description", "picture", "image_hash"})
TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")


def _refused(message: str) -> GraphError:
    return GraphError(100, f"(#100) {message}")


def _asked(call: Call) -> list[dict[str, Any]]:
    """As a JSON list or JSON text; [] where there is none."""
    value = call.params.get("child_attachments")
    if value is None:
        return []
    try:
        items = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError as error:
        raise _refused("param child_attachments must be an array.") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _refused("param child_attachments must be an array.")
    return items


def _check(child: dict[str, Any], number: int) -> None:
    where = f"child_attachments[{number}]"
    if unknown := sorted(set(child) - KNOWN):
        raise _refused(f'Invalid keys "{unknown[0]}" were found in param "{where}".')
    link = str(child.get("link") or "")
    if urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).netloc:
        raise GraphError(100, "(#100) link URL is not properly formatted", subcode=1_609_005)
    if not child.get("picture"):
        # An image_hash comes from an advertising account; this sandbox has none.
        raise _refused(f"{where}: either picture or image_hash must be specified.")


async def read_cards(call: Call, page: Account) -> list[dict[str, str]]:
    """The cards of a post to be, their pictures fetched: `media` is the id of each. [] where the post is none of this kind."""
    children = _asked(call)
    if not children:
        return []
    most = MOST_OPTIMIZED if call.params.flag("multi_share_optimized", default=True) else MOST
    if not FEWEST <= len(children) <= most:
        raise _refused(f"param child_attachments must have {FEWEST} to {most} elements.")
    if not call.params.text("link"):
        raise _refused("The parameter link is required with child_attachments.")
    for number, child in enumerate(children):
        _check(child, number)
    pictures = [await _picture(call, page, str(child["picture"])) for child in children]
    return [
        {
            "link": str(child["link"]),
            "name": str(child.get("name") or urlsplit(str(child["link"])).hostname),
            "description": str(child.get("description") or ""),
            "media": picture.id,
        }
        for child, picture in zip(children, pictures, strict=True)
    ]


async def _picture(call: Call, page: Account, url: str) -> Media:
    content = await fetch(url)
    kind = sniff(content)
    if kind.mime not in TYPES:
        raise GraphError(100, "(#100) picture URL is not properly formatted")
    world = call.world
    media = Media(world.next_id(), FACEBOOK, page.id, kind.mime, len(content), time.time())
    media.width, media.height = kind.width, kind.height
    world.disk.put_bytes(media.id, content)
    return world.media.put(media)


def children_of(call: Call, post: Post) -> list[dict[str, Any]] | None:
    """The field `child_attachments` of a post."""
    cards = post.facts.get("cards")
    if not cards:
        return None
    return [
        {
            "id": card["media"],
            "link": card["link"],
            "name": card["name"],
            "description": card["description"],
            "picture": f"{call.base}/media/{card['media']}",
            "call_to_action": {"type": "NO_BUTTON", "value": {"link": card["link"], "link_title": card["name"]}},
        }
        for card in cards
    ]


def shared(call: Call, post: Post, url: str) -> dict[str, Any]:
    """Its one entry among `attachments`."""
    items = [
        {
            "media_type": "link",
            "type": "share",
            "title": card["name"],
            "description": card["description"],
            "url": card["link"],
            "unshimmed_url": card["link"],
            "target": {"url": card["link"]},
            "media": {"image": {"src": f"{call.base}/media/{card['media']}"}},
        }
        for card in post.facts["cards"]
    ]
    return {"media_type": "album", "type": "multi_share", "url": url, "subattachments": {"data": items}}
