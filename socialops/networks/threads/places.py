"""Where a post can be said to be, and what else depends on the profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.ports import Charge, Place, Target
from socialops.networks.threads.answers import NETWORK, call, rows_of

PLACE_FIELDS = "id,name,address,city,country"


def find_places(target: Target, query: str) -> tuple[Place, ...]:
    """At most as many as are worth showing. Each search counts against the profile's own quota."""
    answer = call(target, "GET", "location_search", params={"q": query, "fields": PLACE_FIELDS})
    target.report(Charge("locations"))
    most = network_data(NETWORK)["read"]["places"]
    return tuple(_place(row) for row in rows_of(answer)[:most] if row.get("id"))


def _place(row: Mapping[str, Any]) -> Place:
    parts = (str(row.get(name) or "") for name in ("address", "city", "country"))
    return Place(str(row["id"]), str(row.get("name") or ""), ", ".join(filter(None, parts)))


def fetch_account(target: Target) -> Mapping[str, Any]:
    """`withheld`: permissions this channel was connected without; `geo_gating`: whether it may choose countries."""
    granted = target.credentials.scopes
    wanted = network_data(NETWORK)["oauth"]["scopes"]
    profile = call(target, "GET", "me", params={"fields": "id,is_eligible_for_geo_gating"}).object()
    return {
        "withheld": [scope for scope in wanted if granted and scope not in granted],
        "geo_gating": profile.get("is_eligible_for_geo_gating") is True,
    }
