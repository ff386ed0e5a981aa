"""Who is behind a URN. Reading other people's names is for approved partners: without it they stay unnamed, as LinkedIn itself shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from socialops.networks.linkedin.answers import call
from socialops.networks.linkedin.restli import address
from socialops.networks.ports import Target

REFUSED = (400, 403, 404)


def names_of(target: Target, urns: Collection[str]) -> dict[str, tuple[str, str]]:
    """URN → (name, handle), one call for all Pages and one for all people; those we may not read are left out."""
    pages = sorted({urn.rpartition(":")[2] for urn in urns if urn.startswith("urn:li:organization:")})
    people = sorted({urn.rpartition(":")[2] for urn in urns if urn.startswith("urn:li:person:")})
    found: dict[str, tuple[str, str]] = {}
    if pages:
        for key, row in _results(target, address("organizationsLookup", ids=pages)).items():
            found[f"urn:li:organization:{row.get('id') or key}"] = (name_of(row), str(row.get("vanityName") or ""))
    if people:
        keys = [{"id": key} for key in people]
        for row in _results(target, address("people", ids=keys)).values():
            found[f"urn:li:person:{row.get('id')}"] = (name_of(row), str(row.get("vanityName") or ""))
    return found


def _results(target: Target, where: str) -> Mapping[str, Mapping[str, Any]]:
    answer = call(target, "GET", where, accept=REFUSED)
    results = answer.object().get("results") if answer.ok else {}
    return {key: row for key, row in (results or {}).items() if isinstance(row, dict)}


def name_of(row: Mapping[str, Any]) -> str:
    """A Page's or a person's, in their own language."""
    person = f"{row.get('localizedFirstName') or ''} {row.get('localizedLastName') or ''}".strip()
    return str(row.get("localizedName") or row.get("name") or person)
