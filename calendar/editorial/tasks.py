"""Periodic work of editorial."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from socialops.permissions.actor import Actor
from socialops.tenancy.scope import system, tenant


@shared_task(name="editorial.expire_overdue")
def expire_overdue() -> None:
    """Posts not approved before their date expire, organization by organization."""
    from editorial.models import Post  # noqa: PLC0415 -- a task body imports its service inline
    from editorial.services.scheduling import expire_overdue as expire  # noqa: PLC0415 -- as above

    with system("find organizations with posts not approved in time"):
        waiting = Post.objects.filter(state__in=["in_review", "changes_requested"], scheduled_at__lt=timezone.now())
        organizations = list(waiting.values_list("organization_id", flat=True).distinct())
    for organization_id in organizations:
        with tenant(organization_id):
            expire(actor=Actor.system("expiry", organization_id=organization_id))
