"""Migration operation: row-level security on a tenant table."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_SEEN = (
    "(organization_id = (SELECT NULLIF(current_setting('socialops.organization_id', true), '')::bigint) "
    "OR (SELECT current_setting('socialops.system', true)) = 'on')"
)


class RowLevelSecurity(Operation):
    """Forces a policy on the named models' tables (the owner included): a row is seen, changed and inserted only under its own organization,
    or under system(). The sub-selects are evaluated once a query, not once a row.
    """

    reversible = True

    def __init__(self, *models: str) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, list(self.models), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Tables' policies are no part of Django's model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for table in self._tables(app_label, to_state):
            schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            schema_editor.execute(f"CREATE POLICY tenant ON {table} USING {_SEEN} WITH CHECK {_SEEN}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for table in self._tables(app_label, from_state):
            schema_editor.execute(f"DROP POLICY tenant ON {table}")
            schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")

    def describe(self) -> str:
        return f"Row-level security on {', '.join(self.models)}"

    def _tables(self, app_label: str, state: ProjectState) -> list[str]:
        return [f'"{state.apps.get_model(app_label, name)._meta.db_table}"' for name in self.models]
