"""Reads of suspensions."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from publishing.enums import DeliveryState as S
from publishing.models import Delivery, Suspension
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand, Channel

# condition on publishing_delivery, for the last statement before the one shot
NOT_SUSPENDED = """NOT EXISTS (
    SELECT FROM publishing_suspension s
    WHERE s.lifted_at IS NULL AND s.organization_id = publishing_delivery.organization_id
      AND (s.scope = 'organization' OR s.brand_id = publishing_delivery.brand_id OR s.channel_id = publishing_delivery.channel_id
           OR s.campaign_key = publishing_delivery.campaign_key))"""


def active() -> QuerySet[Suspension]:
    """Every open suspension of the organization in scope, newest first."""
    return Suspension.objects.filter(lifted_at=None).select_related("brand", "channel", "started_by").order_by("-id")


def suspensions_seen(request: Any) -> list[Suspension]:
    """The same, loaded: read once a request, for the banners and for screens that show them."""
    if not hasattr(request, "suspensions_seen"):
        request.suspensions_seen = list(active())
    found: list[Suspension] = request.suspensions_seen
    return found


def active_for(
    *, channel: Channel | None = None, brand: Brand | None = None, campaign_key: int | None = None
) -> list[Suspension]:
    """The open suspensions that hold this channel (with its brand), brand or campaign; the organization's always. One query."""
    brand_id = channel.brand_id if channel is not None else brand.pk if brand is not None else None
    held = Q(scope="organization") | Q(scope="brand", brand_id=brand_id)
    if channel is not None:
        held |= Q(scope="channel", channel=channel)
    if campaign_key is not None:
        held |= Q(scope="campaign", campaign_key=campaign_key)
    return list(active().filter(held))


def under_suspension() -> Exists:
    """Condition on deliveries: an open suspension covers them."""
    covering = (
        Q(scope="organization")
        | Q(brand=OuterRef("brand"))
        | Q(channel=OuterRef("channel"))
        | Q(campaign_key=OuterRef("campaign_key"))
    )
    return Exists(Suspension.objects.filter(covering, lifted_at=None, organization=OuterRef("organization")))


def list_suspensions(actor: Actor) -> QuerySet[Suspension]:
    """Open and lifted, newest first. Whoever sees anything sees why nothing goes out: reasons are for everybody."""
    return Suspension.objects.select_related("brand", "channel", "started_by", "lifted_by").order_by("-id")


def get_suspension(actor: Actor, pk: int, right: Right | None = None) -> Suspension:
    """Http404 when absent; 403 when the right is asked for and missing."""
    suspension = list_suspensions(actor).filter(pk=pk).first()
    if suspension is None:
        raise Http404
    if right is not None:
        actor.require(right, suspension)
    return suspension


def covered(suspension: Suspension) -> Q:
    """Filter to the deliveries in the suspension's scope."""
    if suspension.channel_id is not None:
        return Q(channel_id=suspension.channel_id)
    if suspension.brand_id is not None:
        return Q(brand_id=suspension.brand_id)
    if suspension.campaign_key is not None:
        return Q(campaign_key=suspension.campaign_key)
    return Q()


def held(suspension: Suspension) -> QuerySet[Delivery]:
    """What it still holds, in order of due time."""
    return (
        Delivery.objects.filter(suspension=suspension, state=S.SUSPENDED)
        .select_related("channel", "brand")
        .order_by("due_at", "id")
    )


def in_flight(suspension: Suspension) -> QuerySet[Delivery]:
    """What was on its way when the suspension began, with whatever became of it."""
    return (
        Delivery.objects.filter(covered(suspension), commit_started_at__isnull=False)
        .filter(
            Q(state__in=[S.COMMITTING, S.CONFIRMING, S.UNCONFIRMED])
            | Q(commit_started_at__lte=suspension.started_at, published_at__gte=suspension.started_at)
        )
        .select_related("channel", "brand")
        .order_by("due_at", "id")
    )
