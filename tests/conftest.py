"""Each test runs inside one organization's scope, on the real PostgreSQL, under a role that row-level security binds."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone, translation
from django.utils.translation import trans_real
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from socialops.embedded.datadir import default_data_dir, exclusive, make_data_dir
from socialops.embedded.prepare import fingerprint
from socialops.i18n.catalogues import compile_all
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import ApiToken, Assignment, Brand, Channel, Organization, Role
from teams.selectors.actors import actor_for
from teams.services.rights import rebuild_rights
from tests.factories.teams import BrandFactory, ChannelFactory, MemberFactory, OrganizationFactory, RoleFactory

TESTS = Path(__file__).parent
# What takes longest, mostly waiting, begins first: a process that is left alone with it at the end would waste the others.
LONGEST = (
    "chaos",
    "embedded/test_demo",
    "publishing/test_kills",
    "publishing/test_restarts",
    "publishing/test_workers",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.path.relative_to(TESTS).as_posix().startswith(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    """French as it is written now, also where Django read the catalogues before they were compiled."""
    compile_all()
    trans_real._translations.clear()
    trans_real._default = None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each process's database is a copy of one that is migrated once for as long as no migration changes; it still runs `migrate`, which then finds little to do."""
    template, ours = f"{TEMPLATE}{fingerprint()[:12]}", connection.settings_dict
    name, testing = ours["NAME"], ours["TEST"]
    make_data_dir(default_data_dir())
    with django_db_blocker.unblock(), exclusive(default_data_dir() / "template.lock"):
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE])
            found = {row[0] for row in cursor.fetchall()}
            for old in found - {template}:
                cursor.execute(f'DROP DATABASE "{old}"')
        if template not in found:
            ours["TEST"] = {**testing, "NAME": template}
            connection.creation.create_test_db(verbosity=0, serialize=False)
            connection.close()
    ours["NAME"], ours["TEST"] = name, {**testing, "TEMPLATE": template}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are asserted in the source language; tests of French activate it themselves."""
    with translation.override("en"):
        yield


TEMPLATE = "template_of_tests_"
KEPT = frozenset({"auth_permission", "django_content_type", "django_migrations"})  # what migrating left there


def _empty_what_was_filled(case: TransactionTestCase) -> None:
    """Between transactional tests. Django would truncate every table, which takes seconds of file work on a busy disk; most tables are empty. The audit log
    refuses to be emptied: its guard steps aside for that moment only.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('socialops.system', 'on', true)")
        if filled := _filled_tables(cursor):
            guards = [table for table in ("audit_event", "audit_seal") if table in filled]
            for table in guards:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(";".join(f'DELETE FROM "{table}"' for table in filled))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait while a guard returns
            for table in guards:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            assert not _filled_tables(cursor)


def _filled_tables(cursor: Any) -> list[str]:
    tables = [table for table in connection.introspection.table_names(cursor) if table not in KEPT]
    probes = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    cursor.execute(" UNION ALL ".join(probes))
    return [table for (table,) in cursor.fetchall()]


TransactionTestCase._fixture_teardown = _empty_what_was_filled


@pytest.fixture
def in_february(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 2027, before the clocks change, whatever the date of the run."""
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2027, 2, 1, 12, tzinfo=dt.UTC))


@pytest.fixture
def bare_organization(db: None) -> Organization:
    """An organization with no scope open, for tests of the scope itself."""
    return OrganizationFactory(slug="lumiere", name="Groupe Lumière")


@pytest.fixture
def organization(bare_organization: Organization) -> Iterator[Organization]:
    with tenant(bare_organization):
        yield bare_organization


@pytest.fixture
def other_organization(db: None) -> Organization:
    """Somebody else's organization: what is made in it must never be seen. Open `tenant(other_organization)` before `organization` does, or use `foreign`."""
    return OrganizationFactory(slug="concurrent", name="Groupe Concurrent")


@pytest.fixture
def foreign(other_organization: Organization) -> Iterator[Any]:
    """Rows of another organization, made before ours is in scope: `foreign.channel`, `foreign.brand`. Ask for it before `organization`."""

    class Foreign:
        organization = other_organization

    with tenant(other_organization):
        Foreign.channel = ChannelFactory()
        Foreign.brand = Foreign.channel.brand
        Foreign.actor = _actor(other_organization, list(Right), None)
    return Foreign


@pytest.fixture
def brand(organization: Organization) -> Brand:
    return BrandFactory(slug="maison", name="Maison Lumière")


@pytest.fixture
def channel(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand)


def _actor(organization: Organization, rights: list[Right], scope: Any) -> Actor:
    member = MemberFactory()
    role: Role = RoleFactory(rights=[right.value for right in rights])
    Assignment.objects.create(
        member=member,
        role=role,
        brand=scope if isinstance(scope, Brand) else None,
        channel=scope if isinstance(scope, Channel) else None,
    )
    rebuild_rights(member=member)
    actor = actor_for(user=member.user, organization=organization)
    assert actor is not None
    return actor


@pytest.fixture
def actor_with(organization: Organization) -> Callable[..., Actor]:
    """`actor_with(Right.VIEW, Right.WRITE, scope=brand)`: a new member holding just these rights there (organization by default)."""

    def make(*rights: Right, scope: Any = None) -> Actor:
        return _actor(organization, list(rights), scope)

    return make


@pytest.fixture
def admin(actor_with: Callable[..., Actor]) -> Actor:
    """Somebody who holds every right on the whole organization."""
    return actor_with(*Right)


@pytest.fixture
def client_for() -> Callable[[Actor], Client]:
    """A signed-in browser of that actor."""

    def make(actor: Actor) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(actor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.cookies["django_language"] = "en"
        return client

    return make


@pytest.fixture
def api_for(organization: Organization) -> Callable[[Actor], APIClient]:
    """An API client with a token of that actor."""

    def make(actor: Actor) -> APIClient:
        secret = secrets.token_urlsafe(32)
        ApiToken.objects.create(
            member=actor.member, name="test", prefix=secret[:8], token_hash=hashlib.sha256(secret.encode()).hexdigest()
        )
        client = APIClient(headers={"accept-language": "en"})
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make
