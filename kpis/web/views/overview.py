"""The director's first screen: what changed, and what to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kpis.period_filter import FiguresFilter
from kpis.selectors.decisions import decisions
from kpis.selectors.figures import by_brand
from kpis.selectors.scope import brands_of, channels_with_figures
from kpis.web.present import Tile, interactions_chart, tiles
from kpis.web.views.figures import DEFAULT_ZONE
from publishing.selectors.suspensions import suspensions_seen
from teams.models import Brand


@dataclass(frozen=True, slots=True)
class BrandLine:
    """One brand's period in a sentence's worth of numbers."""

    brand: Brand
    tiles: Sequence[Tile]


@require_safe
def overview(request: Any, organization: str) -> HttpResponse:
    """Every brand this person may see, the last 28 days against the 28 before; and the decisions waiting for them."""
    channels = channels_with_figures(request.actor)
    brands = brands_of(channels)
    form = FiguresFilter(request.GET, brands=brands)
    period = form.chosen_period(brands[0].zone if brands else DEFAULT_ZONE)
    board, brand_boards = by_brand(channels=channels, period=period, period_in=form.chosen_period)
    return render(
        request,
        "kpis/overview.html",
        {
            "form": form,
            "board": board,
            "tiles": tiles(board),
            "chart": interactions_chart(board),
            "decisions": decisions(request.actor, suspensions=suspensions_seen(request)),
            "lines": [BrandLine(brand, tiles(brand_boards[brand.pk])) for brand in brands] if len(brands) > 1 else [],
            "channels": channels,
            "title": _("Overview"),
        },
    )
