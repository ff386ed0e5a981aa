"""Places that can be tagged: a few, found by their words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from socialops.sandbox.threads.call import Call, ThreadsError, invalid, select

SEARCHES: Final = (500, 86_400)
FIELDS: Final = ("name", "address", "city", "country", "latitude", "longitude", "postal_code")
PLACES: Final[dict[str, tuple[Any, ...]]] = {
    "106078429431815": ("Café Riviera", "12 quai des États-Unis", "Nice", "France", 43.6947, 7.2746, "06300"),
    "110774245616525": ("Café de Flore", "172 boulevard Saint-Germain", "Paris", "France", 48.854, 2.3326, "75006"),
    "113508738709410": ("Maison Lumière", "8 rue Royale", "Paris", "France", 48.8685, 2.3236, "75008"),
    "108424279189115": ("Menlo Park", "", "Menlo Park", "United States", 37.4529, -122.1817, "94025"),
}


def node(call: Call, place_id: str) -> dict[str, Any]:
    """What isn't known of it is left out."""
    known = {name: value or None for name, value in zip(FIELDS, PLACES[place_id], strict=True)}
    values: dict[str, Callable[[], Any]] = {"id": lambda: place_id} | {n: partial(known.get, n) for n in FIELDS}
    return select(values, call, ("id",), "ThreadsLocation")


async def search(call: Call) -> dict[str, Any]:
    call.need("threads_location_tagging")
    words = re.findall(r"\w+", call.params.text("q").casefold())
    if not words and not (call.params.text("latitude") and call.params.text("longitude")):
        raise invalid("(#100) The parameter q, or latitude and longitude, is required")
    if call.world.spend("threads locations", call.me.id, limit=SEARCHES[0], window=SEARCHES[1])[0] < 0:
        raise ThreadsError(4, "(#4) The limit of location searches is reached")
    told = {key: " ".join(map(str, value)).casefold() for key, value in PLACES.items()}
    return {"data": [node(call, key) for key, text in told.items() if all(word in text for word in words)]}


def tagged(call: Call) -> str:
    """The place a container names, "" for none."""
    place = call.params.text("location_id")
    if not place:
        return ""
    call.need("threads_location_tagging")
    if place not in PLACES:
        raise invalid("Param location_id is not a valid location ID")
    return place
