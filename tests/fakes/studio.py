"""A network in memory that has one of everything: formats, every kind of setting, covers, quotas, prices. For screens and services, never asked over a wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from socialops.networks.checks import check_content
from socialops.networks.mastodon.connector import MastodonConnector
from socialops.networks.ports import Charge, Content, Format, MediaKind, Option, OptionKind, Problem, TextCount
from socialops.networks.text import find_urls, with_link

DATA: dict[str, Any] = {
    "quotas": {
        "posts": {"limit": 100, "window": "rolling_24h", "per": "channel"},
        "units": {"limit": 10_000, "window": "pacific_day", "per": "app"},
    },
    "limits": {
        "text": {"unit": "characters", "max": 2200, "max_bytes": 0, "url_length": 0, "mention_without_host": False},
        "alt_text": {"max": 1000},
        "media": {"max_count": 10, "kinds": ["image", "video"], "mixed": True},
        "image": {"types": ["image/jpeg"], "max_bytes": 8_000_000, "max_pixels": 0, "max_side": 1440},
        "video": {"max_seconds": 60},
        "formats": {"reel": {"media": {"kinds": ["video"], "required": True}}},
    },
}
OPTIONS = (
    Option("privacy", OptionKind.CHOICE, choices=("public", "friends", "only_me"), required=True),
    Option("title", OptionKind.TEXT, limit=20),
    Option("tags", OptionKind.TEXTS, limit=50),
    Option("allow_comments", OptionKind.FLAG, default=True),
    Option("share_to_feed", OptionKind.FLAG, default=False, formats=(Format.REEL,)),
    Option("cover_ms", OptionKind.NUMBER, limit=60_000, needs=(MediaKind.VIDEO,)),
    Option("visibility", OptionKind.CHOICE, choices=("public", "unlisted", "private"), default="public"),
)


class StudioConnector(MastodonConnector):
    network = "tiktok"  # a name that has an icon
    label = "Studio"
    supports_cover = True
    formats = (Format.POST, Format.REEL, Format.STORY)

    def options(self, *, limits: Mapping[str, Any]) -> Sequence[Option]:
        return OPTIONS

    def count_text(self, text: str, *, limits: Mapping[str, Any]) -> TextCount:
        return TextCount(len(text), DATA["limits"]["text"]["max"])

    def check(self, content: Content, *, limits: Mapping[str, Any]) -> Sequence[Problem]:
        text = with_link(content.text, content.link)
        return list(check_content(content, text=text, limits=DATA["limits"], options=OPTIONS, formats=self.formats))

    def charges(self, content: Content) -> Sequence[Charge]:
        linked = bool(content.link) or any(find_urls(content.text))
        return (Charge("posts", amount=Decimal("0.20") if linked else Decimal("0.015")), Charge("units", units=1600))
