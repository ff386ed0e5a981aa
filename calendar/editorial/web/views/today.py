"""The manager's first screen: what is due, what waits for me, what needs somebody."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from editorial.enums import PostState
from editorial.panels import panels_for
from editorial.selectors.access import visible
from editorial.selectors.calendar import cards_of, day_start
from editorial.selectors.posts import told
from editorial.web.views.reviews import waiting_for, with_reasons
from publishing.selectors.deliveries import needing_attention
from socialops.http import TenantRequest
from socialops.permissions.rights import Right
from teams.selectors.seen import brands_seen

SHOWN = 8


@require_safe
def today(request: TenantRequest, organization: str) -> HttpResponse:
    brands = brands_seen(request)
    zone = brands[0].zone if brands else timezone.get_current_timezone()
    day = datetime.now(zone).date()
    posts = visible(request.actor).select_related("brand", "campaign", "author")
    due = posts.filter(
        scheduled_at__gte=day_start(day, brands[0].zone) if brands else timezone.now(),
        scheduled_at__lt=day_start(day + timedelta(days=1), brands[0].zone) if brands else timezone.now(),
    ).exclude(state__in=[PostState.CANCELLED, PostState.IDEA])
    mine = posts.filter(
        author=request.user, state__in=[PostState.DRAFT, PostState.CHANGES_REQUESTED, PostState.EXPIRED]
    )
    due_rows = list(due.order_by("scheduled_at", "pk")[:30])
    context = {
        "day": day,
        "zone": zone,
        "due": cards_of(due_rows, colour="status"),
        "waiting": list(waiting_for(request)[: SHOWN + 1]) if request.actor.can_anywhere(Right.APPROVE) else None,
        "attention": with_reasons(needing_attention(request.actor)[: SHOWN + 1]),
        "mine": list(mine.annotate(told=told()).order_by("-updated_at")[:SHOWN]),
        "panels": panels_for(request),
        "can_write": request.actor.can_anywhere(Right.WRITE),
        "shown": SHOWN,
    }
    return render(request, "editorial/today.html", context)
