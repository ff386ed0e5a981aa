"""How often a post is read: often while it lives, rarely when it is old, at last no more."""

from __future__ import annotations

import datetime as dt

# (younger than, read again after)
_STEPS = (
    (dt.timedelta(minutes=30), dt.timedelta(minutes=2)),
    (dt.timedelta(hours=6), dt.timedelta(minutes=20)),
    (dt.timedelta(days=1), dt.timedelta(hours=1)),
    (dt.timedelta(days=7), dt.timedelta(hours=6)),
    (dt.timedelta(days=30), dt.timedelta(days=1)),
    (dt.timedelta(days=120), dt.timedelta(days=7)),
)
ACCOUNT_EVERY = dt.timedelta(hours=1)


def next_reading(*, published_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """When to read a post again; None when it is too old to change."""
    age = now - published_at
    return next((now + interval for younger, interval in _STEPS if age < younger), None)
