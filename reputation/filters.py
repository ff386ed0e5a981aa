"""What a list of mentions can be narrowed down by: screens, API and export alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

LONGEST_SEARCH = 200  # characters
OTHER_LANGUAGE, NO_LANGUAGE = "other", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """Empty means all. `brand`, `channel`, `delivery` are ids; `since` and `until` days in `zone`, both included; `language` an ISO code, "other"
    (neither French nor English) or "none" (unclear); `done` None: both; `ours`: only what answers a post of ours;
    `q` in web search syntax: "exact words", or, -without.
    """

    brand: int | None = None
    channel: int | None = None
    delivery: int | None = None
    network: str = ""
    language: str = ""
    sentiment: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    zone: dt.tzinfo = dt.UTC
    done: bool | None = None
    q: str = ""
    ours: bool = False
