"""What a calendar's address says: the view, the day, the filters, the colours. Nonsense in it is dropped, never an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from editorial.enums import PostState
from editorial.selectors.posts import PostFilter

VIEWS = ("month", "week", "day", "list")
COLOURS = ("status", "channel", "campaign")
WHENS = ("", "undated", "past")


@dataclass(frozen=True, slots=True)
class CalendarQuery:
    """Field names are the address's own."""

    view: str = "month"
    on: str = ""  # ISO day, "" for today
    colour: str = "status"
    brand: str = ""
    channel: Sequence[int] = ()
    network: Sequence[str] = ()
    campaign: int | None = None
    state: Sequence[str] = ()
    author: int | None = None
    q: str = ""
    when: str = ""  # lists only: "" from that day on, undated, past

    @classmethod
    def read(cls, query: QueryDict) -> CalendarQuery:
        return cls(
            view=_one_of(query.get("view"), VIEWS),
            on=_day(query.get("on")),
            colour=_one_of(query.get("colour"), COLOURS),
            brand=query.get("brand", "")[:50],
            channel=[pk for value in query.getlist("channel") if (pk := _key(value))],
            network=[value[:20] for value in query.getlist("network") if value],
            campaign=_key(query.get("campaign")),
            state=[value for value in query.getlist("state") if value in PostState.values],
            author=_key(query.get("author")),
            q=query.get("q", "").replace("\x00", "")[:100],
            when=_one_of(query.get("when"), WHENS),
        )

    @property
    def filters(self) -> PostFilter:
        return PostFilter(
            brand=self.brand,
            channels=self.channel,
            networks=self.network,
            campaign=self.campaign,
            states=self.state,
            author=self.author,
            text=self.q,
        )

    @property
    def filter_count(self) -> int:
        """How many filters hold beside the brand."""
        return sum(bool(getattr(self, name)) for name in ("channel", "network", "campaign", "state", "author", "q"))

    def day(self, zone: ZoneInfo) -> date:
        return date.fromisoformat(self.on) if self.on else datetime.now(zone).date()

    def span(self, zone: ZoneInfo) -> tuple[date, int]:
        """First day shown, and how many: whole weeks from Monday for a month."""
        day = self.day(zone)
        if self.view == "week":
            return day - timedelta(days=day.weekday()), 7
        if self.view != "month":
            return day, 1
        first = day.replace(day=1)
        start = first - timedelta(days=first.weekday())
        following = (first + timedelta(days=31)).replace(day=1)
        return start, -(-(following - start).days // 7) * 7

    def step(self, zone: ZoneInfo, direction: int) -> date:
        """The same day of the view's previous (-1) or next (1) page."""
        day = self.day(zone)
        if self.view == "month":
            first = day.replace(day=1)
            return (
                (first + timedelta(days=31)).replace(day=1)
                if direction > 0
                else (first - timedelta(days=1)).replace(day=1)
            )
        return day + timedelta(days=direction * (7 if self.view == "week" else 1))

    def address(self, **changes: Any) -> str:
        """The query string of the same calendar with changes; what is default is left out."""
        wanted, plain = replace(self, **changes), CalendarQuery()
        pairs = {
            f.name: getattr(wanted, f.name)
            for f in fields(wanted)
            if getattr(wanted, f.name) and getattr(wanted, f.name) != getattr(plain, f.name)
        }
        return "?" + urlencode(pairs, doseq=True)


def _one_of(value: str | None, allowed: Sequence[str]) -> str:
    return value if value is not None and value in allowed else allowed[0]


def _key(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdecimal() and 0 < int(value) < 2**63 else None


def _day(value: str | None) -> str:
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return ""
    return day.isoformat() if 1971 < day.year < 9000 else ""
