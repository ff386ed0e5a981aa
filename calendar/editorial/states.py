"""The life of a post: which moves are legal. Checked when this module is imported."""

from __future__ import annotations

from editorial.enums import PostState as S

MOVES: dict[S, frozenset[S]] = {
    S.IDEA: frozenset({S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.CANCELLED}),
    S.DRAFT: frozenset({S.IDEA, S.IN_REVIEW, S.SCHEDULED, S.CANCELLED}),
    S.IN_REVIEW: frozenset({S.DRAFT, S.CHANGES_REQUESTED, S.APPROVED, S.SCHEDULED, S.EXPIRED, S.CANCELLED}),
    S.CHANGES_REQUESTED: frozenset({S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.EXPIRED, S.CANCELLED}),
    S.APPROVED: frozenset({S.DRAFT, S.IN_REVIEW, S.CHANGES_REQUESTED, S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset(
        {
            S.DRAFT,
            S.IN_REVIEW,
            S.CHANGES_REQUESTED,
            S.APPROVED,
            S.ON_HOLD,
            S.PUBLISHED,
            S.PARTIALLY_PUBLISHED,
            S.FAILED,
            S.CANCELLED,
        }
    ),
    S.ON_HOLD: frozenset(
        {
            S.DRAFT,
            S.IN_REVIEW,
            S.CHANGES_REQUESTED,
            S.APPROVED,
            S.SCHEDULED,
            S.PUBLISHED,
            S.PARTIALLY_PUBLISHED,
            S.FAILED,
            S.CANCELLED,
        }
    ),
    # a person may say of a failed delivery that it is live after all, or try it again
    S.FAILED: frozenset(
        {S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.ON_HOLD, S.PUBLISHED, S.PARTIALLY_PUBLISHED, S.CANCELLED}
    ),
    S.PARTIALLY_PUBLISHED: frozenset({S.SCHEDULED, S.PUBLISHED}),
    S.PUBLISHED: frozenset(),
    S.EXPIRED: frozenset({S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.CANCELLED}),
    S.CANCELLED: frozenset({S.DRAFT}),
}

START = frozenset({S.IDEA, S.DRAFT})
EDITABLE = frozenset(
    {S.IDEA, S.DRAFT, S.IN_REVIEW, S.CHANGES_REQUESTED, S.APPROVED, S.SCHEDULED, S.ON_HOLD, S.FAILED, S.EXPIRED}
)
DELETABLE = frozenset({S.IDEA, S.DRAFT, S.CANCELLED, S.EXPIRED})
MOVABLE = EDITABLE - {S.FAILED}  # whose date may be changed, by drag or by form
WITH_DELIVERIES = frozenset({S.SCHEDULED, S.ON_HOLD, S.FAILED, S.PARTIALLY_PUBLISHED, S.PUBLISHED})
WITH_AUTHOR = frozenset({S.IDEA, S.DRAFT, S.CHANGES_REQUESTED, S.EXPIRED, S.CANCELLED})  # nobody decides about it now
OPEN = EDITABLE | {S.PARTIALLY_PUBLISHED}


def check_graph() -> None:
    """Every state is there, reachable from a start, and leads only to known states. AssertionError otherwise."""
    if set(MOVES) != set(S):
        raise AssertionError(f"states without a row in MOVES: {sorted(set(S) - set(MOVES))}")
    reached, frontier = set(START), set(START)
    while frontier:
        frontier = {target for state in frontier for target in MOVES[state]} - reached
        reached |= frontier
    if reached != set(S):
        raise AssertionError(f"states nothing leads to: {sorted(set(S) - reached)}")


check_graph()
