"""Who may see a Page's post, and where it is said to be.

`targeting`: nobody else sees it; a Page's own limits stand above it. `place`: a Page that has an address.
https://developers.facebook.com/docs/graph-api/reference/page/feed, /page/videos, /page/video_reels
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from socialops.networks.countries import check_countries, countries_of
from socialops.networks.errors import Code
from socialops.networks.facebook.answers import NETWORK
from socialops.networks.options import options_of
from socialops.networks.ports import Content, Format, MediaKind, Problem

AGE, PLACE = "age_min", "location"
# 110774245616525; …/pages/Cafe-de-Flore/110774245616525; …/Cafe-de-Flore-110774245616525/; …/profile.php?id=110774245616525
NUMBER = re.compile(r"(?:https?://\S*?(?:[/-]|[?&]id=))?(\d{5,})/?(?:[?#&]\S*)?")


def fields(content: Content) -> dict[str, Any]:
    """As JSON takes them."""
    found: dict[str, Any] = {}
    if countries := countries_of(content):
        found["geo_locations"] = {"countries": countries}
    if (age := content.options.get(AGE)) and age != _usual_age():
        found["age_min"] = int(age)
    place = _place_id(content)
    return ({"targeting": found} if found else {}) | ({"place": place} if place else {})


def form(content: Content) -> dict[str, str]:
    """The same where a form is sent: what has parts is written as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields(content).items()}


def _usual_age() -> object:
    return next(option.default for option in options_of(NETWORK) if option.name == AGE)


def _place_id(content: Content) -> str:
    """The number of the place's Page, from itself or from an address that has it; "" for none."""
    match = NUMBER.fullmatch(str(content.options.get(PLACE) or "").strip())
    return match[1] if match else ""


def check(content: Content) -> Iterator[Problem]:
    """A video of the feed takes no place, a reel does."""
    yield from check_countries(content)
    if not content.options.get(PLACE):
        return
    if not _place_id(content):
        yield Problem(Code.OPTION_INVALID, "options", {"option": PLACE, "allowed": ""})
    film = any(media.kind == MediaKind.VIDEO for media in content.media)
    if film and content.options.get("format", Format.POST) == Format.POST:
        yield Problem(Code.OPTION_WITHOUT_VIDEO, "options", {"option": PLACE})
