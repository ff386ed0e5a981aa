"""Reads of brands."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.models import Brand


def visible_brands(actor: Actor) -> QuerySet[Brand]:
    """Active brands on which, or on a channel of which, this actor holds anything at all; by name."""
    anything = Q(pk__in=[])
    for right in Right:
        anything |= actor.brands_q(right)
        if actor.everywhere(right):
            anything = Q()
            break
    return Brand.objects.filter(anything, is_active=True)


def list_brands(actor: Actor) -> list[Brand]:
    """The same, loaded. One query."""
    return list(visible_brands(actor))


def get_brand(actor: Actor, slug: str) -> Brand:
    """404 alike for absent and not visible."""
    brand = visible_brands(actor).filter(slug=slug).first()
    if brand is None:
        raise Http404
    return brand
