"""Polls: what a content of the format `Format.POLL` asks, as its options say it. Their limits are the options' own, in each network's data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from socialops.networks.ports.content import Content, Format, Option

# What the choices of `poll_duration` mean; each network takes some of them.
MINUTES = {
    "five_minutes": 5,
    "thirty_minutes": 30,
    "one_hour": 60,
    "six_hours": 360,
    "twelve_hours": 720,
    "one_day": 1440,
    "three_days": 4320,
    "seven_days": 10_080,
    "fourteen_days": 20_160,
}


@dataclass(frozen=True, slots=True)
class Poll:
    """`question` "" where the text asks it; `duration` is a name of `MINUTES`, "" where nothing says it."""

    choices: tuple[str, ...]
    duration: str = ""
    question: str = ""

    @property
    def minutes(self) -> int:
        """KeyError for a duration that is none: `check` says so before anything is sent."""
        return MINUTES[self.duration]


def poll_of(content: Content, options: Sequence[Option]) -> Poll | None:
    """None for what is no poll. `options`: the channel's, for the duration nobody chose."""
    if content.options.get("format") != Format.POLL:
        return None
    usual = next((option.default for option in options if option.name == "poll_duration"), "")
    return Poll(
        choices=tuple(content.options.get("poll_choices") or ()),
        duration=str(content.options.get("poll_duration") or usual or ""),
        question=str(content.options.get("poll_question") or ""),
    )
