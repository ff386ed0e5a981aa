"""The log is append-only and its chain breaks when somebody rewrites it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from socialops.audit.chain import verify_chain
from socialops.audit.models import record
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Organization
from tests.factories.teams import OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def _write(organization: Organization, times: int) -> None:
    for number in range(times):
        with tenant(organization):
            record(
                actor=Actor.system("test", organization_id=organization.pk),
                action="thing.done",
                target=organization,
                changes={"n": [number, number + 1]},
            )


def test_every_event_is_sealed_at_commit_in_one_chain_per_organization() -> None:
    ours, theirs = OrganizationFactory(), OrganizationFactory()
    _write(ours, 3)
    _write(theirs, 1)
    result = verify_chain(organization_id=ours.pk)
    assert (result.events, result.whole) == (3, True)
    assert verify_chain(organization_id=theirs.pk).events == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
        "DELETE FROM audit_seal",
    ],
)
def test_the_log_is_append_only(statement: str) -> None:
    organization = OrganizationFactory()
    _write(organization, 1)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        tenant(organization),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_rewriting_history_behind_the_triggers_is_found() -> None:
    organization = OrganizationFactory()
    _write(organization, 3)
    with tenant(organization), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute(
            "UPDATE audit_event SET actor_name = 'somebody else' WHERE id = (SELECT min(id) + 1 FROM audit_event)"
        )
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    assert verify_chain(organization_id=organization.pk).broken_at == 2
    with pytest.raises(CommandError, match=organization.slug):
        call_command("verify_audit")
