"""From a dashboard's numbers to what the page shows: tiles, charts, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpis.enums import Metric
from kpis.selectors.figures import Dashboard, Rate
from socialops.ui.charts import ChartData, Series


@dataclass(frozen=True, slots=True)
class Tile:
    """Arguments of the kpi_tile component."""

    label: str
    value: float | None
    unit: str = ""
    decimals: int = 0
    delta: float | None = None
    note: str = ""
    sample: str = ""
    missing: str = ""
    trend: Any = None


def change(now: float | None, before: float | None) -> float | None:
    """A fraction; None when either is missing or the base is 0."""
    return None if now is None or not before else (now - before) / before


def sample(posts: int) -> str:
    return ngettext("%(count)s post", "%(count)s posts", posts) % {"count": posts}


def denominator_name(rate: Rate) -> str:
    return (
        _("followers at publication")
        if rate.denominator == "followers"
        else str(Metric(rate.denominator).label).lower()
    )


def rate_note(rate: Rate) -> str:
    """The denominator, printed."""
    return _("interactions ÷ %(denominator)s, %(sample)s") % {
        "denominator": denominator_name(rate),
        "sample": sample(rate.posts),
    }


def tiles(board: Dashboard) -> list[Tile]:
    now, before = board.now, board.before
    nothing = _("No post was published in this period.") if not now.posts else _("The networks have not given it yet.")
    return [
        Tile(
            label=_("Interactions"),
            value=now.interactions,
            delta=change(now.interactions, before.interactions),
            note=_("likes, comments, shares and quotes received so far"),
            sample=_("%(measured)s of %(posts)s posts read") % {"measured": now.measured, "posts": now.posts},
            missing=nothing,
            trend=board.by_day,
        ),
        Tile(
            label=_("Impressions and views"),
            value=now.impressions,
            delta=change(now.impressions, before.impressions),
            sample=_("%(count)s of %(posts)s posts: the networks that give it")
            % {"count": now.with_impressions, "posts": now.posts},
            missing=_("Mastodon and Bluesky count neither impressions nor views.") if now.posts else nothing,
        ),
        Tile(
            label=_("Engagement rate"),
            value=now.rate.value,
            unit="%",
            decimals=2,
            delta=change(now.rate.value, before.rate.value),
            note=rate_note(now.rate),
            missing=nothing,
        ),
        Tile(
            label=_("Followers"),
            value=board.followers,
            delta=change(board.followers, board.followers_before),
            note=_("at the end of the period, all channels"),
            missing=_("Not every channel has been read yet."),
            trend=board.followers_by_day,
        ),
        Tile(
            label=_("Posts published"),
            value=now.posts,
            delta=change(now.posts, before.posts),
            note=_("one per channel"),
        ),
    ]


def interactions_chart(board: Dashboard) -> ChartData:
    return ChartData(
        x=[day.isoformat() for day in board.period.dates()],
        series=[
            Series(_("This period"), board.by_day, emphasis=True),
            Series(_("Previous period"), board.by_day_before),
        ],
        x_kind="date",
        x_label=_("Day of publication"),
    )


def followers_chart(board: Dashboard) -> ChartData:
    return ChartData(
        x=[day.isoformat() for day in board.period.dates()],
        series=[Series(_("Followers"), board.followers_by_day, emphasis=True)],
        x_kind="date",
        x_label=_("Day"),
    )
