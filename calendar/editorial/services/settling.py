"""What became of a post's deliveries, told as the post's state."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from editorial.enums import PostState
from editorial.models import Post, Variant
from editorial.services.moves import move_post
from editorial.states import MOVES, WITH_DELIVERIES
from publishing.enums import DeliveryState as D
from publishing.models import Delivery

_LOST = frozenset({D.FAILED, D.MISSED})


def state_from(deliveries: Collection[str]) -> PostState | None:
    """The post's state that its current deliveries' states come to; None when there are none."""
    alive = [state for state in deliveries if state != D.CANCELLED]
    if not alive:
        return PostState.CANCELLED if deliveries else None
    out = sum(state == D.PUBLISHED for state in alive)
    lost = sum(state in _LOST for state in alive)
    held = sum(state == D.SUSPENDED for state in alive)
    if out == len(alive):
        return PostState.PUBLISHED
    if out + lost == len(alive):
        return PostState.PARTIALLY_PUBLISHED if out else PostState.FAILED
    return PostState.ON_HOLD if held and out + lost + held == len(alive) else PostState.SCHEDULED


@transaction.atomic
def settle_post(*, delivery: Delivery) -> None:
    """Bring the post of a delivery that changed to the state its deliveries say. Takes the post's lock after the delivery's, which the
    caller holds. A withdrawn delivery is nobody's any more: nothing happens.
    """
    post_id = Variant.objects.filter(delivery_id=delivery.pk).values_list("post_id", flat=True).first()
    if post_id is None:
        return
    post = Post.objects.select_for_update(of=("self",)).filter(pk=post_id).first()
    if post is None or post.state not in WITH_DELIVERIES:
        return
    states = Variant.objects.filter(post_id=post_id, delivery__isnull=False).values_list("delivery__state", flat=True)
    wanted = state_from(list(states))
    if wanted is None or wanted == post.state or wanted not in MOVES[PostState(post.state)]:
        return
    move_post(post, wanted)
    post.save(update_fields=["state", "state_since", "updated_at"])
