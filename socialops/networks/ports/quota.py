"""How long a text is, what is wrong with a content, what is left of a quota, what a call costs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from socialops.networks.errors import Code


@dataclass(frozen=True, slots=True)
class TextCount:
    """A text measured by the network's own rule. `limit` in the same unit."""

    length: int
    limit: int

    @property
    def remaining(self) -> int:
        """Negative when too long."""
        return self.limit - self.length


@dataclass(frozen=True, slots=True)
class Problem:
    """Why this content can't go to this channel. `code`, `detail` as in NetworkError; `field` as listed at `Code`."""

    code: Code
    field: str
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quota:
    """What the network itself says is left, kept per channel. `bucket` names the limit ('requests', 'media', 'writes')."""

    bucket: str
    limit: int | None
    remaining: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call counts against: `units` of a bucket of the network's data file (`[quotas.<bucket>]`), and what the network bills for it.

    `amount` in US dollars, the currency of every network that bills; 0 where it only counts.
    """

    bucket: str
    units: int = 1
    amount: Decimal = Decimal(0)


Report = Callable[[Quota | Charge], None]
"""Where a connector tells what a call left of a quota, and what an accepted call cost. Never raises."""


def nobody_listens(_: Quota | Charge) -> None:
    """The report of a target that nobody meters."""
