"""What a chart shows, and the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from socialops.ui.formats import Number, locale, show_day, show_number

KINDS = frozenset({"line", "bar", "stacked", "ranking"})
X_KINDS = frozenset({"text", "date"})


@dataclass(frozen=True, slots=True)
class Series:
    """A name and its values, one for each x; None is a gap. The emphasised series wears the accent, the others grey."""

    name: str | Promise
    values: Sequence[Number | None]
    emphasis: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A note at an x: a campaign starts, a crisis is declared."""

    x: str
    text: str | Promise


@dataclass(frozen=True, slots=True)
class ChartData:
    """x: labels, or ISO dates with x_kind="date". unit: "%" takes fractions. Every series is as long as x, else ValueError."""

    x: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    x_kind: str = "text"
    x_label: str | Promise = ""
    decimals: int = 0
    marks: Sequence[Mark] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        if self.x_kind not in X_KINDS:
            raise ValueError(f"x_kind is text or date, not “{self.x_kind}”.")
        for series in self.series:
            if len(series.values) != len(self.x):
                raise ValueError(f"“{series.name}” has {len(series.values)} values for {len(self.x)} points.")

    @property
    def is_empty(self) -> bool:
        """No value at all."""
        return all(value is None for series in self.series for value in series.values)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """(name, colour) of each series where there are several; the colours the browser gives them, in the same order."""
        greys = cycle(("grey", "soft"))
        named = [(str(s.name), "accent" if s.emphasis else next(greys)) for s in self.series]
        return named if len(named) > 1 else []

    def shown_x(self) -> list[str]:
        """The labels as read: dates in the language in use."""
        if self.x_kind == "text":
            return [str(x) for x in self.x]
        spoken = locale()
        return [show_day(date.fromisoformat(x), spoken) for x in self.x]

    def payload(self, kind: str) -> dict[str, Any]:
        """What the browser draws. Numbers as numbers, labels as words."""
        return {
            "kind": kind,
            "x": self.shown_x(),
            "unit": self.unit,
            "decimals": self.decimals,
            "locale": str(locale()).replace("_", "-"),
            "series": [
                {
                    "name": str(s.name),
                    "emphasis": s.emphasis or len(self.series) == 1,
                    "values": [None if v is None else float(v) for v in s.values],
                }
                for s in self.series
            ],
            "marks": [{"x": list(self.x).index(m.x), "text": str(m.text)} for m in self.marks if m.x in self.x],
        }

    def rows(self) -> SafeString:
        """The table twin's rows: x, and one shown value for each series. Here and not in the template: a year has hundreds."""
        columns = [
            [show_number(v, unit=self.unit, decimals=self.decimals, exact=True) for v in s.values] for s in self.series
        ]
        row = '<tr><th scope="row">{}</th>' + '<td class="num">{}</td>' * len(columns) + "</tr>"
        return format_html_join("", row, zip(self.shown_x(), *columns, strict=True))
