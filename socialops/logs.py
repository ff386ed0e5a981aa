"""Structured logs: one JSON object a line, bound to request, organization and task."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.tracebacks import ExceptionDictTransformer

_OPENING = frozenset({"token", "key"})  # names of such parts in our addresses and django-allauth's
_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
logger = structlog.get_logger("socialops.request")


def configure(_config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook: structlog for our own lines and for every library's. No traceback shows local variables: they hold tokens."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[Any] = (
        [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
        if settings.LOG_JSON
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_without_addresses)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.LOG_LEVEL)
    for noisy in ("httpx", "httpcore", "celery.worker.strategy", "celery.app.trace", "celery.beat", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _shown(request: HttpRequest) -> str:
    """The path, without the parts that open something for whoever holds them: a file, an invitation, a new password."""
    path, match = request.path, request.resolver_match
    for name, value in (match.kwargs if match is not None else {}).items():
        if name in _OPENING:
            path = path.replace(str(value), "***")
    return path


def _without_addresses(record: logging.LogRecord) -> bool:
    """Django's own lines about a request that failed name its path too."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        record.args = tuple(_shown(request) if arg == request.path else arg for arg in record.args)
    return True


class RequestLogMiddleware:
    """Gives each request an id (ours, or the proxy's X-Request-ID when sane), logs one line a request, answers with the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SAFE_ID.match(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith(("/static/", "/healthz", "/readyz")):
            logger.info(
                "request",
                method=request.method,
                path=_shown(request),
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return response
