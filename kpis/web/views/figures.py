"""The dashboard of a brand, its export and its refresh."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kpis.enums import Metric
from kpis.period_filter import FiguresFilter
from kpis.selectors.figures import Dashboard, brand_channels, dashboard, posts_in
from kpis.selectors.scope import brands_of, channels_with_figures
from kpis.services.pulls import request_refresh
from kpis.web.present import Tile, denominator_name, followers_chart, interactions_chart, tiles
from socialops.api.csv import write_csv
from socialops.http import TenantRequest
from socialops.permissions.decision import RightMissing
from socialops.permissions.rights import Right
from socialops.ui.messages import toast
from teams.models import Channel

EXPORT_ROWS = 50_000
DEFAULT_ZONE = ZoneInfo("Europe/Paris")


def _allowed(request: TenantRequest, right: Right = Right.SEE_KPIS) -> list[Channel]:
    """403 when the right is held nowhere; [] when it is, but no channel is there yet."""
    if not request.actor.can_anywhere(right):
        raise RightMissing(
            _("You need the right “%(right)s” on a brand or a channel. Ask an administrator of your organization.")
            % {"right": right.label}
        )
    return channels_with_figures(request.actor, right)


def read_board(request: TenantRequest, right: Right = Right.SEE_KPIS) -> tuple[FiguresFilter, list[Channel], Dashboard]:
    """What the query string asks for, of the channels this person may see."""
    channels = _allowed(request, right)
    brands = brands_of(channels)
    form = FiguresFilter(request.GET, brands=brands)
    brand = form.chosen_brand
    zone = brand.zone if brand else (brands[0].zone if brands else DEFAULT_ZONE)
    shown = brand_channels(channels, brand)
    return form, shown, dashboard(channels=shown, period=form.chosen_period(zone))


@require_safe
def figures(request: Any, organization: str) -> HttpResponse:
    """Tiles, charts with their tables, networks with their denominators, top posts, freshness."""
    form, channels, board = read_board(request)
    return render(
        request,
        "kpis/figures.html",
        {
            "form": form,
            "channels": channels,
            "board": board,
            "brand": form.chosen_brand,
            "tiles": tiles(board),
            "interactions": interactions_chart(board),
            "followers": followers_chart(board),
            "networks": [(row, denominator_name(row.rate)) for row in board.networks],
            "may_export": request.actor.can_anywhere(Right.EXPORT),
            "query": request.GET.urlencode(),
        },
    )


@require_safe
def export(request: Any, organization: str) -> HttpResponse:
    """The posts of the period with their numbers, as CSV: `;` in French, `,` in English; dates in the brand's zone."""
    form, channels, board = read_board(request, Right.EXPORT)
    rows = [
        [
            f.published_at.astimezone(f.brand.zone).isoformat(timespec="minutes"), f.brand.name, f.network, f.channel.name, f.delivery.label,
            f.delivery.external_url, f.interactions, *(getattr(f, name) for name in Metric.values), f.followers,
            f.read_at.astimezone(f.brand.zone).isoformat(timespec="minutes") if f.read_at else None,
        ]
        for f in posts_in(channels=channels, period=board.period)[:EXPORT_ROWS]
    ]  # fmt: skip
    header = [
        _("Published on"), _("Brand"), _("Network"), _("Channel"), _("Post"), _("Link"), _("Interactions"),
        *(str(label) for label in Metric.labels), _("Followers at publication"), _("Read"),
    ]  # fmt: skip
    name = f"figures-{form.chosen_brand.slug if form.chosen_brand else organization}-{board.period.first}-{board.period.last}.csv"
    separator = ";" if (get_language() or "").startswith("fr") else ","
    return HttpResponse(
        write_csv(header, rows, separator=separator),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def refresh(request: Any, organization: str) -> HttpResponse:
    """Read these channels again now."""
    channels = _allowed(request)
    form = FiguresFilter(request.GET, brands=brands_of(channels))
    asked = request_refresh(
        channels=[c for c in brand_channels(channels, form.chosen_brand) if c.status == Channel.Status.CONNECTED],
        actor=request.actor,
    )
    if asked:
        toast(
            request,
            ngettext("%(count)s channel is being read again.", "%(count)s channels are being read again.", asked)
            % {"count": asked},
        )
    else:
        toast(request, _("These figures were read less than a minute ago."), level="info")
    query = request.GET.urlencode()
    return redirect(reverse("kpis:figures", args=[organization]) + (f"?{query}" if query else ""))


__all__ = ["Tile", "export", "figures", "read_board", "refresh"]
