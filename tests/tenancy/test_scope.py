"""Tenancy twice: the manager, and PostgreSQL itself."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from socialops.tenancy.scope import TenantMismatch, TenantRequired, current_organization_id, system, tenant
from teams.models import Brand, Organization
from tests.factories.teams import BrandFactory

pytestmark = pytest.mark.django_db


def test_no_scope_raises(bare_organization: Organization) -> None:
    with pytest.raises(TenantRequired):
        Brand.objects.exists()


def test_rows_of_another_organization_do_not_exist_for_any_manager(foreign, organization: Organization) -> None:
    own = BrandFactory()
    assert list(Brand.objects.all()) == [own]
    assert list(Brand._base_manager.all()) == [own]


def test_raw_sql_under_the_application_role_sees_one_organization_only(foreign, organization: Organization) -> None:
    own = BrandFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT id FROM teams_brand")
        assert cursor.fetchall() == [(own.pk,)]
        cursor.execute("UPDATE teams_brand SET name = 'taken' WHERE id = %s", [foreign.brand.pk])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM teams_brand WHERE id = %s", [foreign.brand.pk])
        assert cursor.rowcount == 0


def test_raw_insert_into_another_organization_is_refused(foreign, organization: Organization) -> None:
    own = BrandFactory()
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE teams_brand SET organization_id = %s WHERE id = %s", [foreign.organization.pk, own.pk])


def test_leaving_a_scope_hides_everything_again(bare_organization: Organization) -> None:
    with tenant(bare_organization):
        BrandFactory()
        assert current_organization_id() == bare_organization.pk
    assert Brand._base_manager.count() == 0


def test_an_exception_closes_the_scope_and_undoes_the_writes(bare_organization: Organization) -> None:
    with pytest.raises(ZeroDivisionError), tenant(bare_organization):
        BrandFactory()
        raise ZeroDivisionError
    assert Brand._base_manager.count() == 0
    with tenant(bare_organization):
        assert Brand.objects.count() == 0


def test_one_organization_inside_another_is_an_error(foreign, organization: Organization) -> None:
    with pytest.raises(TenantMismatch), tenant(foreign.organization):
        pass


def test_system_sees_all_and_may_narrow_down(foreign, bare_organization: Organization) -> None:
    with tenant(bare_organization):
        own = BrandFactory()
    with system("test"):
        assert set(Brand.objects.all()) == {own, foreign.brand}
        with tenant(bare_organization):
            assert list(Brand.objects.all()) == [own]
        assert Brand.objects.count() == 2
    with pytest.raises(ValueError, match="reason"), system(""):
        pass
