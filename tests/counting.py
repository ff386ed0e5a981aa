"""Counting what a piece of work asks of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

_PLUMBING = ("SAVEPOINT", "RELEASE", "SELECT set_config")


@contextmanager
def questions() -> Iterator[list[str]]:
    """The SQL asked inside, filled in when the block ends: no savepoints, no telling of the organization, and not the heartbeats, which any page looks at
    when it did not for two seconds of the clock: on a busy machine that falls into either of two pages that are compared.
    """
    asked: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield asked
    asked += [
        sql
        for sql in (query["sql"] for query in captured.captured_queries)
        if not sql.startswith(_PLUMBING) and "publishing_heartbeat" not in sql
    ]
