"""Proof that nobody rewrote the log: the chain recomputed inside PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from socialops.tenancy.scope import tenant


@dataclass(frozen=True, slots=True)
class Verification:
    """`broken_at` is the first position whose link does not hold, None when the chain is whole. `unsealed` counts events without a seal."""

    events: int
    broken_at: int | None
    unsealed: int

    @property
    def whole(self) -> bool:
        return self.broken_at is None and self.unsealed == 0


_QUERY = """
WITH link AS (
    SELECT s.position, s.previous, s.hash, audit_digest(s.previous, e) AS expected,
           lag(s.hash, 1, '') OVER (ORDER BY s.position) AS before,
           row_number() OVER (ORDER BY s.position) AS nth, e.id IS NULL AS lost
    FROM audit_seal s LEFT JOIN audit_event e ON e.id = s.event_id WHERE s.organization_id = %(organization)s
)
SELECT (SELECT count(*) FROM audit_event WHERE organization_id = %(organization)s),
       (SELECT min(position) FROM link WHERE lost OR hash IS DISTINCT FROM expected OR previous <> before OR position <> nth),
       (SELECT count(*) FROM audit_event e WHERE organization_id = %(organization)s AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.event_id = e.id))
"""


def verify_chain(*, organization_id: int) -> Verification:
    """Recompute every link of one organization's chain."""
    with tenant(organization_id), connection.cursor() as cursor:
        cursor.execute(_QUERY, {"organization": organization_id})
        events, broken_at, unsealed = cursor.fetchone()
    return Verification(events=events, broken_at=broken_at, unsealed=unsealed)
