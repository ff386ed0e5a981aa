"""Giving and ending roles. Whoever changes who may do what holds the organization's lock first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams import rules
from teams.errors import RuleRefused, obey
from teams.models import Assignment, Brand, Channel, Member, Organization, Role
from teams.selectors.members import administrators
from teams.selectors.organizations import lock_organization
from teams.services.rights import rebuild_rights


@transaction.atomic
def assign_role(
    *,
    member: Member,
    role: Role,
    scope: Organization | Brand | Channel,
    actor: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Assignment:
    """Give a role on the organization, a brand or a channel. `ends_at` is exclusive; both are aware."""
    organization = lock_organization(actor.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    check_grant(role=role, scope=scope, starts_at=starts_at, ends_at=ends_at, actor=actor)
    if not member.is_active:
        raise RuleRefused(_("This member is deactivated: reactivate them first."), code="inactive")
    places = scope_fields(scope)
    if _overlapping(member=member, role=role, places=places, starts_at=starts_at, ends_at=ends_at):
        raise RuleRefused(_("%(name)s already has this role there in that time.") % {"name": member}, code="duplicate")
    first = not Assignment.objects.filter(member=member).exists()
    assignment: Assignment = Assignment.objects.create(
        member=member, role=role, starts_at=starts_at, ends_at=ends_at, created_by=actor.user, **places
    )
    if first and member.persona != role.persona:
        member.persona = role.persona
        member.save(update_fields=["persona"])
    rebuild_rights(member=member)
    record(
        actor=actor,
        action="member.role_assigned",
        target=member,
        brand_id=_brand_id(scope),
        changes={
            "role": [None, role.label],
            "scope": [None, str(scope)],
            "from": [None, _iso(starts_at)],
            "until": [None, _iso(ends_at)],
        },
    )
    return assignment


@transaction.atomic
def change_dates(
    *, assignment: Assignment, starts_at: datetime | None, ends_at: datetime | None, actor: Actor
) -> Assignment:
    """Move an assignment's dates. An end date on the last administrator is refused; so is prolonging what the actor couldn't give."""
    organization = lock_organization(assignment.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    assignment = Assignment.objects.select_related("role", "member", "brand", "channel").get(pk=assignment.pk)
    scope = scope_of(assignment, organization)
    check_grant(role=assignment.role, scope=scope, starts_at=starts_at, ends_at=ends_at, actor=actor)
    if ends_at is not None or (starts_at and starts_at > timezone.now()):
        _require_administrator_besides(assignment)
    before = {"from": _iso(assignment.starts_at), "until": _iso(assignment.ends_at)}
    assignment.starts_at, assignment.ends_at = starts_at, ends_at
    assignment.save(update_fields=["starts_at", "ends_at"])
    rebuild_rights(member=assignment.member)
    after = {"from": _iso(starts_at), "until": _iso(ends_at)}
    record(
        actor=actor,
        action="member.role_dates_changed",
        target=assignment.member,
        brand_id=_brand_id(scope),
        changes={
            "role": [assignment.role.label] * 2,
            **{key: [before[key], after[key]] for key in before if before[key] != after[key]},
        },
    )
    return assignment


@transaction.atomic
def end_assignment(*, assignment: Assignment, actor: Actor) -> None:
    """Take a role back, now. What never started is removed; the rest stays in the member's history."""
    organization = lock_organization(assignment.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    assignment = Assignment.objects.select_related("role", "member", "brand", "channel").get(pk=assignment.pk)
    now = timezone.now()
    if assignment.ends_at and assignment.ends_at <= now:
        return
    _require_administrator_besides(assignment)
    started = assignment.starts_at or assignment.created_at
    scope = scope_of(assignment, organization)
    member, label = assignment.member, assignment.role.label
    if started >= now:
        assignment.delete()
    else:
        assignment.ends_at = now
        assignment.save(update_fields=["ends_at"])
    rebuild_rights(member=member)
    record(
        actor=actor,
        action="member.role_ended",
        target=member,
        brand_id=_brand_id(scope),
        changes={"role": [label, None], "scope": [str(scope), None]},
    )


def check_grant(
    *,
    role: Role,
    scope: Organization | Brand | Channel,
    starts_at: datetime | None,
    ends_at: datetime | None,
    actor: Actor,
) -> None:
    """Everything that can be wrong with giving this role there, then. Also asked when inviting."""
    if role.is_archived:
        raise RuleRefused(_("This role is archived: choose another one."), code="archived")
    if isinstance(scope, Channel) and scope.status == Channel.Status.DISCONNECTED:
        raise RuleRefused(_("This channel is disconnected: reconnect it first."), code="disconnected")
    if ends_at and ends_at <= timezone.now():
        raise ValidationError({"ends_at": _("Choose an end date in the future.")})
    if starts_at and ends_at and ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end must come after the start.")})
    obey(rules.has_needed_end(needs_end_date=role.needs_end_date, ends_at=ends_at), code="needs_end_date")
    obey(rules.may_grant(actor, role.rights, scope), code="beyond_own_rights")


def scope_fields(scope: Organization | Brand | Channel) -> dict[str, Any]:
    """A scope as an assignment's columns."""
    return {
        "brand": scope if isinstance(scope, Brand) else None,
        "channel": scope if isinstance(scope, Channel) else None,
    }


def scope_of(assignment: Assignment, organization: Organization) -> Organization | Brand | Channel:
    """An assignment's columns as a scope."""
    return assignment.channel or assignment.brand or organization


def _require_administrator_besides(assignment: Assignment) -> None:
    remaining = administrators(without_assignment=assignment.pk)
    obey(rules.keeps_an_administrator(administrators(), remaining), code="last_administrator")


def _overlapping(
    *, member: Member, role: Role, places: dict[str, Any], starts_at: datetime | None, ends_at: datetime | None
) -> bool:
    rows = Assignment.objects.filter(member=member, role=role, **places)
    return any(
        (ends_at is None or row.starts_at is None or row.starts_at < ends_at)
        and (row.ends_at is None or row.ends_at > (starts_at or timezone.now()))
        for row in rows
    )


def _brand_id(scope: Organization | Brand | Channel) -> int | None:
    if isinstance(scope, Brand):
        return scope.pk
    return scope.brand_id if isinstance(scope, Channel) else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
