"""Small numbers in one round trip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_together(rows: Mapping[str, QuerySet[Any, Any]]) -> dict[str, int]:
    """How many rows each query finds. One query for all of them, none where nothing is to be counted. Give them sliced: a badge says no more than 99+."""
    counts = dict.fromkeys(rows, 0)
    asked: dict[str, str] = {}
    values: list[Any] = []
    for key, found in rows.items():
        try:
            sql, parameters = found.query.sql_with_params()
        except EmptyResultSet:  # a filter that nothing can pass
            continue
        asked[key] = f"(SELECT count(*) FROM ({sql}) found)"  # noqa: S608 -- Django's own SQL, its values apart
        values += parameters
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked.values())}", values)
            counts |= dict(zip(asked, cursor.fetchone(), strict=True))
    return counts
