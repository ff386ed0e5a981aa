"""After a lost answer: what an edge lists since then, and what that proves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.meta.graph import META, moment_of, pages, rows
from socialops.networks.ports import Finding, Published, Reconciliation, RemotePost, Target


def listed(
    target: Target,
    edge: str,
    fields: str,
    since: datetime,
    *,
    time: str = "created_time",
    window: bool = False,
    newest_first: bool = True,
    **more: Any,
) -> tuple[list[dict[str, Any]], bool]:
    """Objects of an edge made after `since` less a clock's skew; and whether all of them were seen. `time` names their moment; `window`:
    the edge itself takes a `since`. Where the order isn't known to be newest first, an old one doesn't end the search.
    """
    rule = network_data(META)["reconcile"]
    earliest = since - timedelta(seconds=rule["skew_seconds"])
    if window:
        more["since"] = int(earliest.timestamp())
    seen: list[dict[str, Any]] = []
    read = 0
    for answer in pages(target, edge, {"fields": fields, "limit": rule["page_size"], **more}, rule["pages"]):
        read += 1
        for row in rows(answer):
            moment = moment_of(row, time)
            if moment is None or moment >= earliest:
                seen.append(row)
            elif newest_first:
                return seen, True
    return seen, read < rule["pages"]


def settle(
    found: Sequence[RemotePost], since: datetime, *, complete: bool = True, alike: Sequence[RemotePost] = ()
) -> Reconciliation:
    """One match is it, several, or what is only alike, are for a person, none is none once the lost request can't be at work any more."""
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    if found or alike or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=(*found, *alike))
    settled_at = since + timedelta(seconds=network_data(META)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def look_again(seconds: float = 5) -> Reconciliation:
    """It is on its way: nobody is asked before it has arrived."""
    return Reconciliation(Finding.UNDECIDED, look_again_at=datetime.now(UTC) + timedelta(seconds=seconds))
