r"""LinkedIn's "little" text: what a post's commentary is written in.

Every reserved character that starts no element must be escaped with a backslash, or LinkedIn silently cuts the post there and answers 201. Elements we let through: `#word`, and
`@[Name](urn:li:organization:1)` where it is whole. A hashtag with an underscore, which is reserved, goes as the template `{hashtag|\#|word}`, the form in which LinkedIn
gives all hashtags back. Comments are plain text; their mentions are ranges beside it.
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

from functools import cache
from typing import Any

import regex

from socialops.networks.data import network_data
from socialops.networks.text import Span, count_utf16, find_hashtags, find_urls, without_overlaps

MENTION = regex.compile(r"@\[([^\[\]\r\n]+)\]\((urn:li:(organization|person):[A-Za-z0-9_-]+)\)")

LETTER = regex.compile(r"\p{L}")


@cache
def _reserved() -> regex.Pattern[str]:
    return regex.compile(f"[{regex.escape(network_data('linkedin')['little']['reserved'], special_only=False)}]")


@cache
def _written() -> regex.Pattern[str]:
    """An escaped character, or a hashtag template with its sign and its word."""
    inner = r"(?:\\.|[^}|\\])*"
    return regex.compile(rf"\\({_reserved().pattern})|\{{hashtag\|\\?([#＃])\|({inner})\}}", regex.DOTALL)


def commentary(text: str) -> str:
    """A text as little text. `plain(commentary(text)) == text` for any text."""
    mentions = (Span(match.start(), match.end(), match[2]) for match in MENTION.finditer(text))
    # addresses before hashtags: a # in one is no element
    words = (span for span in find_hashtags(text) if LETTER.search(span.value))
    mentioned, _urls, hashtags = without_overlaps(mentions, find_urls(text), words)
    written: list[str] = []
    end = 0
    for span in sorted(mentioned + hashtags, key=lambda found: found.start):
        written += [_escaped(text[end : span.start]), _mention(text, span) if span in mentioned else _tag(text, span)]
        end = span.end
    return "".join([*written, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return _reserved().sub(r"\\\g<0>", text)


def _mention(text: str, span: Span) -> str:
    name = text[span.start + 2 : text.rindex("](", span.start, span.end)]
    return f"@[{_escaped(name)}]({span.value})"


def _tag(text: str, span: Span) -> str:
    sign = text[span.start]
    if not _reserved().search(span.value):
        return f"{sign}{span.value}"
    return f"{{hashtag|{_escaped(sign)}|{_escaped(span.value)}}}"


def plain(written: str) -> str:
    """Little text as people typed it: templates and escapes undone, mentions still as `@[Name](urn)`."""
    return _written().sub(lambda match: match[1] or f"{match[2]}{plain(match[3])}", written)


def named(text: str) -> str:
    """With the names of those mentioned in place of the markup, as readers see it."""
    return MENTION.sub(r"\1", text)


def message(text: str) -> dict[str, Any]:
    """The message of a comment: plain text, and its mentions as ranges in UTF-16 units."""
    kinds = network_data("linkedin")["comments"]["mention"]
    attributes: list[dict[str, Any]] = []
    said, end = "", 0
    for match in MENTION.finditer(text):
        said += text[end : match.start()]
        value, field = kinds[match[3]]
        start, length = count_utf16(said), count_utf16(match[1])
        attributes.append({"start": start, "length": length, "value": {value: {field: match[2]}}})
        said, end = said + match[1], match.end()
    said += text[end:]
    return {"text": said, "attributes": attributes} if attributes else {"text": said}
