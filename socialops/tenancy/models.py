"""The base of every row that belongs to an organization."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.db import models

from socialops.tenancy.scope import current_scope, owner_of_new_row


def organization_model() -> Any:
    """The tenant's model. By name: the floor may not import the apps that stand on it."""
    return apps.get_model("teams", "Organization")


_M = TypeVar("_M", bound=models.Model)


class TenantManager(models.Manager[_M]):
    """Gives the rows of the organization in scope; raises TenantRequired when none is. Row-level security is the boundary, this the courtesy."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[_M]:
        scope = current_scope()
        queryset = super().get_queryset()
        return queryset if scope.organization_id is None else queryset.filter(organization_id=scope.organization_id)


class OrganizationKey(models.ForeignKey[Any, Any]):
    """The owner of a row: the organization in scope unless said. Not a `default=`: a migration has no scope to ask."""

    def get_default(self) -> Any:
        return owner_of_new_row()

    def deconstruct(self) -> Any:
        """A plain foreign key to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class TenantModel(models.Model):
    """A row owned by one organization. Its table needs `RowLevelSecurity` in its migration; a test looks."""

    organization = OrganizationKey("teams.Organization", on_delete=models.CASCADE, related_name="+", editable=False)

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True
