"""Two statements without the ORM's composing, for the path that every delivery takes: composing them cost more than running them
(`manage.py bench publishing`). Fields keep their own conversion to the database; row-level security guards them as any other statement.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models


def update_row(model: type[models.Model], *, values: dict[str, Any], where: dict[str, Any], also: str = "") -> bool:
    """Set `values` on the row that equals `where` (and `also`, SQL of our own); whether there was one. Names are attribute names."""
    sets, parameters = _assignments(model, values)
    conditions, wanted = _assignments(model, where)
    extra = f" AND {also}" if also else ""
    statement = f"UPDATE {model._meta.db_table} SET {', '.join(sets)} WHERE {' AND '.join(conditions)}{extra}"  # noqa: S608 -- columns come from the model
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *wanted])
        return bool(cursor.rowcount)


def insert_row(model: type[models.Model], values: dict[str, Any]) -> None:
    """Insert a row; fields that `values` leaves out get their defaults."""
    complete = {
        field.attname: values[field.attname] if field.attname in values else field.get_default()
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    sets, parameters = _assignments(model, complete)
    columns = ", ".join(one.partition(" = ")[0] for one in sets)
    places = ", ".join(["%s"] * len(sets))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places})", parameters)  # noqa: S608 -- as above


def _assignments(model: type[models.Model], values: dict[str, Any]) -> tuple[list[str], list[Any]]:
    names, parameters = [], []
    for name, value in values.items():
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)
        names.append(f'"{field.column}" = %s')
        parameters.append(field.get_db_prep_save(value.pk if isinstance(value, models.Model) else value, connection))
    return names, parameters
