"""Articles: what of one the API tells, and how people see it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any, Final

from socialops.sandbox.models import Media, Post
from socialops.sandbox.text import link_html
from socialops.sandbox.world import World

STYLES: Final = {"bold": "strong", "italic": "em", "strikethrough": "s"}
TAGS: Final = {
    "unstyled": "p",
    "header-one": "h3",
    "header-two": "h4",
    "header-three": "h5",
    "blockquote": "blockquote",
    "unordered-list-item": "li",
    "ordered-list-item": "li",
}
LISTS: Final = {"unordered-list-item": "ul", "ordered-list-item": "ol"}


def article_of(post: Post) -> dict[str, Any] | None:
    found: dict[str, Any] | None = post.facts.get("article")
    return found


def told(article: dict[str, Any]) -> dict[str, Any]:
    """What the public reads of it."""
    return {"title": article["title"], "text": plain_text(article), "pictures": pictures(article)}


def media_of(state: dict[str, Any], cover: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    if cover:
        yield cover
    for entity in state["entities"]:
        yield from entity["value"]["data"].get("media_items", ())


def plain_text(article: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in article["state"]["blocks"] if block["type"] != "atomic")


def pictures(article: dict[str, Any]) -> list[str]:
    """Ids of those in the text."""
    return [item["media_id"] for item in media_of(article["state"])]


def article_json(article: dict[str, Any]) -> dict[str, Any]:
    """The `article` of a post, as others' clients read it: X documents it as an object and no more."""
    body = {"title": article["title"], "plain_text": plain_text(article), "preview_text": plain_text(article)[:200]}
    return body | ({"cover_media": f"3_{article['cover']}"} if article["cover"] else {})


# ---------------------------------------------------------------- for people


def article_html(world: World, article: dict[str, Any]) -> str:
    """Title, cover and the formatted text."""
    entities = [entity["value"] for entity in article["state"]["entities"]]
    parts = [f"<h2>{escape(article['title'])}</h2>"]
    if article["cover"]:
        parts.insert(0, _figure(world.media.objects[article["cover"]]))
    for kind, blocks in groupby(article["state"]["blocks"], key=lambda block: str(block["type"])):
        shown = "".join(_block_html(world, block, entities) for block in blocks)
        parts.append(f"<{LISTS[kind]}>{shown}</{LISTS[kind]}>" if kind in LISTS else shown)
    return f'<div class="article">{"".join(parts)}</div>'


def _block_html(world: World, block: dict[str, Any], entities: list[dict[str, Any]]) -> str:
    if block["type"] != "atomic":
        tag = TAGS[block["type"]]
        return f"<{tag}>{_words_html(block, entities)}</{tag}>"
    entity = entities[block["entity_ranges"][0]["key"]]
    match entity["type"]:
        case "divider":
            return "<hr>"
        case "markdown":
            return f"<pre>{escape(entity['data']['markdown'])}</pre>"
        case "image":
            found = [world.media.get(item["media_id"]) for item in entity["data"]["media_items"]]
            return "".join(_figure(media) for media in found if media)
    return ""


def _words_html(block: dict[str, Any], entities: list[dict[str, Any]]) -> str:
    """The text cut where something begins or ends, so that nothing overlaps."""
    raw = block["text"].encode("utf-16-le", "surrogatepass")
    styles = [
        (r["offset"], r["offset"] + r["length"], STYLES[r["style"]]) for r in block.get("inline_style_ranges", ())
    ]
    links = [
        (r["offset"], r["offset"] + r["length"], entities[r["key"]]["data"].get("url", ""))
        for r in block.get("entity_ranges", ())
    ]
    links += [
        (span["from_index"], span["to_index"], span["text"] if "://" in span["text"] else f"https://{span['text']}")
        for span in block.get("data", {}).get("urls", ())
    ]
    cuts = sorted({0, len(raw) // 2, *(place for start, end, _ in [*styles, *links] for place in (start, end))})
    shown = ""
    for start, end in zip(cuts, cuts[1:], strict=False):
        words = raw[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
        url = next((url for first, last, url in links if first <= start and end <= last), "")
        piece = link_html(url, words) if url else escape(words)
        for first, last, tag in styles:
            if first <= start and end <= last:
                piece = f"<{tag}>{piece}</{tag}>"
        shown += piece
    return shown.replace("\n", "<br>")


def _figure(media: Media) -> str:
    size = f'width="{media.width}" height="{media.height}"'
    return f'<figure><img src="/media/{media.id}" alt="{escape(media.alt)}" {size} loading="lazy"></figure>'
