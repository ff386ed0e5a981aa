"""Every table of ours is a tenant's and guarded by PostgreSQL itself, or is listed here with the reason why not."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from socialops.tenancy.models import TenantModel

OURS = {"teams", "publishing", "editorial", "reputation", "kpis", "notifications", "audit", "api"}
GLOBAL = {
    "teams.Organization": "the tenant itself: its slug is in the URL before a scope is open",
    "teams.User": "a person belongs to no organization; their memberships do",
    "publishing.Heartbeat": "the machinery serves every organization",
}
pytestmark = pytest.mark.django_db


def _models() -> list[type[models.Model]]:
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS]


def test_every_model_is_a_tenants_or_listed() -> None:
    others = {m._meta.label for m in _models() if not issubclass(m, TenantModel)}
    auto = {m._meta.label for m in _models() if m._meta.auto_created}
    assert others - auto == set(GLOBAL)
    assert {label for label in auto if not label.startswith("teams.User_")} == set(), (
        "give a many-to-many its own tenant model"
    )


def test_row_level_security_is_forced_with_using_and_check_on_each() -> None:
    tenants = {m._meta.db_table for m in _models() if issubclass(m, TenantModel)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, count(p.polname) FILTER (WHERE p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL) "
            "FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relname = ANY(%s) GROUP BY 1, 2, 3",
            [list(tenants)],
        )
        rows = cursor.fetchall()
    assert {name for name, enabled, forced, policies in rows if enabled and forced and policies == 1} == tenants
    assert len(tenants) >= 20


def test_the_tests_role_is_bound_by_the_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
