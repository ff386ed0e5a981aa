"""Assignments → guardian rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from socialops.permissions.rights import RIGHTS_ON
from teams.models import Assignment, Brand, BrandRight, Channel, ChannelRight, Member, Organization, OrganizationRight

_TABLES: dict[str, Any] = {"organization": OrganizationRight, "brand": BrandRight, "channel": ChannelRight}
_SCOPES: dict[str, Any] = {"organization": Organization, "brand": Brand, "channel": Channel}


@transaction.atomic
def rebuild_rights(*, member: Member, now: datetime | None = None) -> None:
    """Make guardian's rows of one member equal what the assignments give at this moment, and note when that next changes.

    Locks the member. An inactive member holds nothing.
    """
    now = now or timezone.now()
    member = Member.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    assignments = list(
        Assignment.objects.filter(member=member, role__is_archived=False)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .select_related("role")
        if member.is_active
        else []
    )
    wanted: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for assignment in assignments:
        if assignment.starts_at and assignment.starts_at > now:
            continue
        kind, pk = assignment.scope_path[0]
        wanted[kind] |= {(pk, right) for right in assignment.role.rights if right in RIGHTS_ON[kind]}
    for kind, table in _TABLES.items():
        _write(kind=kind, table=table, member=member, wanted=wanted[kind])
    changes = [moment for a in assignments for moment in (a.starts_at, a.ends_at) if moment and moment > now]
    member.rights_due_at = min(changes, default=None)
    member.rights_built_at = now
    member.save(update_fields=["rights_due_at", "rights_built_at"])


def _write(*, kind: str, table: Any, member: Member, wanted: set[tuple[int, str]]) -> None:
    permissions = dict(
        Permission.objects.filter(content_type=ContentType.objects.get_for_model(_SCOPES[kind])).values_list(
            "codename", "id"
        )
    )
    held = {
        (pk, codename): row
        for row, pk, codename in table.objects.filter(
            user_id=member.user_id, organization_id=member.organization_id
        ).values_list("id", "content_object_id", "permission__codename")
    }
    table.objects.filter(id__in=[row for key, row in held.items() if key not in wanted]).delete()
    table.objects.bulk_create(
        table(
            organization_id=member.organization_id,
            user_id=member.user_id,
            content_object_id=pk,
            permission_id=permissions[codename],
        )
        for pk, codename in sorted(wanted - set(held))
    )
