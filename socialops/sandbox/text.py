"""Counting text as each network counts, and turning it into safe HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

import regex

URL: Final = regex.compile(r"https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?)\]}'’…]")
REMOTE_MENTION: Final = regex.compile(r"(?<![\w/@])@(\w+)@[\w.-]*\w")
MENTION: Final = regex.compile(r"(?<![\w/@])@([\w-]+(?:\.[\w-]+)*)(?:@([\w.-]*\w(?::\d+)?))?")
HASHTAG: Final = regex.compile(r"(?<![\w/&#])#(\w*[^\W\d_]\w*)")
GRAPHEME: Final = regex.compile(r"\X")
TOKENS: Final = regex.compile(f"(?P<url>{URL.pattern})|(?P<mention>{MENTION.pattern})|(?P<tag>{HASHTAG.pattern})")


def graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX #29)."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return len(GRAPHEME.findall(text))


def mastodon_length(text: str, spoiler: str = "") -> int:
    """Graphemes with each URL as 23 and `@user@host` as `@user` (StatusLengthValidator)."""
    counted = URL.sub("x" * 23, text) if "://" in text else text
    if "@" in counted:
        counted = REMOTE_MENTION.sub(r"@\1", counted)
    return graphemes(spoiler) + graphemes(counted)


def link_html(url: str, label: str) -> str:
    return f'<a href="{escape(url)}" rel="nofollow noopener" target="_blank">{escape(label)}</a>'


def rich_html(text: str, *, mention: Callable[[str], str | None], tag: Callable[[str], str | None]) -> str:
    """Paragraphs with links, mentions and hashtags. `mention` and `tag` give a URL, or None to leave the word plain."""
    return "".join(
        f"<p>{_inline(paragraph, mention, tag)}</p>"
        for paragraph in regex.split(r"\n{2,}", text.replace("\r\n", "\n").strip())
    )


def _inline(text: str, mention: Callable[[str], str | None], tag: Callable[[str], str | None]) -> str:
    out: list[str] = []
    end = 0
    for match in TOKENS.finditer(text):
        out.append(escape(text[end : match.start()]))
        end = match.end()
        word = match.group()
        if match.group("url"):
            target: str | None = word
            label = word.split("://", 1)[1]
        else:
            target = mention(word[1:]) if match.group("mention") else tag(word[1:])
            label = word
        out.append(link_html(target, label) if target else escape(word))
    out.append(escape(text[end:]))
    return "".join(out).replace("\n", "<br>")
