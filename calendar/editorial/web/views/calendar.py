"""The calendar: month, week, day, list; and moving a post in it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from editorial.enums import PostState
from editorial.rules import resolve_local
from editorial.selectors.access import on_post
from editorial.selectors.calendar import SHOWN_A_DAY, cards_of, day_start, days_of
from editorial.selectors.campaigns import visible_campaigns
from editorial.selectors.posts import filtered, get_post, load
from editorial.services.posts import reschedule_post
from editorial.states import MOVABLE
from editorial.web.answers import back_to, or_toast
from editorial.web.cards import render_card
from editorial.web.forms import MoveForm
from editorial.web.queries import COLOURS, WHENS, CalendarQuery
from socialops.http import TenantRequest
from socialops.networks.registry import networks
from socialops.permissions.rights import Right
from socialops.ui.formats import get_abbreviation
from socialops.ui.listing import paginate
from socialops.ui.messages import toast
from teams.models import Brand
from teams.selectors.brands import list_brands
from teams.selectors.channels import list_channels
from teams.selectors.members import members_of
from teams.selectors.seen import brands_seen

WEEK_CARDS = 40
DAY_CARDS = 500
LIST_SIZE = 50


@require_safe
def calendar(request: TenantRequest, organization: str) -> HttpResponse:
    query = CalendarQuery.read(request.GET)
    brands = brands_seen(request)
    zone = _zone(query, brands)
    first, count = query.span(zone)
    context: dict[str, Any] = {
        "query": query,
        "brands": brands,
        "zone": zone,
        "today": datetime.now(zone).date(),
        "day": query.day(zone),
        "first": first,
        "many_zones": len({brand.time_zone for brand in brands}) > 1 and not query.brand,
        "zone_name": get_abbreviation(datetime.combine(query.day(zone), time(12), tzinfo=zone)),
        "links": _links(query, zone),
        "keep": query.address(view="", on="").replace("?", "&", 1).rstrip("&"),
        "post_base": reverse("editorial:calendar", kwargs={"organization": organization}).replace(
            "calendar/", "posts/"
        ),
        "can_write": request.actor.can_anywhere(Right.WRITE),
        **{f"by_{colour}": query.colour == colour for colour in COLOURS},
        **{f"when_{when or 'next'}": query.when == when for when in WHENS},
    }
    if query.view == "list":
        return render(request, "editorial/calendar_list.html", {**context, **_list(request, query, zone)})
    limit = {"month": SHOWN_A_DAY, "week": WEEK_CARDS, "day": DAY_CARDS}[query.view]
    days = days_of(request.actor, query.filters, first=first, count=count, zone=zone, limit=limit, colour=query.colour)
    base = context["post_base"]
    cells = [(day, [render_card(card, zone=zone, base=base) for card in day.cards]) for day in days]
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    context |= {"weeks": weeks, "is_empty": not any(day.total for day in days)}
    return render(request, "editorial/calendar.html", context)


def _zone(query: CalendarQuery, brands: list[Brand]) -> ZoneInfo:
    """The chosen brand's zone, else the first brand's."""
    chosen = [brand for brand in brands if brand.slug == query.brand] or brands
    return chosen[0].zone if chosen else ZoneInfo("Europe/Paris")


def _links(query: CalendarQuery, zone: ZoneInfo) -> dict[str, str]:
    return {
        "previous": query.address(on=query.step(zone, -1).isoformat()),
        "next": query.address(on=query.step(zone, 1).isoformat()),
        "now": query.address(on=""),
        **{view: query.address(view=view) for view in ("month", "week", "list")},
        **{f"by_{colour}": query.address(colour=colour) for colour in ("status", "channel", "campaign")},
        **{f"when_{when or 'next'}": query.address(when=when) for when in ("", "undated", "past")},
        "unfiltered": CalendarQuery(view=query.view, on=query.on, colour=query.colour, brand=query.brand).address(),
    }


def _list(request: TenantRequest, query: CalendarQuery, zone: ZoneInfo) -> dict[str, Any]:
    posts = filtered(request.actor, query.filters).select_related("brand", "campaign", "author")
    if not query.state:
        posts = posts.exclude(state=PostState.CANCELLED)
    start = day_start(query.day(zone), zone)
    if query.when == "undated":
        posts = posts.filter(scheduled_at=None).order_by("-updated_at", "-id")
    elif query.when == "past":
        posts = posts.filter(scheduled_at__lt=start).order_by("-scheduled_at", "-id")
    else:
        posts = posts.filter(scheduled_at__gte=start).order_by(F("scheduled_at").asc(), "id")
    page_obj = paginate(request, posts, size=LIST_SIZE)
    return {"page_obj": page_obj, "cards": cards_of(page_obj, colour=query.colour)}


@require_safe
def filters(request: TenantRequest, organization: str) -> HttpResponse:
    """The filter panel, read only when it is opened."""
    query = CalendarQuery.read(request.GET)
    actor = request.actor
    brands = list_brands(actor)
    channels = [c for c in list_channels(actor) if not query.brand or c.brand.slug == query.brand]
    context = {
        "query": query,
        "brands": brands,
        "channels": channels,
        "networks": networks(),
        "campaigns": visible_campaigns(actor)[:100],
        "states": PostState.values,
        "authors": members_of().filter(is_active=True).order_by("user__name")[:200],
        "unfiltered": CalendarQuery(view=query.view, on=query.on, colour=query.colour, brand=query.brand).address(),
    }
    return render(request, "editorial/filters.html", context)


@require_safe
def panel(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """A post at a glance, with the form that moves it: what dragging does, for a keyboard or a finger."""
    post = get_post(request.actor, pk)
    loaded = load(post)
    form = MoveForm(zone=post.brand.zone, at=post.scheduled_at)
    context = {
        "post": post,
        "loaded": loaded,
        "form": form,
        "movable": post.state in MOVABLE and not loaded.asking,
        "may_move": on_post(
            request.actor,
            Right.PUBLISH if post.state in {PostState.SCHEDULED, PostState.ON_HOLD} else Right.WRITE,
            post,
            loaded.variants,
        ),
        "next": request.GET.get("next", ""),
    }
    return render(request, "editorial/panel.html", context)


@require_POST
def move(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Another day (the time stays), or another day and time, in the brand's zone. Undo brings the date back."""
    post = get_post(request.actor, pk)
    zone, before = post.brand.zone, post.scheduled_at
    target = back_to(request, reverse("editorial:calendar", kwargs={"organization": organization}))
    wall = _wall(request, before.astimezone(zone) if before else None)
    if wall is None:
        toast(request, _("Choose a day and a time."), level="error")
        return redirect(target)
    local = resolve_local(wall, zone)
    with or_toast(request):
        reschedule_post(post=post, scheduled_at=local.at, actor=request.actor)
        undo = ""
        if before is not None:
            back = before.astimezone(zone)
            undo = f"{request.path}?date={back.date().isoformat()}&time={back:%H:%M}"
        sentence = _("Moved to %(when)s.") % {"when": f"{local.at:%d/%m %H:%M %Z}"}
        toast(request, f"{sentence} {trick(local.skipped, local.repeated, wall)}".strip(), undo_url=undo)
    return redirect(target)


def trick(skipped: bool, repeated: bool, wall: datetime) -> str:  # noqa: FBT001 -- two facts of one LocalTime
    """What summer time did to a wall-clock time, "" when nothing."""
    if skipped:
        return _("%(time)s does not exist that day: clocks go forward, the next valid time is used.") % {
            "time": f"{wall:%H:%M}"
        }
    if repeated:
        return _("%(time)s happens twice that day: clocks go back, the first is used.") % {"time": f"{wall:%H:%M}"}
    return ""


def _wall(request: TenantRequest, before: datetime | None) -> datetime | None:
    """Day and time asked for, in the form or (undo) in the address; the time stays when only a day is given."""
    data = request.POST if "date" in request.POST else request.GET
    try:
        day = date.fromisoformat(data.get("date", ""))
        clock = time.fromisoformat(data["time"]) if data.get("time") else (before.time() if before else None)
    except ValueError:
        return None
    return None if clock is None or clock.tzinfo else datetime.combine(day, clock.replace(second=0, microsecond=0))
