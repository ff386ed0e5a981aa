"""The Celery application. Tasks live in each app's tasks.py and are named `<app>.<verb_noun>`."""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun
from django.db import close_old_connections, connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialops.settings.production")
os.environ.setdefault(
    "CELERY_SKIP_CHECKS", "1"
)  # `manage.py check` has run; a worker that comes back must be quick, and needs no views

app = Celery("socialops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's Django fixup would close the database connection after each task; `_unbind` decides instead.
app.conf["CELERY_DB_REUSE_MAX"] = 2**62


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Celery would replace the handlers; ours are already configured by Django."""


@task_prerun.connect
def _bind(task_id: str, task: Any, kwargs: dict[str, Any], **_: Any) -> None:
    close_old_connections()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        task_id=task_id, task=task.name, organization_id=kwargs.get("organization_id")
    )


@task_postrun.connect
def _unbind(task: Any, **_: Any) -> None:
    """Publishing's threads keep their connection, checked before the next task; the rare tasks of other queues don't hold one meanwhile."""
    if (task.request.delivery_info or {}).get("routing_key") == "publishing":
        close_old_connections()
    elif not task.request.is_eager:
        connections.close_all()
    structlog.contextvars.clear_contextvars()
