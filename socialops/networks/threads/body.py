"""What a container is made of: the text, what hangs on it, who may answer."""

from __future__ import annotations

import json
import re
from typing import Any

from socialops.networks.countries import countries_of
from socialops.networks.marks import SPOILERS, STYLES, pieces, unmarked
from socialops.networks.options import options_of
from socialops.networks.polls import poll_of
from socialops.networks.ports import Content, Format, Handles, Media, MediaKind
from socialops.networks.quotes import quote_of
from socialops.networks.text import count_utf16, with_link
from socialops.networks.threads.answers import NETWORK

POLL_OPTIONS = ("option_a", "option_b", "option_c", "option_d")
CARDS = (Format.POST, Format.LONG)
GIF = re.compile(
    r"(?:https?://(?:www\.)?giphy\.com/(?:gifs|stickers|embed)/(?:[^/?#]*-)?"
    r"|https?://(?:media\d*|i)\.giphy\.com/(?:media/)?(?:v1\.[^/?#]+/)?)?"
    r"([A-Za-z0-9]{6,40})(?:\.(?:gif|webp|mp4)|/[^?#\s]*)?(?:\?[^#\s]*)?"
)


def post_text(content: Content) -> str:
    """Only a text without a poll, a GIF or a quoted post carries a link's card; else the link is part of the words."""
    bare = not content.media and content.format in CARDS and not _gif(content) and not quote_of(content)
    return content.text if bare else with_link(content.text, content.link)


def seen_text(text: str) -> str:
    """Without the marks of what is hidden: as Threads counts and keeps it."""
    return unmarked(text, SPOILERS)


def words_of(text: str) -> dict[str, str]:
    """The form fields of a text. Offsets and lengths count UTF-16 units: Meta's page names none, people who published emoji found them so."""
    hidden, offset = [], 0
    cut = pieces(text, SPOILERS)
    for piece in cut:
        length = count_utf16(piece.text)
        if piece.styles:
            hidden.append({"entity_type": "SPOILER", "offset": offset, "length": length})
        offset += length
    said = "".join(piece.text for piece in cut)
    return ({"text": said} if said else {}) | ({"text_entities": json.dumps(hidden)} if hidden else {})


def gif_id(written: str) -> str:
    """Of a GIPHY address, or the id itself; "" where it is neither."""
    match = GIF.fullmatch(written.strip())
    return match[1] if match else ""


def _gif(content: Content) -> str:
    return gif_id(str(content.options.get("gif") or "")) if content.format == Format.POST else ""


def place_id(content: Content) -> str:
    """Of the option `location`: what stands before the first space. "" for none."""
    return str(content.options.get("location") or "").strip().partition(" ")[0]


def file_of(media: Media) -> dict[str, str]:
    kind = "IMAGE" if media.kind == MediaKind.IMAGE else "VIDEO"
    body = {"media_type": kind, f"{kind.lower()}_url": media.public_url()}
    return body | ({"alt_text": media.alt_text} if media.alt_text else {})


def body_of(content: Content, handles: Handles) -> dict[str, str]:
    """The form of the container that is published; `handles["children"]`: of a carousel, container by file; `handles["quoted"]`: the post it shows."""
    if len(content.media) > 1:
        children = ",".join(handles["children"][media.key] for media in content.media)
        body = {"media_type": "CAROUSEL", "children": children}
    elif content.media:
        body = file_of(content.media[0])
    else:
        body = {"media_type": "TEXT", **_attached(content)}
    if quote_of(content):
        body["quote_post_id"] = handles["quoted"]
    text = post_text(content)
    return body | words_of(text) | _settings(content)


def _attached(content: Content) -> dict[str, str]:
    """What hangs on a text: a poll, a GIF, a long text, the card of a link that isn't in the words."""
    if poll := poll_of(content, options_of(NETWORK)):
        return {"poll_attachment": json.dumps(dict(zip(POLL_OPTIONS, poll.choices, strict=False)))}
    if content.format == Format.GHOST:
        return {"is_ghost_post": "true"}
    if gif := _gif(content):
        return {"gif_attachment": json.dumps({"gif_id": gif, "provider": "GIPHY"})}
    attached = {"link_attachment": content.link} if content.link and not quote_of(content) else {}
    if content.format == Format.LONG:
        attached["text_attachment"] = json.dumps(_long_text(str(content.options.get("long_text") or "")))
    return attached


def _long_text(written: str) -> dict[str, Any]:
    """`plaintext`, and where it is styled; ranges of Meta's don't overlap, as pieces don't."""
    styled, offset = [], 0
    cut = pieces(written, STYLES)
    for piece in cut:
        length = count_utf16(piece.text)
        if piece.styles:
            styled.append({"offset": offset, "length": length, "styling_info": list(dict.fromkeys(piece.styles))})
        offset += length
    plain = {"plaintext": "".join(piece.text for piece in cut)}
    return plain | ({"text_with_styling_info": styled} if styled else {})


def _settings(content: Content) -> dict[str, str]:
    if content.format == Format.GHOST:
        return {}
    chosen = content.options
    texts = {name: str(chosen[name]) for name in ("reply_control", "topic_tag") if chosen.get(name)}
    if place := place_id(content):
        texts["location_id"] = place
    if countries := countries_of(content):
        texts["allowlisted_country_codes"] = ",".join(countries)
    flags = {
        "spoiler_media": "is_spoiler_media",
        "reply_approvals": "enable_reply_approvals",
        "share_to_instagram": "crossreshare_to_ig",
    }
    return texts | {theirs: "true" for ours, theirs in flags.items() if chosen.get(ours)}
