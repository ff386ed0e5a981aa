"""Named readiness checks. Each app registers its own; a check returns "" when well, else a short sentence for the operator."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError
from redis import Redis
from redis.exceptions import RedisError

Check = Callable[[], str]
_checks: dict[str, Check] = {}
logger = structlog.get_logger(__name__)


def register(name: str, check: Check) -> None:
    """Add a readiness check; a name twice is a mistake."""
    if name in _checks:
        raise ValueError(f"readiness check {name!r} is registered twice")
    _checks[name] = check


def run() -> dict[str, str]:
    """Every check's answer by name, database first; when it is away the others that need it are not asked."""
    answers = {"database": _database(), "broker": _broker()}
    if answers["database"]:
        return answers | dict.fromkeys(_checks, "unknown: the database does not answer")
    return answers | {name: check() for name, check in _checks.items()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("readiness", check="database", error=str(error))
        connection.close()
        return "the database does not answer"
    return ""


def _broker() -> str:
    try:
        with Redis.from_url(
            settings.REDIS_URL.replace("redis+socket://", "unix://"), socket_timeout=2, socket_connect_timeout=2
        ) as client:
            client.ping()
    except RedisError as error:
        logger.warning("readiness", check="broker", error=str(error))
        return "the broker does not answer"
    return ""
