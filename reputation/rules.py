"""When a channel is read again. Our own rhythm, well inside every network's limit; theirs are beside their connectors."""

from __future__ import annotations

import datetime as dt
import random

from socialops.networks.errors import ErrorKind, NetworkError

EVERY = dt.timedelta(seconds=60)
EVERY_BY_NETWORK = {
    "facebook": dt.timedelta(minutes=5)
}  # one request for each recent post, from 200 an hour and person
SOONEST_AGAIN = dt.timedelta(
    minutes=1
)  # between two pulls of a channel, however often its network says that there is news
SOONEST_RETRY = dt.timedelta(minutes=1)
LATEST_RETRY = dt.timedelta(minutes=30)
LEASE = dt.timedelta(
    minutes=10
)  # longer than a pull takes: then it is taken for dead and the channel goes to another worker
STALE_AFTER = dt.timedelta(minutes=30)  # from when on a screen says that a channel was not read
WATCHED_FOR = dt.timedelta(days=30)  # how long comments under a post are looked for
WATCHED_AT_MOST = 200
TOLD_AT_MOST = 100  # waiting to be read; the oldest give way
HELD_AT_ONCE = 10  # posts asked in one pull what became of replies that wait there to be approved
PAGES_AT_ONCE = 10  # the rest at the next pull: one busy channel doesn't keep a worker
DUE_AT_ONCE = 500
UNSURE_BELOW = 0.5  # a label less probable than this is shown as one to check


def next_pull(network: str) -> dt.timedelta:
    """How long after a success."""
    return EVERY_BY_NETWORK.get(network, EVERY)


def retry_after(error: NetworkError, *, failures: int, now: dt.datetime) -> dt.datetime:
    """When to try again after `failures` in a row: when the network says, else 1, 2, 4… minutes up to 30, ± 10 % so that channels don't queue up."""
    wait: dt.timedelta = min(LATEST_RETRY, SOONEST_RETRY * int(2 ** min(failures - 1, 10)))
    at = now + wait * random.uniform(0.9, 1.1)  # noqa: S311 -- spreads load, hides nothing
    return max(at, error.until) if error.until and error.kind == ErrorKind.RATE_LIMIT else at


def pause_before(tries: int) -> dt.timedelta:
    """Before a reply is tried or looked for again: 5 s, doubling to 5 min, a quarter of jitter."""
    seconds = min(300.0, 5.0 * 2 ** max(0, tries - 1))
    return dt.timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 -- jitter is no secret
