"""A page as a signed-in person gets it, many times."""

from __future__ import annotations

import gzip
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from socialops.bench.table import percentile, say

REQUESTS = 60


def measure_page(*, user: Any, url: str) -> dict[str, Any]:
    """p50 and p95 of server time in ms (the whole request, middleware and rendering included), CPU, queries, bytes of HTML. RuntimeError unless it is
    a 200.
    """
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
        captured = [query["sql"] for query in queries.captured_queries]
    say(f"{REQUESTS} requests")
    times = []
    cpu = time.process_time()
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        client.get(url)
        times.append((time.perf_counter() - begun) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / REQUESTS
    return {
        "p50_ms": round(percentile(times, 0.5), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "cpu_ms": round(cpu, 1),
        "queries": sum(map(_is_query, captured)),
        "round_trips": len(captured),
        "bytes": len(answer.content),
        "bytes_gzip": len(gzip.compress(answer.content)),
    }


def _is_query(sql: str) -> bool:
    """Savepoints and the settings of the tenant's scope are no questions to the database; `round_trips` counts them too."""
    return not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config"))
