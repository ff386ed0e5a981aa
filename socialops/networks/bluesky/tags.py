"""Hashtags beside the text: people find the post by them, and don't read them in it.

https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json, `tags`
"""

from __future__ import annotations

from collections.abc import Iterator

from socialops.networks.bluesky.answers import NETWORK
from socialops.networks.data import network_data
from socialops.networks.errors import Code
from socialops.networks.ports import Content, Problem
from socialops.networks.text import count_bytes, count_graphemes

OPTION = "extra_tags"
MARKS = "#＃"


def tags_of(content: Content) -> list[str]:
    """As they are sent: without the mark that people write before them."""
    named = content.options.get(OPTION)
    if not isinstance(named, list | tuple):
        return []
    return [tag for text in named if isinstance(text, str) and (tag := text.strip().lstrip(MARKS).strip())]


def check_tags(content: Content) -> Iterator[Problem]:
    """Too many, one that is too long, one that is there twice."""
    rule, tags = network_data(NETWORK)["post"], tags_of(content)
    if len(tags) > rule["tags"]:
        detail = {"option": OPTION, "count": len(tags), "smallest": 0, "largest": rule["tags"]}
        yield Problem(Code.OPTION_COUNT, "options", detail)
    for tag in tags:
        if (length := count_graphemes(tag)) > rule["tag_graphemes"] or count_bytes(tag) > rule["tag_bytes"]:
            detail = {"option": OPTION, "text": tag, "length": length, "limit": rule["tag_graphemes"]}
            yield Problem(Code.OPTION_TOO_LONG, "options", detail)
    if twice := next((tag for tag in tags if tags.count(tag) > 1), ""):
        yield Problem(Code.OPTION_REPEATED, "options", {"option": OPTION, "text": twice})
