"""Who may see a post, and where it is said to be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from socialops.sandbox.graph.call import Call, GraphError
from socialops.sandbox.models import Post

AGES: Final = (13, 15, 18, 21, 25)
COUNTRY: Final = re.compile(r"[A-Z]{2}")
GEO: Final = frozenset({"countries", "regions", "cities", "zips", "country_groups"})


def _refused(message: str) -> GraphError:
    return GraphError(100, f"(#100) {message}")


def read_audience(call: Call, *, place: bool = True) -> dict[str, Any]:
    """What a post keeps of `targeting` and, where the edge has it, `place`: any number is a place's Page here."""
    facts: dict[str, Any] = {}
    if targeting := _targeting(call.params.get("targeting")):
        facts["targeting"] = targeting
    if where := call.params.text("place") if place else "":
        if not where.isdecimal():
            raise _refused("Param place must be a valid place ID")
        facts["place"] = where
    return facts


def _targeting(value: Any) -> dict[str, Any]:
    """As an object or JSON text; {} where there is none."""
    if value is None:
        return {}
    try:
        asked = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError as error:
        raise _refused("param targeting must be a JSON object.") from error
    if not isinstance(asked, dict) or set(asked) - {"age_min", "geo_locations"}:
        raise _refused("Invalid keys were found in param targeting.")
    if "age_min" in asked and asked["age_min"] not in AGES:
        raise _refused("Param targeting[age_min] must be one of {13, 15, 18, 21, 25}")
    geo = asked.get("geo_locations", {})
    if not isinstance(geo, dict) or set(geo) - GEO:
        raise _refused("Invalid keys were found in param targeting[geo_locations].")
    countries = geo.get("countries", [])
    if not isinstance(countries, list) or not all(COUNTRY.fullmatch(str(code)) for code in countries):
        raise _refused("Param targeting[geo_locations][countries] must be an array of ISO country codes.")
    return asked


def notes_of(post: Post) -> Iterator[str]:
    """What readers are told of the post, as names of words."""
    targeting = post.facts.get("targeting") or {}
    if targeting.get("geo_locations"):
        yield "countries"
    if targeting.get("age_min"):
        yield "adults"
    if post.facts.get("place"):
        yield "placed"
