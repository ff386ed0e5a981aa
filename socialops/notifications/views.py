"""The list of what I was told, and what I want to be told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from socialops.notifications.kinds import all_kinds, kind_of
from socialops.notifications.models import Notification, Preference
from socialops.notifications.services import mark_read
from socialops.ui.navigation import Bell, counts_of

PAGE = 30
COUNTED_UP_TO = 100


def bell(request: Any) -> list[Bell]:
    """For the bell in the layout."""
    if getattr(request, "actor", None) is None:
        return []
    return [Bell(reverse("notifications:list", args=[request.organization.slug]), counts_of(request)["notifications"])]


def unread(request: Any) -> QuerySet[Notification]:
    """What I have not read, as far as the bell counts."""
    return Notification.objects.filter(user_id=request.actor.user_id, read_at=None)[:COUNTED_UP_TO]


@require_safe
def notification_list(request: Any, organization: str) -> HttpResponse:
    """Newest first, 30 a page."""
    rows = Notification.objects.filter(user_id=request.actor.user_id).order_by("-updated_at")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [(row, kind_of(row.kind).sentence(row.params, row.count)) for row in page]
    return render(request, "notifications/list.html", {"page": page, "lines": lines})


@require_POST
def open_notification(request: Any, organization: str, pk: int) -> HttpResponse:
    """Mark it read and go where it leads."""
    row = get_object_or_404(Notification, pk=pk, user_id=request.actor.user_id)
    mark_read(user=request.actor.user, ids=[row.pk])
    return redirect(row.url)


@require_POST
def read_all(request: Any, organization: str) -> HttpResponse:
    """Mark everything read."""
    mark_read(user=request.actor.user)
    messages.success(request, _("Everything is marked as read."))
    return redirect("notifications:list", organization=organization)


def preferences(request: Any, organization: str) -> HttpResponse:
    """In the app, by mail, or neither, a kind at a time."""
    chosen = {p.kind: p for p in Preference.objects.filter(user_id=request.actor.user_id)}
    if request.method == "POST":
        for kind in all_kinds():
            Preference.objects.update_or_create(
                user_id=request.actor.user_id,
                kind=kind.key,
                organization=request.organization,
                defaults={"in_app": f"app:{kind.key}" in request.POST, "by_mail": f"mail:{kind.key}" in request.POST},
            )
        messages.success(request, _("Your choices are saved."))
        return redirect("notifications:preferences", organization=organization)
    rows = [
        {
            "kind": kind,
            "in_app": chosen[kind.key].in_app if kind.key in chosen else True,
            "by_mail": chosen[kind.key].by_mail if kind.key in chosen else kind.by_mail,
        }
        for kind in all_kinds()
    ]
    return render(request, "notifications/preferences.html", {"rows": rows})
