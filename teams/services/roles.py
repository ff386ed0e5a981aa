"""Writes of roles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams import rules
from teams.catalogue import CATALOGUE, ORGANIZATION_ADMIN
from teams.errors import RuleRefused, obey
from teams.models import Assignment, Member, Organization, Role
from teams.selectors.members import administrators
from teams.selectors.organizations import lock_organization
from teams.selectors.roles import holders_of
from teams.services.rights import rebuild_rights


def seed_roles(*, organization: Organization) -> list[Role]:
    """Give the organization the catalogue's roles that it lacks. Needs tenant(organization)."""
    known = set(Role.objects.values_list("catalogue_key", flat=True))
    return Role.objects.bulk_create(
        Role(
            organization_id=organization.pk,
            catalogue_key=entry.key,
            name=entry.name,
            mission=entry.mission,
            rights=[right.value for right in entry.rights],
            persona=entry.persona,
            needs_end_date=entry.needs_end_date,
        )
        for entry in CATALOGUE
        if entry.key not in known
    )


@transaction.atomic
def create_role(
    *,
    organization: Organization,
    name: str,
    rights: Collection[str],
    actor: Actor,
    mission: str = "",
    persona: str = Member.Persona.MANAGER,
    needs_end_date: bool = False,
) -> Role:
    """A role of the organization's own. Nobody composes one beyond their own rights."""
    actor.require(Right.MANAGE_MEMBERS, organization)
    ordered = _ordered(rights)
    obey(rules.may_set_rights(actor, (), ordered), code="beyond_own_rights")
    _require_free_name(name)
    role = Role(name=name, mission=mission, rights=ordered, persona=persona, needs_end_date=needs_end_date)
    role.full_clean(validate_constraints=False)
    role.save()
    record(actor=actor, action="role.created", target=role, changes={"rights": [[], ordered]})
    return role


@transaction.atomic
def edit_role(*, role: Role, actor: Actor, **changes: Any) -> Role:
    """Change name, mission, rights, persona or needs_end_date; whoever holds the role has the new rights when this returns."""
    unknown = changes.keys() - {"name", "mission", "rights", "persona", "needs_end_date"}
    if unknown:
        raise TypeError(f"edit_role can't change {sorted(unknown)}")
    organization = lock_organization(role.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    role = Role.objects.select_for_update().get(pk=role.pk)
    if "rights" in changes:
        changes["rights"] = _ordered(changes["rights"])
        obey(rules.may_set_rights(actor, role.rights, changes["rights"]), code="beyond_own_rights")
        if role.catalogue_key == ORGANIZATION_ADMIN and changes["rights"] != role.rights:
            raise RuleRefused(
                _("The organization admin holds every right. Compose another role for somebody who should hold fewer."),
                code="fixed_role",
            )
        remaining = administrators(with_rights=(role.pk, changes["rights"]))
        obey(rules.keeps_an_administrator(administrators(), remaining), code="last_administrator")
    if changes.get("name", role.name) != role.name:
        _require_free_name(changes["name"])
    before = {name: getattr(role, name) for name in changes}
    changed = {name: [before[name], value] for name, value in changes.items() if before[name] != value}
    if not changed:
        return role
    for name, value in changes.items():
        setattr(role, name, value)
    role.full_clean(validate_constraints=False)
    role.save(update_fields=sorted(changed))
    if "rights" in changed:
        for member in Member.objects.filter(pk__in=Assignment.objects.filter(role=role).values("member_id")):
            rebuild_rights(member=member)
    record(actor=actor, action="role.edited", target=role, changes=changed)
    return role


@transaction.atomic
def archive_role(*, role: Role, actor: Actor) -> None:
    """Take a role out of use. Refused while somebody holds it, or will."""
    organization = lock_organization(role.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    if role.catalogue_key == ORGANIZATION_ADMIN:
        raise RuleRefused(_("The organization admin role always stays."), code="fixed_role")
    obey(rules.may_archive(holders_of(role)), code="role_held")
    if role.is_archived:
        return
    role.is_archived = True
    role.save(update_fields=["is_archived"])
    record(actor=actor, action="role.archived", target=role)


@transaction.atomic
def restore_role(*, role: Role, actor: Actor) -> None:
    """Bring an archived role back into use."""
    organization = lock_organization(role.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    if not role.is_archived:
        return
    _require_free_name(role.name)
    role.is_archived = False
    role.save(update_fields=["is_archived"])
    record(actor=actor, action="role.restored", target=role)


def _ordered(rights: Collection[str]) -> list[str]:
    unknown = sorted(set(rights) - set(Right.values))
    if unknown:
        raise ValidationError({"rights": _("Unknown right: %(name)s.") % {"name": ", ".join(unknown)}})
    if not rights:
        raise ValidationError({"rights": _("Choose at least one right.")})
    return [right.value for right in Right if right.value in rights]


def _require_free_name(name: str) -> None:
    if Role.objects.filter(name__iexact=name.strip(), is_archived=False).exists():
        raise ValidationError({"name": _("Another role is already called “%(name)s”.") % {"name": name.strip()}})
