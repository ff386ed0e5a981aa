"""Reads of organizations. They are global rows; who belongs to which is the members' business."""

from __future__ import annotations

from typing import Any

from socialops.tenancy.scope import system
from teams.models import Member, Organization


def lock_organization(organization_id: int) -> Organization:
    """Hold the organization until commit: whoever changes who may do what comes one after another.

    NO KEY: rows that merely refer to the organization are still inserted meanwhile.
    """
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def organizations_of(user: Any) -> list[Organization]:
    """Active organizations this person is an active member of, by name. Crosses organizations: it is the person's own list."""
    with system("the organizations a person may choose from"):
        mine = Member.objects.filter(user_id=user.pk, is_active=True).values("organization_id")
        return list(Organization.objects.filter(pk__in=mine, is_active=True).order_by("name"))
