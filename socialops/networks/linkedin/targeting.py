"""Whom of its followers a Page's post is for: any of the values of each facet, and all of the facets.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/share-targeting
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.linkedin.answers import NETWORK, call, elements, is_organization
from socialops.networks.linkedin.restli import address
from socialops.networks.ports import Content, Place, Problem, Target

PLACE = "audience_place"
LANGUAGES = "audience_languages"


def facets() -> Mapping[str, Mapping[str, str]]:
    """By option: the facet's name, and what stands before its values."""
    found: Mapping[str, Mapping[str, str]] = network_data(NETWORK)["targeting"]["facets"]
    return found


def entities(target: Target, content: Content) -> list[dict[str, Any]]:
    """`distribution.targetEntities`; [] for everybody, and for a member, who can choose nobody."""
    if not is_organization(target):
        return []
    found = {rule["facet"]: values for option, rule in facets().items() if (values := _values(content, option, rule))}
    return [found] if found else []


def _values(content: Content, option: str, rule: Mapping[str, str]) -> list[Any]:
    given = content.options.get(option) or ()
    if option == PLACE:
        return [rule["before"] + _place_id(content)] if given else []
    if option == LANGUAGES:
        return [dict(zip(("language", "country"), locale.split("_"), strict=True)) for locale in given]
    return [rule["before"] + value for value in given]


def _place_id(content: Content) -> str:
    """The number before the name in what was chosen."""
    return str(content.options.get(PLACE) or "").partition(" ")[0]


def check(content: Content) -> Iterator[Problem]:
    """A place was chosen, not just written."""
    if content.options.get(PLACE) and not _place_id(content).isdecimal():
        yield Problem(Code.OPTION_INVALID, "options", {"option": PLACE, "allowed": "", "searched": True})


def about_audience(problem: NetworkError) -> NetworkError:
    """LinkedIn names the field when too few followers are left."""
    if "targetEntities" in str(problem.detail.get("message") or ""):
        fewest = network_data(NETWORK)["targeting"]["fewest"]
        return ValidationError(Code.AUDIENCE_TOO_SMALL, detail={"field": "options", "limit": fewest}, raw=problem.raw)
    return problem


def find_places(target: Target, query: str) -> tuple[Place, ...]:
    """Countries, regions and towns by their English names, at most as many as are worth showing."""
    before, most = facets()[PLACE]["before"], network_data(NETWORK)["read"]["places"]
    rows = elements(call(target, "GET", address("geoTypeahead", q="search", query=query)))
    places = (_place(row, before) for row in rows)
    return tuple(place for place in places if place.id)[:most]


def _place(row: Mapping[str, Any], before: str) -> Place:
    name, _comma, where = str(row.get("displayText") or "").partition(", ")
    return Place(str(row.get("entity") or "").removeprefix(before), name, where)
