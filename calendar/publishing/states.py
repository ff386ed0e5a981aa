"""Which moves of a delivery are legal. Checked when imported; `services.moves` is the one writer that asks it."""

from __future__ import annotations

from publishing.enums import DeliveryState as S

MOVES: dict[S, frozenset[S]] = {
    S.SCHEDULED: frozenset({S.CLAIMED, S.SUSPENDED, S.MISSED, S.CANCELLED}),
    S.RETRYING: frozenset({S.CLAIMED, S.SUSPENDED, S.MISSED, S.FAILED, S.CANCELLED, S.SCHEDULED}),
    S.CLAIMED: frozenset({S.PREPARING, S.RETRYING, S.SUSPENDED, S.CANCELLED}),
    # back to scheduled: prepared ahead of its time
    S.PREPARING: frozenset({S.COMMITTING, S.SCHEDULED, S.RETRYING, S.FAILED, S.MISSED, S.SUSPENDED, S.CANCELLED}),
    # once the one shot may have been sent, only an answer moves it on; retrying and failed are answers that promise nothing is out
    S.COMMITTING: frozenset({S.PUBLISHED, S.CONFIRMING, S.UNCONFIRMED, S.RETRYING, S.FAILED, S.MISSED}),
    # back to retrying or missed: the network itself says that it could not fetch our file
    S.CONFIRMING: frozenset({S.PUBLISHED, S.UNCONFIRMED, S.RETRYING, S.MISSED, S.FAILED}),
    S.UNCONFIRMED: frozenset({S.PUBLISHED, S.RETRYING, S.MISSED, S.FAILED}),
    S.SUSPENDED: frozenset({S.SCHEDULED, S.MISSED, S.CANCELLED}),
    S.FAILED: frozenset({S.SCHEDULED, S.RETRYING, S.CANCELLED}),
    S.MISSED: frozenset({S.SCHEDULED, S.RETRYING, S.CANCELLED}),
    S.PUBLISHED: frozenset(),
    S.CANCELLED: frozenset(),
}

FINAL = frozenset({S.PUBLISHED, S.CANCELLED})
WAITING = frozenset({S.SCHEDULED, S.RETRYING})  # the dispatcher may claim these
AT_WORK = frozenset({S.CLAIMED, S.PREPARING, S.COMMITTING, S.CONFIRMING})
STOPPABLE = WAITING | {S.CLAIMED, S.PREPARING}  # nothing has been sent yet
NEEDS_PERSON = frozenset({S.FAILED, S.MISSED})
SEEN_BY_PEOPLE = frozenset(S) - {S.CLAIMED, S.PREPARING, S.COMMITTING}  # moves into these are announced by a signal


class IllegalMove(RuntimeError):
    """A programming error: the graph has no such arrow."""


def require_legal(source: str, target: str) -> None:
    """IllegalMove when the graph has no arrow from source to target."""
    if S(target) not in MOVES[S(source)]:
        raise IllegalMove(f"{source} → {target}")


def _check() -> None:
    reached = {S.SCHEDULED}
    while True:
        further = reached.union(*(MOVES[state] for state in reached))
        if further == reached:
            break
        reached = further
    broken = [
        message
        for message, wrong in (
            ("states without an entry", set(S) - set(MOVES)),
            ("states nobody reaches", set(S) - reached),
            ("final states with a way out", {s for s in FINAL if MOVES[s]}),
            ("dead ends", {s for s in S if not MOVES[s]} - FINAL),
            ("moves to itself", {s for s in S if s in MOVES[s]}),
            # the promise "never twice": from committing on, a second send needs an answer or a finding first
            ("ways to send twice", {S.CLAIMED, S.PREPARING} & (MOVES[S.COMMITTING] | MOVES[S.CONFIRMING])),
        )
        if wrong
    ]
    if broken:
        raise IllegalMove(", ".join(broken))


_check()
