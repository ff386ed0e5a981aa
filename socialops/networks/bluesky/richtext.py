"""Facets: what makes links, mentions and hashtags clickable on Bluesky, by UTF-8 byte offsets (end exclusive)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socialops.networks.bluesky.answers import NETWORK
from socialops.networks.data import network_data
from socialops.networks.text import (
    Span,
    count_bytes,
    count_graphemes,
    find_handles,
    find_hashtags,
    find_urls,
    without_overlaps,
)

FACET = "app.bsky.richtext.facet"


def facets(text: str, resolve: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """`resolve` gives the DID of a handle; a handle without one stays plain text."""
    rule = network_data(NETWORK)["post"]
    urls, handles, tags = without_overlaps(find_urls(text), find_handles(text), find_hashtags(text))
    found: list[tuple[Span, dict[str, Any]]] = [(span, {"$type": f"{FACET}#link", "uri": span.value}) for span in urls]
    for span in handles:
        did = resolve(span.value)
        if did:
            found.append((span, {"$type": f"{FACET}#mention", "did": did}))
    found += [
        (span, {"$type": f"{FACET}#tag", "tag": span.value})
        for span in tags
        if count_graphemes(span.value) <= rule["tag_graphemes"] and count_bytes(span.value) <= rule["tag_bytes"]
    ]
    return [
        {
            "index": {"byteStart": count_bytes(text[: span.start]), "byteEnd": count_bytes(text[: span.end])},
            "features": [feature],
        }
        for span, feature in sorted(found, key=lambda item: item[0].start)
    ]
