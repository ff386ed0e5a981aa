"""Events, and their seals. A trigger refuses UPDATE, DELETE and TRUNCATE on both; a deferred trigger seals each event at commit."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from socialops.permissions.actor import Actor
from socialops.tenancy.models import TenantModel


class Event(TenantModel):
    """One thing that happened. `target` names it when the row is long gone; `changes` holds {"field": [before, after]} without secrets."""

    class ActorKind(models.TextChoices):
        MEMBER = "member"
        TOKEN = "token"  # noqa: S105 -- a kind of actor
        SYSTEM = "system"

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_name = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    action = models.CharField(max_length=80)  # post.approved, member.role_assigned, …
    target_kind = models.CharField(max_length=40)
    target_id = models.CharField(max_length=64)
    target_label = models.CharField(max_length=200)
    brand_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-id"], name="audit_event_recent"),
            models.Index(fields=["organization", "target_kind", "target_id", "-id"], name="audit_event_target"),
        ]


class Seal(TenantModel):
    """The link of one event in its organization's chain: hash = sha256(previous ‖ event)."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.DO_NOTHING, related_name="seal")
    position = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "position"], name="audit_seal_position")]


def record(
    *,
    actor: Actor,
    action: str,
    target: models.Model,
    label: str = "",
    brand_id: int | None = None,
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Write one event in the caller's transaction. `changes` must be JSON-able and hold no secret."""
    event: Event = Event.objects.create(
        organization_id=actor.organization_id,
        actor_kind=actor.kind,
        actor_name=actor.name[:200],
        actor_id=actor.user_id,
        action=action,
        target_kind=target._meta.model_name or "",
        target_id=str(target.pk),
        target_label=(label or str(target))[:200],
        brand_id=brand_id if brand_id is not None else getattr(target, "brand_id", None),
        changes=changes or {},
        reason=reason,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )
    return event
