"""Writes of organizations and their brands."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.catalogue import ORGANIZATION_ADMIN
from teams.models import Assignment, Brand, Member, Organization, Role, User
from teams.models.organizations import valid_slug
from teams.services.people import create_person
from teams.services.rights import rebuild_rights
from teams.services.roles import seed_roles

MAIN_BRAND = "main"
_ORGANIZATION_FIELDS = frozenset({"name", "time_zone"})
_BRAND_FIELDS = frozenset(
    {
        "slug",
        "name",
        "time_zone",
        "languages",
        "approval",
        "late_tolerance_minutes",
        "voice",
        "colour",
        "is_active",
    }
)


@transaction.atomic
def create_organization(
    *,
    slug: str,
    name: str,
    owner_email: str,
    owner_name: str = "",
    password: str | None = None,
    actor: Actor | None = None,
) -> Organization:
    """A tenant ready to work in: the catalogue's roles, a brand `main` (Europe/Paris, no approval), and its owner as organization admin.

    The owner's account is made when the address has none. ValidationError for a slug that is taken or malformed.
    """
    if Organization.objects.filter(slug=slug).exists():
        raise ValidationError({"slug": _("The address “%(slug)s” is already taken.") % {"slug": slug}})
    organization = Organization(slug=slug, name=name)
    organization.full_clean()
    organization.save()
    owner = User.objects.filter(email__iexact=owner_email.strip()).first() or create_person(
        email=owner_email, name=owner_name, password=password
    )
    with tenant(organization):
        acting = actor or Actor.system("create_organization", organization_id=organization.pk)
        record(actor=acting, action="organization.created", target=organization)
        seed_roles(organization=organization)
        create_brand(organization=organization, slug=MAIN_BRAND, name=name, approval=Brand.Approval.NONE, actor=acting)
        member = Member.objects.create(user=owner, persona=Member.Persona.ADMIN)
        Assignment.objects.create(member=member, role=Role.objects.get(catalogue_key=ORGANIZATION_ADMIN))
        rebuild_rights(member=member)
        record(actor=acting, action="member.joined", target=member, label=str(owner))
    return organization


@transaction.atomic
def edit_organization(*, organization: Organization, actor: Actor, **changes: Any) -> Organization:
    """Change its name or time zone."""
    actor.require(Right.MANAGE_BRANDS, organization)
    _edit(organization, changes, _ORGANIZATION_FIELDS, action="organization.edited", actor=actor)
    return organization


@transaction.atomic
def create_brand(*, organization: Organization, slug: str, name: str, actor: Actor, **fields: Any) -> Brand:
    """A workspace. `fields`: time_zone (the organization's by default), languages, approval, late_tolerance_minutes, voice, colour."""
    _require_known(fields, _BRAND_FIELDS)
    actor.require(Right.MANAGE_BRANDS, organization)
    valid_slug(slug)
    fields.setdefault("time_zone", organization.time_zone)
    fields.setdefault("languages", ["fr"])
    brand = Brand(organization_id=organization.pk, slug=slug, name=name, **fields)
    _clean(brand)
    brand.save()
    record(actor=actor, action="brand.created", target=brand, brand_id=brand.pk)
    return brand


@transaction.atomic
def edit_brand(*, brand: Brand, actor: Actor, **changes: Any) -> Brand:
    """Change a brand's settings; dates already planned keep their instant when the zone changes."""
    actor.require(Right.MANAGE_BRANDS, brand)
    _edit(brand, changes, _BRAND_FIELDS, action="brand.edited", actor=actor, brand_id=brand.pk)
    return brand


def _edit(
    row: Any, changes: dict[str, Any], allowed: frozenset[str], *, action: str, actor: Actor, **about: Any
) -> None:
    _require_known(changes, allowed)
    changed = {name: [getattr(row, name), value] for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return
    for name, (_before, value) in changed.items():
        setattr(row, name, value)
    _clean(row)
    row.save(update_fields=sorted(changed))
    record(actor=actor, action=action, target=row, changes=changed, **about)


def _require_known(fields: dict[str, Any], allowed: frozenset[str]) -> None:
    unknown = fields.keys() - allowed
    if unknown:
        raise TypeError(f"not a setting here: {sorted(unknown)}")


def _clean(row: Any) -> None:
    row.full_clean(validate_constraints=False)
    if isinstance(row, Brand) and Brand.objects.filter(slug=row.slug).exclude(pk=row.pk).exists():
        raise ValidationError({"slug": _("Another brand already has the address “%(slug)s”.") % {"slug": row.slug}})
