"""Audiences of a Page's posts, and the places that can be named in them."""

from __future__ import annotations

import re
from typing import Any, Final

from socialops.sandbox.linkedin.call import Call, invalid
from socialops.sandbox.models import Account

FEWEST: Final = 300
FACETS: Final = {
    "degrees": re.compile(r"urn:li:degree:\d+"),
    "fieldsOfStudy": re.compile(r"urn:li:fieldOfStudy:\d+"),
    "geoLocations": re.compile(r"urn:li:geo:\d+"),
    "industries": re.compile(r"urn:li:industry:\d+"),
    "jobFunctions": re.compile(r"urn:li:function:([1-9]|1\d|2[0-6])"),
    "organizations": re.compile(r"urn:li:organization:\d+"),
    "seniorities": re.compile(r"urn:li:seniority:([1-9]|10)"),
    "staffCountRanges": re.compile(r"SIZE_(1|\d+_TO_\d+|10001_OR_MORE)"),
}
LOCALE: Final = {"language": re.compile(r"[a-z]{2}"), "country": re.compile(r"[A-Z]{2}")}
PLACES: Final = {
    "urn:li:geo:105015875": "France",
    "urn:li:geo:104246759": "Île-de-France, France",
    "urn:li:geo:106383538": "Paris, Île-de-France, France",
    "urn:li:geo:100565514": "Belgium",
    "urn:li:geo:103644278": "United States",
    "urn:li:geo:101165590": "United Kingdom",
}


def check(author: Account, entities: Any) -> None:
    """Each value is one of its facet's; enough followers must be left. Here a Page's followers are counted as they are: nobody says who they are."""
    where = "distribution/targetEntities"
    if not entities:
        return
    if not isinstance(entities, list) or not all(isinstance(entity, dict) for entity in entities):
        raise invalid(where, "must be a list of objects")
    if author.role != "brand":
        raise invalid(where, "only organizations may target their posts")
    for entity in entities:
        for name, values in entity.items():
            _facet(f"{where}/{name}", name, values)
    if author.followers < FEWEST:
        raise invalid(where, f"the audience has fewer than {FEWEST} members")


def _facet(where: str, name: str, values: Any) -> None:
    if name != "interfaceLocales" and name not in FACETS:
        raise invalid(where, "unrecognized field found but not allowed")
    if not isinstance(values, list) or not values:
        raise invalid(where, "must have at least one value")
    for value in values:
        known = _is_locale(value) if name == "interfaceLocales" else FACETS[name].fullmatch(str(value))
        if not known or (name == "geoLocations" and value not in PLACES):
            raise invalid(where, f"{value} is not a valid value here")


def _is_locale(value: Any) -> bool:
    if not isinstance(value, dict) or "language" not in value or set(value) - set(LOCALE):
        return False
    return all(LOCALE[name].fullmatch(str(part)) for name, part in value.items())


async def typeahead(call: Call) -> dict[str, Any]:
    words = re.findall(r"\w+", call.text("query").casefold())
    if not words:
        raise invalid("query", "field is required but not found and has no default value")
    found = [urn for urn, name in PLACES.items() if all(word in name.casefold() for word in words)]
    return {"elements": [{"displayText": PLACES[urn], "entity": urn} for urn in found]}
