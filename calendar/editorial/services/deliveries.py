"""Between a post and its deliveries: made when the post is scheduled, withdrawn before anything about it changes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from editorial.errors import NotEditable
from editorial.models import Post, Variant
from editorial.selectors.content import Assets, label_for, payload_for
from editorial.selectors.posts import Loaded
from publishing.enums import DeliveryState
from publishing.models import Delivery
from publishing.services.deliveries import NewDelivery, cancel_delivery, create_deliveries, reschedule_delivery
from socialops.permissions.actor import Actor

UNDER_WAY = frozenset({DeliveryState.COMMITTING, DeliveryState.CONFIRMING, DeliveryState.UNCONFIRMED})


def send_out(loaded: Sequence[Loaded], *, actor: Actor) -> None:
    """Create the deliveries of scheduled posts, in one go. Variants that have one already keep it."""
    waiting = [(item, variant) for item in loaded for variant in item.variants if variant.delivery_id is None]
    items = [_new_delivery(item.post, variant, item.assets) for item, variant in waiting]
    made = create_deliveries(items=items, actor=actor)
    for (_item, variant), delivery in zip(waiting, made, strict=True):
        variant.delivery = delivery
    Variant.objects.bulk_update([variant for _item, variant in waiting], ["delivery"], batch_size=500)


def _new_delivery(post: Post, variant: Variant, assets: Assets) -> NewDelivery:
    assert post.scheduled_at is not None
    return NewDelivery(
        channel=variant.channel,
        payload=payload_for(post, variant, assets),
        due_at=post.scheduled_at,
        label=label_for(post, variant),
        post_key=post.pk,
        campaign_key=post.campaign_id,
        content_hash=post.content_hash,
    )


def require_not_under_way(variants: Sequence[Variant]) -> None:
    """NotEditable while any of the deliveries is being sent, or is already out."""
    for delivery in _current(variants):
        if delivery.state in UNDER_WAY:
            raise NotEditable(_("This post is going out right now: wait until it is settled."))
        if delivery.state == DeliveryState.PUBLISHED:
            raise NotEditable(_("This post is already out on a network: duplicate it to publish something else."))


def withdraw(variants: Sequence[Variant], *, actor: Actor, reason: str) -> None:
    """Cancel every delivery that hasn't gone out. NotEditable when one is under way: nothing is withdrawn then."""
    require_not_under_way(variants)
    deliveries = _current(variants)
    if not deliveries:
        return
    # Unhooked first: what becomes of a withdrawn delivery says nothing about the post any more.
    Variant.objects.filter(pk__in=[variant.pk for variant in variants]).update(delivery=None)
    for variant in variants:
        variant.delivery = None
    for delivery in deliveries:
        cancel_delivery(delivery=delivery, actor=actor, reason=reason)


def move_due(variants: Sequence[Variant], *, post: Post, actor: Actor) -> None:
    """Give the waiting deliveries the post's date."""
    require_not_under_way(variants)
    assert post.scheduled_at is not None
    for delivery in _current(variants):
        if delivery.state != DeliveryState.CANCELLED:
            reschedule_delivery(delivery=delivery, due_at=post.scheduled_at, actor=actor)


def _current(variants: Sequence[Variant]) -> list[Delivery]:
    """Read again under the post's lock: what was loaded with the variants may be older."""
    ids = [variant.delivery_id for variant in variants if variant.delivery_id is not None]
    return list(Delivery.objects.filter(pk__in=ids).select_related("channel").order_by("pk")) if ids else []
