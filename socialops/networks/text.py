"""Text as networks see it: how long it is, what in it is a link, a mention, a hashtag.

The composer in the browser runs the same rules; the rules are data (`[limits.text]` in limits.toml):
`unit` is graphemes (extended grapheme clusters, UAX #29), characters (code points), utf16 (code units, as JavaScript counts), bytes (UTF-8), emoji_bytes (emoji by
their UTF-8 bytes, other characters one each) or weighted (X's own); `max`; `max_bytes` (UTF-8, 0: none);
`url_length` counts any http(s) URL as that many (0: as written); `mention_without_host` counts `@user@host` as `@user`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

import regex

GRAPHEME = regex.compile(r"\X")
# A scheme, a host with a dot and letters at its end (or localhost-like hosts don't link anywhere), then what isn't space.
URL = regex.compile(
    r"(?<![\p{L}\p{N}_@/])https?://(?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]*\p{L}(?::\d+)?(?:[/?#][^\s<>\"“”«»]*)?",
    regex.IGNORECASE,
)
MENTION = regex.compile(
    r"(?<![\p{L}\p{N}_/@.])@([A-Za-z0-9_]+(?:[A-Za-z0-9_.-]*[A-Za-z0-9_]+)?)@([\p{L}\p{N}][\p{L}\p{N}.-]*[\p{L}\p{N}])"
)
HANDLE = regex.compile(
    r"(?<![\p{L}\p{N}_/@.])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?)"
)
AT_NAME = regex.compile(r"(?<![\p{L}\p{N}_/@.])@([\p{L}\p{N}_](?:[\p{L}\p{N}_.]*[\p{L}\p{N}_])?)")
EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Presentation}\uFE0F\u20E3]")
HASHTAG = regex.compile(r"(?<![^\s(\[])[#＃]([\p{L}\p{M}\p{N}_]*[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*)")
TRAILING = ".,;:!?'\"…’"
PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` is a link, a mention or a hashtag; `value` is what it stands for (URL, name, tag without #)."""

    start: int
    end: int
    value: str


def count_graphemes(text: str) -> int:
    if text.isascii() and "\r" not in text:
        return len(text)
    return sum(1 for _ in GRAPHEME.finditer(text))


def count_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def find_urls(text: str) -> Iterator[Span]:
    """http(s) URLs, without the punctuation that follows them in a sentence."""
    if "://" not in text:
        return
    for match in URL.finditer(text):
        start, end = match.span()
        while end > start and (text[end - 1] in TRAILING or _closes_nothing(text, start, end)):
            end -= 1
        yield Span(start, end, text[start:end])


def _closes_nothing(text: str, start: int, end: int) -> bool:
    opening = PAIRS.get(text[end - 1])
    return opening is not None and text.count(opening, start, end) < text.count(text[end - 1], start, end)


def find_mentions(text: str) -> Iterator[Span]:
    """Mastodon's `@user@host`."""
    for match in MENTION.finditer(text):
        yield Span(match.start(), match.end(), f"{match[1]}@{match[2]}")


def find_handles(text: str) -> Iterator[Span]:
    """Bluesky's `@name.host`; whether it exists is for the network to say."""
    for match in HANDLE.finditer(text):
        yield Span(match.start(), match.end(), match[1])


def find_at_names(text: str) -> Iterator[Span]:
    """`@name` as Instagram, Threads, X and TikTok write it."""
    for match in AT_NAME.finditer(text):
        yield Span(match.start(), match.end(), match[1])


def find_hashtags(text: str) -> Iterator[Span]:
    for match in HASHTAG.finditer(text):
        yield Span(match.start(), match.end(), match[1])


def without_overlaps(*groups: Iterator[Span]) -> list[list[Span]]:
    """Each group in the order given, without spans that touch one of an earlier group (a hashtag inside a URL is none)."""
    taken: list[Span] = []
    kept: list[list[Span]] = []
    for group in groups:
        mine = [s for s in group if not any(s.start < t.end and t.start < s.end for t in taken)]
        taken += mine
        kept.append(mine)
    return kept


def count_text(text: str, rule: Mapping[str, Any]) -> int:
    """Length by the network's rule, in the rule's unit."""
    return _UNITS[rule["unit"]](_countable(text, rule))


def count_utf16(text: str) -> int:
    """UTF-16 code units: what JavaScript and Java call length."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_emoji_bytes(text: str) -> int:
    """Each emoji, however many code points it is made of, by its UTF-8 bytes; every other code point as one."""
    if text.isascii():
        return len(text)
    return sum(
        count_bytes(cluster) if EMOJI.search(cluster) and not cluster.isascii() else len(cluster)
        for cluster in GRAPHEME.findall(text)
    )


def count_weighted(text: str) -> int:
    """X's rule, with its tables, is only loaded where somebody counts for X."""
    count: Callable[[str], int] = import_module("socialops.networks.x.weighted").weighted_length
    return count(text)


_UNITS: Mapping[str, Callable[[str], int]] = {
    "graphemes": count_graphemes,
    "characters": len,
    "utf16": count_utf16,
    "bytes": count_bytes,
    "emoji_bytes": count_emoji_bytes,
    "weighted": count_weighted,
}


def _countable(text: str, rule: Mapping[str, Any]) -> str:
    url_length, short_mentions = rule.get("url_length") or 0, rule.get("mention_without_host")
    if not url_length and not short_mentions:
        return text
    urls, mentions = without_overlaps(
        find_urls(text) if url_length else iter(()), find_mentions(text) if short_mentions and "@" in text else iter(())
    )
    for span in sorted(urls + mentions, key=lambda s: -s.start):
        stand_in = "x" * url_length if span in urls else "@" + span.value.partition("@")[0]
        text = text[: span.start] + stand_in + text[span.end :]
    return text


def with_link(text: str, link: str) -> str:
    """The text with its link under it, where it isn't in it already; for posts that can't carry a card."""
    return text if not link or link in text else f"{text}\n\n{link}".strip()


class _Plain(HTMLParser):
    """Collects text; paragraphs and line breaks become newlines, a shortened link becomes its whole address."""

    SKIPPED = frozenset({"script", "style"})
    SCHEME = regex.compile(r"^https?://(www\.)?", regex.IGNORECASE)

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.chunks: list[str] = []
        self._skipping = 0
        self._link: tuple[str, int] | None = None  # address, and where in chunks its text starts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SKIPPED or (tag == "p" and ("class", "quote-inline") in attrs):
            self._skipping += 1
        elif tag == "br":
            self.chunks.append("\n")
        elif tag in ("p", "blockquote", "pre", "ul", "ol") and self.chunks:
            self.chunks.append("\n\n")
        elif tag == "li":
            self.chunks.append("\n- ")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self.chunks))

    def handle_endtag(self, tag: str) -> None:
        if self._skipping and (tag in self.SKIPPED or tag == "p"):
            self._skipping -= 1
        elif tag == "a" and self._link is not None:
            address, start = self._link
            shown = "".join(self.chunks[start:]).rstrip("…")
            if shown and self.SCHEME.sub("", address).startswith(self.SCHEME.sub("", shown)):
                self.chunks[start:] = [address]
            self._link = None

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.chunks.append(data)


BLANK_LINES = regex.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """Plain text of a status' HTML: full URLs (Mastodon hides parts of them by style only), newlines kept."""
    parser = _Plain()
    parser.feed(html)
    parser.close()
    return BLANK_LINES.sub("\n\n", "".join(parser.chunks)).strip()


SPACE = regex.compile(r"\s+")
HOST_OF_MENTION = regex.compile(r"(@[A-Za-z0-9_.-]+)@[\p{L}\p{N}.-]+")


def comparable(text: str) -> str:
    """A text as it compares after a network re-rendered it: spaces folded, hosts of mentions dropped, case kept."""
    return SPACE.sub(" ", HOST_OF_MENTION.sub(r"\1", text)).strip()
