"""Reads of roles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Q
from django.http import Http404
from django.utils import timezone

from teams.models import Assignment, Role


def holders_of(role: Role, *, now: datetime | None = None) -> int:
    """How many members hold this role now or will. One query."""
    open_ended = Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())
    return Assignment.objects.filter(open_ended, role=role).aggregate(n=Count("member_id", distinct=True))["n"] or 0


def holders_by_role(roles: Collection[Role], *, now: datetime | None = None) -> dict[int, int]:
    """The same for several roles, by id. One query."""
    open_ended = Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())
    rows = Assignment.objects.filter(open_ended, role__in=roles).values("role_id")
    return {row["role_id"]: row["n"] for row in rows.annotate(n=Count("member_id", distinct=True))}


def list_roles(*, archived: bool = False) -> list[Role]:
    """Roles of the organization in scope, by the name their reader sees. One query."""
    return sorted(Role.objects.filter(is_archived=archived), key=lambda role: role.label.casefold())


def get_role(pk: int | str) -> Role:
    """404 when the organization in scope has none such."""
    try:
        role = Role.objects.filter(pk=int(pk)).first()
    except (ValueError, OverflowError):
        role = None
    if role is None:
        raise Http404
    found: Role = role
    return found
