"""Two people at the same moment, on two connections."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from socialops.tenancy.scope import tenant
from teams.catalogue import ORGANIZATION_ADMIN
from teams.errors import RuleRefused
from teams.models import Assignment, Organization, Role
from teams.selectors.actors import actor_for
from teams.selectors.members import administrators
from teams.services.assignments import end_assignment
from teams.services.rights import rebuild_rights
from teams.services.roles import seed_roles
from tests.factories.teams import MemberFactory, OrganizationFactory


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_leave_one() -> None:
    organization: Organization = OrganizationFactory()
    with tenant(organization):
        seed_roles(organization=organization)
        role = Role.objects.get(catalogue_key=ORGANIZATION_ADMIN)
        members = [MemberFactory() for _ in range(2)]
        assignments = [Assignment.objects.create(member=member, role=role) for member in members]
        for member in members:
            rebuild_rights(member=member)
        actors = [actor_for(user=member.user, organization=organization) for member in members]
    together, outcomes = threading.Barrier(2), []

    def remove(actor: Any, assignment: Assignment) -> None:
        try:
            with tenant(organization):
                together.wait(timeout=10)
                end_assignment(assignment=assignment, actor=actor)
            outcomes.append("ended")
        except RuleRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=remove, args=(actors[0], assignments[1])),
        threading.Thread(target=remove, args=(actors[1], assignments[0])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["ended", "refused"]
    with tenant(organization):
        assert len(administrators()) == 1
