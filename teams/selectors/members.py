"""Reads of members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from guardian.utils import get_user_obj_perms_model

from socialops.permissions.actor import Scoped
from socialops.permissions.rights import Right
from teams.models import Assignment, Brand, Channel, Member, Organization, User

_SCOPES: dict[str, Any] = {"organization": Organization, "brand": Brand, "channel": Channel}


def get_member(pk: int | str) -> Member:
    """A member of the organization in scope, with the person. 404 when there is none."""
    try:
        member = Member.objects.select_related("user").filter(pk=int(pk)).first()
    except (ValueError, OverflowError):
        member = None
    if member is None:
        raise Http404
    found: Member = member
    return found


def members_of() -> QuerySet[Member]:
    """Members of the organization in scope, with the person."""
    return Member.objects.select_related("user")


def _held_on(scope: Any) -> Any:
    return get_user_obj_perms_model(scope)


def users_with_right(right: Right, scope: Scoped) -> list[User]:
    """Active people who hold the right there, directly or through a wider scope; for telling them something. One query."""
    holders = Q(pk__in=[])
    for kind, pk in scope.scope_path:
        rows = _held_on(_SCOPES[kind]).objects.filter(content_object_id=pk, permission__codename=right.value)
        holders |= Q(pk__in=rows.values("user_id"))
    members = Member.objects.filter(is_active=True).values("user_id")
    return list(User.objects.filter(holders, pk__in=members, is_active=True).order_by("name", "pk"))


def administrators(
    *,
    without_assignment: int | None = None,
    without_member: int | None = None,
    with_rights: tuple[int, Collection[str]] | None = None,
    now: datetime | None = None,
) -> set[int]:
    """Members who hold every right on the whole organization with no end in sight: the ones who can't lock everybody out.

    The arguments ask "and if": an assignment ended, a member deactivated, a role (id, rights) changed. One query.
    """
    now = now or timezone.now()
    rows = (
        Assignment.objects.filter(brand=None, channel=None, ends_at=None, role__is_archived=False)
        .filter(Q(starts_at=None) | Q(starts_at__lte=now), member__is_active=True, member__user__is_active=True)
        .exclude(pk=without_assignment)
        .exclude(member_id=without_member)
        .values_list("member_id", "role_id", "role__rights")
    )
    held: dict[int, set[str]] = defaultdict(set)
    for member_id, role_id, rights in rows:
        held[member_id].update(with_rights[1] if with_rights and with_rights[0] == role_id else rights)
    return {member_id for member_id, rights in held.items() if rights >= {right.value for right in Right}}


def assignments_of(member: Member, *, ended: bool = False, now: datetime | None = None) -> list[Assignment]:
    """What a member was given, wide scopes first; ended ones only when asked for. One query."""
    rows = Assignment.objects.filter(member=member).select_related("role", "brand", "channel__brand", "created_by")
    if not ended:
        rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=now or timezone.now()))
    return sorted(
        rows, key=lambda row: (row.channel_id is not None, row.brand_id is not None, row.role.label.casefold())
    )


def get_assignment(pk: int | str) -> Assignment:
    """404 when the organization in scope has none such."""
    try:
        row = (
            Assignment.objects.select_related("role", "member__user", "brand", "channel__brand")
            .filter(pk=int(pk))
            .first()
        )
    except (ValueError, OverflowError):
        row = None
    if row is None:
        raise Http404
    found: Assignment = row
    return found


def roles_at_a_glance(members: Collection[Member], *, now: datetime | None = None) -> dict[int, list[Assignment]]:
    """Running and coming assignments of these members, by member id. One query."""
    rows = (
        Assignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now or timezone.now()), member__in=members)
        .select_related("role", "brand", "channel")
        .order_by("pk")
    )
    found: dict[int, list[Assignment]] = {member.pk: [] for member in members}
    for row in rows:
        found[row.member_id].append(row)
    return found
