"""Reads of the audit log. Whoever calls them has asked the actor for `see_audit`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from socialops.audit.models import Event


def list_events(
    *,
    actor_id: int | None = None,
    action: str = "",
    target: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Event]:
    """Newest first. `action` is a whole name ("post.approved") or a family ("post"); `target` is part of a label, or "kind:id"; `until` is exclusive."""
    events = Event.objects.order_by("-id")
    if actor_id is not None:
        events = events.filter(actor_id=actor_id)
    if action:
        events = events.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    if target:
        kind, _, pk = target.partition(":")
        events = events.filter(Q(target_label__icontains=target) | Q(target_kind=kind, target_id=pk or "-"))
    if since is not None:
        events = events.filter(at__gte=since)
    if until is not None:
        events = events.filter(at__lt=until)
    return events
