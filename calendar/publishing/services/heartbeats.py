"""Who is alive, as rows: the dispatcher and each worker say so every two seconds, and are taken for dead after ten."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing.models import Heartbeat

EVERY = 2.0  # seconds
STALE = dt.timedelta(seconds=10)
FORGET = dt.timedelta(hours=1)
THREADS_BY_DEFAULT = 16


def beat(*, name: str, kind: str, started_at: dt.datetime, info: dict[str, Any] | None = None) -> None:
    """Say that this process lives."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name[:120], kind=kind, beat_at=timezone.now(), started_at=started_at, info=info or {})],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at", "info"],
    )


def farewell(*, worker: str) -> None:
    """A process that ends in good order is not counted on. Rows of those long dead go too."""
    Heartbeat.objects.filter(name__endswith=f":{worker}").delete()
    Heartbeat.objects.filter(beat_at__lt=timezone.now() - FORGET).delete()


def threads_alive() -> int:
    """How many threads of living workers publish; the default of one worker when none has said so yet."""
    rows = Heartbeat.objects.filter(kind="publishing", beat_at__gt=timezone.now() - STALE).values_list(
        "info", flat=True
    )
    return sum(int(info.get("threads", 0)) for info in rows) or THREADS_BY_DEFAULT


def missing(*kinds: str) -> dict[str, dt.datetime | None]:
    """The kinds of which none is alive, with when one last was (None: never). One query."""
    last = dict(Heartbeat.objects.filter(kind__in=kinds).values_list("kind").annotate(last=Max("beat_at")))
    now = timezone.now()
    return {kind: last.get(kind) for kind in kinds if kind not in last or now - last[kind] > STALE}


def check_dispatcher() -> str:
    """Readiness check: "" when a dispatcher lives."""
    return "no dispatcher has reported for 10 s: is the publishing worker running?" if missing("dispatcher") else ""


def check_workers() -> str:
    """Readiness check: "" when each queue has a living worker."""
    dead = missing("publishing", "ingest", "default")
    return f"no worker has reported for 10 s on: {', '.join(dead)}" if dead else ""


def not_publishing() -> str:
    """For people: "" when publishing works, else a sentence for the banner."""
    dead = missing("dispatcher", "publishing")
    if not dead:
        return ""
    known = [moment for moment in dead.values() if moment is not None]
    if not known:
        return _("Publishing is not running: nothing goes out. Ask your administrator to start the publishing worker.")
    minutes = max(1, int((timezone.now() - min(known)).total_seconds() // 60))
    return _(
        "Publishing has not been running for %(minutes)s min: nothing goes out. "
        "Ask your administrator to look at the publishing worker."
    ) % {"minutes": minutes}
