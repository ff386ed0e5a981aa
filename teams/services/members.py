"""Writes of members."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams import rules
from teams.errors import obey
from teams.models import Member
from teams.selectors.members import administrators, assignments_of
from teams.selectors.organizations import lock_organization
from teams.services.rights import rebuild_rights


@transaction.atomic
def edit_member(*, member: Member, actor: Actor, **changes: Any) -> Member:
    """Change a member's job title or the screen they open on. One's own needs no right."""
    unknown = changes.keys() - {"title", "persona"}
    if unknown:
        raise TypeError(f"edit_member can't change {sorted(unknown)}")
    if actor.user_id != member.user_id:
        actor.require(Right.MANAGE_MEMBERS, member.organization)
    changed = {key: [getattr(member, key), value] for key, value in changes.items() if getattr(member, key) != value}
    if not changed:
        return member
    for key, (_before, value) in changed.items():
        setattr(member, key, value)
    member.full_clean(validate_constraints=False)
    member.save(update_fields=sorted(changed))
    record(actor=actor, action="member.edited", target=member, changes=changed)
    return member


@transaction.atomic
def deactivate_member(*, member: Member, actor: Actor, reason: str = "") -> None:
    """Close the door, now: no right, no token works any more. What the person wrote stays, under their name."""
    organization = lock_organization(member.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    member = Member.objects.select_related("user").get(pk=member.pk)
    if not member.is_active:
        return
    remaining = administrators(without_member=member.pk)
    obey(rules.keeps_an_administrator(administrators(), remaining), code="last_administrator")
    member.is_active = False
    member.save(update_fields=["is_active"])
    rebuild_rights(member=member)
    record(actor=actor, action="member.deactivated", target=member, changes={"active": [True, False]}, reason=reason)


@transaction.atomic
def reactivate_member(*, member: Member, actor: Actor) -> None:
    """Open it again, with what the still running assignments give; nobody brings back more than they could grant."""
    organization = lock_organization(member.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    member = Member.objects.select_related("user").get(pk=member.pk)
    if member.is_active:
        return
    for assignment in assignments_of(member):
        scope = assignment.channel or assignment.brand or organization
        obey(rules.may_grant(actor, assignment.role.rights, scope), code="beyond_own_rights")
    member.is_active = True
    member.save(update_fields=["is_active"])
    rebuild_rights(member=member)
    record(actor=actor, action="member.reactivated", target=member, changes={"active": [False, True]})
