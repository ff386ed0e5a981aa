"""The organization in scope. Three doors open one: the HTTP middleware, a task, a command.

`tenant(organization)` opens its own transaction and tells PostgreSQL for its length, so that row-level security shows that organization's rows
only. `system(reason)` is the only way across organizations; a test lists its callers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, models, transaction


class TenantRequired(RuntimeError):
    """A tenant table was touched with no organization in scope."""


class TenantMismatch(RuntimeError):
    """One organization's scope was opened inside another's."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Either one organization, or all of them for a stated reason."""

    organization_id: int | None
    system_reason: str = ""


_scope: ContextVar[Scope | None] = ContextVar("socialops_tenant_scope", default=None)


def current_scope() -> Scope:
    """The open scope. TenantRequired when there is none."""
    scope = _scope.get()
    if scope is None:
        raise TenantRequired("No organization in scope: open tenant(organization) or system(reason) first.")
    return scope


def owner_of_new_row() -> Any:
    """Default of every tenant row's owner: the organization in scope. Without one, PostgreSQL refuses the row (NOT NULL)."""
    scope = _scope.get()
    return None if scope is None else scope.organization_id


def current_organization_id() -> int:
    """The organization in scope. TenantRequired when there is none, under system() too."""
    scope = current_scope()
    if scope.organization_id is None:
        raise TenantRequired("system() reaches every organization: say which one the new row belongs to.")
    return scope.organization_id


@contextmanager
def tenant(organization: models.Model | int) -> Iterator[None]:
    """Open a transaction in which only this organization exists. Nesting the same one is a savepoint; another one is an error,
    except inside system(), which may narrow down.
    """
    organization_id = organization if isinstance(organization, int) else int(organization.pk)
    outer = _scope.get()
    if outer and outer.organization_id not in {None, organization_id}:
        raise TenantMismatch(f"tenant({organization_id}) inside tenant({outer.organization_id})")
    with (
        structlog.contextvars.bound_contextvars(organization_id=organization_id),
        _opened(Scope(organization_id), outer),
    ):
        yield


@contextmanager
def system(reason: str) -> Iterator[None]:
    """Open a transaction that sees every organization. For dispatch, sweeps, sign-in and maintenance only."""
    if not reason:
        raise ValueError("system() needs a reason")
    with _opened(Scope(None, reason), _scope.get()):
        yield


@contextmanager
def _opened(scope: Scope, outer: Scope | None) -> Iterator[None]:
    token = _scope.set(scope)
    nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            if scope != outer:
                _tell_database(scope)
            yield
            if nested and scope != outer and not connection.needs_rollback:
                _tell_database(outer)  # the setting would last as long as the outermost transaction
    finally:
        _scope.reset(token)


def _tell_database(scope: Scope | None) -> None:
    organization = "" if scope is None or scope.organization_id is None else str(scope.organization_id)
    everything = "on" if scope is not None and scope.system_reason else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('socialops.organization_id', %s, true), set_config('socialops.system', %s, true)",
            [organization, everything],
        )
