"""What is wrong with a content before any network is asked; the same for every network, driven by its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from socialops.networks.errors import Code, MediaError, ValidationError
from socialops.networks.ports import Content, Media, Problem
from socialops.networks.text import count_bytes, count_graphemes, count_text


def check_content(content: Content, *, text: str, limits: Mapping[str, Any]) -> Iterator[Problem]:
    """`text` is what goes out as the post's text (with the link where the network puts it there)."""
    if not text.strip() and not content.media and not content.link:
        yield Problem(Code.TEXT_EMPTY, "text")
    yield from _check_text(text, limits, "text")
    for number, part in enumerate(content.parts, start=1):
        if not part.strip():
            yield Problem(Code.TEXT_EMPTY, "parts", {"part": number})
        yield from _check_text(part, limits, "parts", part=number)
    if content.first_comment:
        yield from _check_text(
            content.first_comment, {**limits, "text": limits.get("comment", limits["text"])}, "first_comment"
        )
    if content.link and not (urlsplit(content.link).scheme in ("http", "https") and urlsplit(content.link).hostname):
        yield Problem(Code.LINK_INVALID, "link", {"link": content.link})
    yield from _check_media(content.media, limits)


def _check_text(text: str, limits: Mapping[str, Any], field: str, **detail: Any) -> Iterator[Problem]:
    rule = limits["text"]
    length = count_text(text, rule)
    if length > rule["max"]:
        yield Problem(Code.TEXT_TOO_LONG, field, {"length": length, "limit": rule["max"], **detail})
    if rule.get("max_bytes") and (size := count_bytes(text)) > rule["max_bytes"]:
        yield Problem(Code.TEXT_TOO_MANY_BYTES, field, {"length": size, "limit": rule["max_bytes"], **detail})


def _check_media(media: tuple[Media, ...], limits: Mapping[str, Any]) -> Iterator[Problem]:
    most = limits["media"]["max_count"]
    if len(media) > most:
        yield Problem(Code.TOO_MANY_MEDIA, "media", {"count": len(media), "limit": most})
    longest = limits["alt_text"]["max"]
    for item in media:
        if not item.content_type.startswith("image/"):
            yield Problem(
                Code.IMAGE_TYPE,
                "media",
                {"media": item.key, "type": item.content_type, "allowed": ", ".join(limits["image"]["types"])},
            )
        if not item.alt_text.strip():
            yield Problem(Code.ALT_TEXT_MISSING, "alt_text", {"media": item.key})
        elif longest and (length := count_graphemes(item.alt_text)) > longest:
            yield Problem(Code.ALT_TEXT_TOO_LONG, "alt_text", {"media": item.key, "length": length, "limit": longest})


def raise_first(problems: list[Problem]) -> None:
    """The first problem as an error, for callers that skipped `check`."""
    if problems:
        first = problems[0]
        error = MediaError if first.field == "media" else ValidationError
        raise error(first.code, detail={"field": first.field, **first.detail})
