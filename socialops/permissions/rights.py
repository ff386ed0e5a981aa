"""The rights of the trade. Each can be held on an organization, a brand or a channel; a right on the wider scope covers the narrower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise  # the stubs' name for a lazy string


class Right(models.TextChoices):
    """Codenames of guardian's permissions on Organization, Brand and Channel alike."""

    VIEW = "view", _("See posts, calendar and conversations")
    WRITE = "write", _("Write and edit drafts")
    SUBMIT = "submit", _("Submit for approval")
    APPROVE = "approve", _("Approve or ask for changes")
    PUBLISH = "publish", _("Schedule and publish")
    REPLY_PUBLICLY = "reply_publicly", _("Reply publicly")
    REPLY_PRIVATELY = "reply_privately", _("Reply privately")
    MODERATE = "moderate", _("Hide and delete comments")
    MANAGE_CHANNEL = "manage_channel", _("Connect and manage channels")
    SEE_KPIS = "see_kpis", _("See figures")
    EXPORT = "export", _("Export figures and lists")
    SUSPEND = "suspend", _("Suspend and resume publishing")
    MANAGE_CAMPAIGNS = "manage_campaigns", _("Create and edit campaigns")
    MANAGE_BRANDS = "manage_brands", _("Create and edit brands and their settings")
    MANAGE_MEMBERS = "manage_members", _("Invite members, compose and assign roles")
    SEE_AUDIT = "see_audit", _("Read the audit log")


ORGANIZATION_ONLY = frozenset({Right.MANAGE_MEMBERS, Right.SEE_AUDIT})
BRAND_AND_ABOVE = frozenset({Right.MANAGE_BRANDS, Right.MANAGE_CAMPAIGNS})
CHANNEL_RIGHTS: tuple[Right, ...] = tuple(r for r in Right if r not in ORGANIZATION_ONLY | BRAND_AND_ABOVE)


RIGHTS_ON: dict[str, frozenset[Right]] = {
    "organization": frozenset(Right),
    "brand": frozenset({*CHANNEL_RIGHTS, *BRAND_AND_ABOVE}),
    "channel": frozenset(CHANNEL_RIGHTS),
}
"""What can be held on each kind of scope: the rest of a role given there has no effect."""


def permissions_for_organization() -> list[tuple[str, str | StrPromise]]:
    """`Meta.permissions` of Organization: every right."""
    return [(right.value, right.name.replace("_", " ").capitalize()) for right in Right]


def permissions_for_brand() -> list[tuple[str, str | StrPromise]]:
    """`Meta.permissions` of Brand."""
    return [pair for pair in permissions_for_organization() if pair[0] not in ORGANIZATION_ONLY]


def permissions_for_channel() -> list[tuple[str, str | StrPromise]]:
    """`Meta.permissions` of Channel."""
    return [pair for pair in permissions_for_brand() if pair[0] not in BRAND_AND_ABOVE]
