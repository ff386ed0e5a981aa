"""What the tests of teams share."""

from __future__ import annotations

from typing import Any

import pytest

from socialops.permissions.rights import Right
from teams.catalogue import ORGANIZATION_ADMIN
from teams.models import Assignment, Member, Organization, Role
from teams.selectors.actors import actor_for
from teams.services.rights import rebuild_rights
from teams.services.roles import seed_roles
from tests.factories.teams import MemberFactory


@pytest.fixture
def catalogue(organization: Organization) -> dict[str, Role]:
    seed_roles(organization=organization)
    return {role.catalogue_key: role for role in Role.objects.exclude(catalogue_key="")}


@pytest.fixture
def boss(organization: Organization, catalogue: dict[str, Role]) -> Any:
    """The only administrator of the organization."""
    member = MemberFactory(persona="admin", user__name="Alice Admin")
    Assignment.objects.create(member=member, role=catalogue[ORGANIZATION_ADMIN])
    rebuild_rights(member=member)
    return actor_for(user=member.user, organization=organization)


@pytest.fixture
def own_assignment(boss: Any) -> Assignment:
    return Assignment.objects.get(member=boss.member)


@pytest.fixture
def junior_admin(actor_with: Any) -> Any:
    """May manage members, and holds little else."""
    return actor_with(Right.MANAGE_MEMBERS, Right.VIEW, Right.WRITE)


@pytest.fixture
def member(organization: Organization) -> Member:
    return MemberFactory(user__name="Bruno Nouveau")
