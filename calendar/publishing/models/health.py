"""Who is alive. Global rows: the machinery serves every organization."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """`name` is unique to a process ("dispatcher", "worker:publishing:host:pid"); stale after 10 s."""

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=20)  # dispatcher, publishing, ingest, default
    beat_at = models.DateTimeField()
    started_at = models.DateTimeField()
    info = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
