"""What waits for a person on the overview: approvals to give, publications to settle, suspensions in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from editorial.enums import PostState
from editorial.models import Post
from editorial.selectors.access import visible
from editorial.selectors.posts import told
from publishing.models import Delivery, Suspension
from publishing.selectors.deliveries import needing_attention
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.ui.counting import count_together

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Decisions:
    """`approvals` are the next ones by date; the counts are of all."""

    approvals: Sequence[Post]
    approval_count: int
    attention_count: int
    suspensions: Sequence[Suspension]

    @property
    def nothing(self) -> bool:
        return not (self.approval_count or self.attention_count or self.suspensions)


def decisions(actor: Actor, *, suspensions: Sequence[Suspension]) -> Decisions:
    """Nobody approves their own post, so one's own do not wait for oneself. `suspensions`: those in force. Two queries."""
    waiting = (
        visible(actor, Right.APPROVE)
        .filter(state=PostState.IN_REVIEW)
        .exclude(author_id=actor.user_id)
        .exclude(last_editor_id=actor.user_id)
        if actor.can_anywhere(Right.APPROVE)
        else Post.objects.none()
    )
    troubled = needing_attention(actor) if actor.can_anywhere(Right.PUBLISH) else Delivery.objects.none()
    counts = count_together({"waiting": waiting.values("pk"), "troubled": troubled.order_by().values("pk")})
    shown = waiting.select_related("brand", "author").annotate(told=told())
    return Decisions(
        approvals=list(shown.order_by("scheduled_at", "pk")[:SHOWN]),
        approval_count=counts["waiting"],
        attention_count=counts["troubled"],
        suspensions=suspensions[:SHOWN],
    )
