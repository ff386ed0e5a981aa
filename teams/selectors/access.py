"""Effective rights, and where each comes from: read from the assignments, the source, for a member's page and a channel's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from socialops.permissions.rights import RIGHTS_ON, Right
from teams.models import Assignment, Brand, Channel, Member, Organization


@dataclass(frozen=True, slots=True)
class Held:
    """One right held, and the assignments that give it."""

    right: Right
    sources: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class ScopeAccess:
    """What a member holds on one scope through what was given there; rights of wider scopes are listed on those."""

    scope: Organization | Brand | Channel
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class MemberAccess:
    """What one member holds on one channel, from any scope over it."""

    member: Member
    held: tuple[Held, ...]

    @property
    def by_source(self) -> list[tuple[Assignment, list[Right]]]:
        """Each assignment once, with the rights it gives here."""
        sources = {source.pk: source for held in self.held for source in held.sources}
        return [(source, [held.right for held in self.held if source in held.sources]) for source in sources.values()]


def access_of(member: Member, organization: Organization, *, now: datetime | None = None) -> list[ScopeAccess]:
    """By scope, wide first: the rights a member holds now and through which role. One query."""
    by_scope: dict[tuple[str, int], tuple[Organization | Brand | Channel, list[Assignment]]] = {}
    if member.is_active:
        rows = _running(now).filter(member=member).select_related("role", "brand", "channel__brand", "created_by")
        for row in rows.order_by("created_at"):
            scope = row.channel or row.brand or organization
            by_scope.setdefault(scope.scope_path[0], (scope, []))[1].append(row)
    order = {"organization": 0, "brand": 1, "channel": 2}
    return [
        ScopeAccess(scope=scope, held=_held(assignments))
        for _key, (scope, assignments) in sorted(
            by_scope.items(), key=lambda item: (order[item[0][0]], str(item[1][0]).casefold())
        )
    ]


def access_to(channel: Channel, *, now: datetime | None = None) -> list[MemberAccess]:
    """Everybody who holds something on this channel, by name, and through what. One query."""
    rows = (
        _running(now)
        .filter(Q(channel=channel) | Q(brand_id=channel.brand_id) | Q(brand=None, channel=None))
        .filter(member__is_active=True, member__user__is_active=True)
        .select_related("role", "brand", "channel", "member__user")
        .order_by("member__user__name", "created_at")
    )
    by_member: dict[int, list[Assignment]] = {}
    for row in rows:
        by_member.setdefault(row.member_id, []).append(row)
    access = [
        MemberAccess(member=assignments[0].member, held=_held(assignments, kind="channel"))
        for assignments in by_member.values()
    ]
    return [one for one in access if one.held]


def publishers_of(channels: Iterable[Channel], *, now: datetime | None = None) -> dict[int, list[str]]:
    """Who can publish on each channel, names in order. One query."""
    channels = list(channels)
    rows = (
        _running(now)
        .filter(role__rights__contains=[Right.PUBLISH.value])
        .filter(member__is_active=True, member__user__is_active=True)
        .filter(Q(channel__in=channels) | Q(brand_id__in={c.brand_id for c in channels}) | Q(brand=None, channel=None))
        .select_related("member__user")
        .order_by("member__user__name")
    )
    found: dict[int, dict[int, str]] = {channel.pk: {} for channel in channels}
    for row in rows:
        for channel in channels:
            if row.scope_path[0] in channel.scope_path:
                found[channel.pk][row.member_id] = str(row.member)
    return {pk: list(names.values()) for pk, names in found.items()}


def _running(now: datetime | None) -> QuerySet[Assignment]:
    now = now or timezone.now()
    return Assignment.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now), role__is_archived=False
    )


def _held(assignments: list[Assignment], *, kind: str = "") -> tuple[Held, ...]:
    found = []
    for right in Right:
        if kind and right not in RIGHTS_ON[kind]:
            continue
        sources = tuple(
            a for a in assignments if right.value in a.role.rights and right in RIGHTS_ON[a.scope_path[0][0]]
        )
        if sources:
            found.append(Held(right=right, sources=sources))
    return tuple(found)
