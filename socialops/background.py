"""How a task is declared: named, no result kept, and enqueued only after commit (`.delay_on_commit`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from celery import shared_task
from celery.contrib.django.task import DjangoTask

_P = ParamSpec("_P")
_R = TypeVar("_R")


def task(name: str) -> Callable[[Callable[_P, _R]], DjangoTask[_P, _R]]:
    """`@task("app.verb_noun")`. The queue comes from CELERY_TASK_ROUTES. Typed: celery-types does not know what Celery makes of tasks under Django."""

    def declare(function: Callable[_P, _R]) -> DjangoTask[_P, _R]:
        return cast("DjangoTask[_P, _R]", shared_task(name=name, ignore_result=True)(function))

    return declare
