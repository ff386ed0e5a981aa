"""Inviting people by e-mail.

The link's token is signed, made of the row's own values, and only its hash is kept: whoever reads the database can't join with it, and the mail
task makes it again instead of carrying it through the broker. Resending moves the expiry, so that earlier links die.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from teams.errors import RuleRefused, obey
from teams.models import Assignment, Brand, Channel, Invitation, Member, Organization, Role, User
from teams.rules import may_grant
from teams.selectors.actors import actor_for
from teams.selectors.organizations import lock_organization
from teams.services.assignments import check_grant, scope_fields
from teams.services.rights import rebuild_rights
from teams.signals import invitation_issued

LIFETIME = timedelta(days=7)
_SALT = "teams.invitation"


@dataclass(frozen=True, slots=True)
class Grant:
    """What an invitation gives: a role on a scope, for a time."""

    role: Role
    scope: Organization | Brand | Channel
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@transaction.atomic
def invite_member(
    *,
    organization: Organization,
    email: str,
    grants: Sequence[Grant],
    actor: Actor,
    name: str = "",
    language: str = "fr",
) -> Invitation:
    """Offer to join with these roles. Nobody invites with rights they don't hold; an expired offer to the same address is replaced."""
    organization = lock_organization(organization.pk)
    actor.require(Right.MANAGE_MEMBERS, organization)
    email = email.strip().lower()
    validate_email(email)
    if not grants:
        raise ValidationError({"role": _("Choose a role: without one, there is nothing to see.")})
    for grant in grants:
        check_grant(role=grant.role, scope=grant.scope, starts_at=grant.starts_at, ends_at=grant.ends_at, actor=actor)
    if Member.objects.filter(user__email__iexact=email, is_active=True).exists():
        raise ValidationError(
            {"email": _("%(email)s is already a member: give them a role on their page.") % {"email": email}}
        )
    now = timezone.now()
    open_one = Invitation.objects.filter(email__iexact=email, accepted_at=None, revoked_at=None).first()
    if open_one is not None and open_one.expires_at > now:
        raise ValidationError(
            {"email": _("%(email)s already has an invitation: resend it, or revoke it first.") % {"email": email}}
        )
    if open_one is not None:
        open_one.revoked_at = now
        open_one.save(update_fields=["revoked_at"])
    invitation = Invitation(
        email=email,
        name=name.strip(),
        language=language,
        expires_at=now + LIFETIME,
        invited_by=actor.user,
        grants=[_stored(grant) for grant in grants],
    )
    invitation.token_hash = _hash(token_of(invitation))
    invitation.save()
    record(
        actor=actor,
        action="invitation.sent",
        target=invitation,
        label=email,
        changes={"roles": [None, [f"{grant.role.label} ({grant.scope})" for grant in grants]]},
    )
    invitation_issued.send(sender=Invitation, invitation=invitation)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, actor: Actor) -> None:
    """A new link, valid from now; the earlier one dies."""
    organization = lock_organization(invitation.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    invitation = _open(invitation)
    for grant in grants_of(invitation):
        obey(may_grant(actor, grant.role.rights, grant.scope), code="beyond_own_rights")
    invitation.expires_at = timezone.now() + LIFETIME
    invitation.invited_by = actor.user
    invitation.token_hash = _hash(token_of(invitation))
    invitation.save(update_fields=["expires_at", "invited_by", "token_hash"])
    record(actor=actor, action="invitation.resent", target=invitation, label=invitation.email)
    invitation_issued.send(sender=Invitation, invitation=invitation)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: Actor) -> None:
    """The link stops working."""
    organization = lock_organization(invitation.organization_id)
    actor.require(Right.MANAGE_MEMBERS, organization)
    invitation = _open(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(actor=actor, action="invitation.revoked", target=invitation, label=invitation.email)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Member:
    """Join. The one who invited must still be able to grant what they offered; what has ended meanwhile is left out."""
    organization = lock_organization(invitation.organization_id)
    invitation = _open(invitation)
    if invitation.expires_at <= timezone.now():
        raise RuleRefused(_("This invitation has expired. Ask for a new one."), code="expired")
    if user.email.lower() != invitation.email.lower():
        raise RuleRefused(_("This invitation is for another e-mail address."), code="other_address")
    sender = invitation.invited_by
    inviter = None if sender is None else actor_for(user=sender, organization=organization)
    grants = grants_of(invitation)
    if inviter is None or not all(may_grant(inviter, grant.role.rights, grant.scope) for grant in grants):
        raise RuleRefused(
            _("The person who invited you may no longer grant this access. Ask the organization for a new invitation."),
            code="inviter_gone",
        )
    if not grants:
        raise RuleRefused(_("What this invitation offered no longer exists. Ask for a new one."), code="nothing_left")
    member: Member
    member, created = Member.objects.get_or_create(user=user, defaults={"persona": grants[0].role.persona})
    if not created and not member.is_active:
        # the door was closed on purpose: what they once held stays closed, only what is offered now opens
        Assignment.objects.filter(member=member).exclude(ends_at__lte=timezone.now()).update(ends_at=timezone.now())
        member.is_active, member.persona = True, grants[0].role.persona
        member.save(update_fields=["is_active", "persona"])
    for grant in grants:
        Assignment.objects.create(
            member=member,
            role=grant.role,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            created_by=invitation.invited_by,
            **scope_fields(grant.scope),
        )
    rebuild_rights(member=member)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    actor = actor_for(user=user, organization=organization)
    assert actor is not None
    record(
        actor=actor,
        action="member.joined",
        target=member,
        changes={"roles": [None, [f"{grant.role.label} ({grant.scope})" for grant in grants]]},
    )
    return member


def token_of(invitation: Invitation) -> str:
    """The link's token, made again from the row."""
    return signing.Signer(salt=_SALT).sign_object(
        {
            "o": invitation.organization_id,
            "e": invitation.email,
            "x": int(invitation.expires_at.timestamp() * 1_000_000),
        }
    )


def organization_of_token(token: str) -> Organization | None:
    """Where a token leads; None when it wasn't made here."""
    try:
        content: Any = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return Organization.objects.filter(pk=content["o"], is_active=True).first()


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a token in the organization in scope, whatever its state."""
    return Invitation.objects.select_related("invited_by").filter(token_hash=_hash(token)).first()


def grants_of(invitation: Invitation, *, now: datetime | None = None) -> list[Grant]:
    """What it still gives: roles and places that are in use, times that have not passed."""
    now = now or timezone.now()
    roles = Role.objects.filter(is_archived=False).in_bulk([grant["role"] for grant in invitation.grants])
    brands = Brand.objects.filter(is_active=True).in_bulk([g["brand"] for g in invitation.grants if g["brand"]])
    channels = Channel.objects.select_related("brand").in_bulk(
        [g["channel"] for g in invitation.grants if g["channel"]]
    )
    found = []
    for stored in invitation.grants:
        scope: Any = invitation.organization
        if stored["channel"]:
            scope = channels.get(stored["channel"])
        elif stored["brand"]:
            scope = brands.get(stored["brand"])
        role, ends_at = roles.get(stored["role"]), _moment(stored["ends_at"])
        if scope is not None and role is not None and (ends_at is None or ends_at > now):
            found.append(Grant(role=role, scope=scope, starts_at=_moment(stored["starts_at"]), ends_at=ends_at))
    return found


def _open(invitation: Invitation) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("invited_by", "organization")
        .get(pk=invitation.pk)
    )
    if invitation.accepted_at is not None:
        raise RuleRefused(_("This invitation has already been accepted."), code="accepted")
    if invitation.revoked_at is not None:
        raise RuleRefused(_("This invitation has been revoked. Ask for a new one."), code="revoked")
    return invitation


def _stored(grant: Grant) -> dict[str, Any]:
    return {
        "role": grant.role.pk,
        "brand": grant.scope.pk if isinstance(grant.scope, Brand) else None,
        "channel": grant.scope.pk if isinstance(grant.scope, Channel) else None,
        "starts_at": grant.starts_at and grant.starts_at.isoformat(),
        "ends_at": grant.ends_at and grant.ends_at.isoformat(),
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
