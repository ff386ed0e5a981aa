"""From a person and an organization to an Actor: the read side of the permissions seam."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Value
from django.db.models.functions import Cast
from django.utils import timezone
from guardian.utils import get_user_obj_perms_model

from socialops.permissions.actor import Actor, Rights
from teams.models import Brand, Channel, Member, Organization, User


def actor_for(
    *, user: Any, organization: Organization, kind: str = "member", now: datetime | None = None
) -> Actor | None:
    """The actor this person is in this organization, None when they are no active member. Two queries.

    When an assignment has started or ended since the rights were last built, they are rebuilt first: a date takes effect at its minute without
    anyone acting. Needs tenant(organization).
    """
    member = Member.objects.select_related("user").filter(user_id=user.pk, is_active=True).first()
    if member is None or not member.user.is_active:
        return None
    if member.rights_due_at is not None and member.rights_due_at <= (now or timezone.now()):
        from teams.services.rights import rebuild_rights  # noqa: PLC0415 -- the one read that must first catch up with the clock

        rebuild_rights(member=member)
    return Actor(
        kind=kind,
        name=str(member.user),
        organization_id=organization.pk,
        user=member.user,
        member=member,
        rights=rights_of(user=member.user),
    )


def rights_of(*, user: User) -> Rights:
    """What guardian's tables say this person holds in the organization in scope. One query."""
    held: dict[tuple[str, int], set[str]] = {}
    brand_of_channel: dict[int, int] = {}
    rows = _rows(Organization, "organization", user).union(
        _rows(Brand, "brand", user), _rows(Channel, "channel", user, brand=F("content_object__brand_id")), all=True
    )
    for kind, pk, brand_id, codename in rows:
        held.setdefault((kind, pk), set()).add(codename)
        if brand_id is not None:
            brand_of_channel[pk] = brand_id
    return Rights({scope: frozenset(codenames) for scope, codenames in held.items()}, brand_of_channel)


def _rows(model: Any, kind: str, user: User, brand: Any = None) -> Any:
    table: Any = get_user_obj_perms_model(model)
    return (
        table.objects.filter(user_id=user.pk)
        .annotate(kind=Value(kind), under=brand if brand is not None else Cast(Value(None), BigIntegerField()))
        .values_list("kind", "content_object_id", "under", "permission__codename")
    )
