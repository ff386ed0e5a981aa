"""X's counters: public ones of any post, private ones of ours for thirty days. Names come in an old and a new vocabulary and are kept as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import ValidationError
from socialops.networks.http import Answer
from socialops.networks.ports import Metrics, PostMetrics, Target
from socialops.networks.x.answers import NETWORK, call, charge_reads, fields, posted_at, rows_of
from socialops.networks.x.read import poll_ids

REFUSED = ("not-authorized-for-field", "field-unauthorized")
POLLS = ("attachments.poll_ids",)  # an expansion, whose objects bring their choices and votes unasked
VOTES = "poll_votes"
GONE = ("resource-not-found", "not-authorized-for-resource", "resource-unavailable")


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    """A hundred a call. Private counters are asked for while X gives them; where it refuses them the public ones are still there."""
    rule = network_data(NETWORK)["metrics"]
    young_since = datetime.now(UTC) - timedelta(days=rule["private_days"])
    young = [post_id for post_id in external_ids if (posted_at(post_id) or young_since) > young_since]
    old = [post_id for post_id in external_ids if post_id not in set(young)]
    metrics: dict[str, Metrics] = {}
    gone: set[str] = set()
    dead: dict[str, str] = {}
    for start in range(0, len(young), rule["batch"]):
        batch = young[start : start + rule["batch"]]
        refused = _read(target, batch, [*rule["public"], *rule["private"]], metrics, gone, dead)
        old += [post_id for post_id in refused if post_id not in metrics]
    for start in range(0, len(old), rule["batch"]):
        _read(target, old[start : start + rule["batch"]], rule["public"], metrics, gone, dead)
    return PostMetrics(metrics, frozenset(gone) - metrics.keys(), dead)


def _read(
    target: Target,
    batch: Sequence[str],
    names: Sequence[str],
    metrics: dict[str, Metrics],
    gone: set[str],
    dead: dict[str, str],
) -> list[str]:
    """Read what is there; the posts that X didn't give because of a private counter."""
    try:
        asked = fields(*(name for name in names if name not in dead), expansions=POLLS, basic=False)
        params = {"ids": ",".join(batch), **asked}
        answer = call(target, "GET", "/2/tweets", params=params)
    except ValidationError as error:
        private = [name for name in names if name in network_data(NETWORK)["metrics"]["private"] and name not in dead]
        if not private:
            raise
        dead.update(dict.fromkeys(private, str(error.detail.get("message", ""))))
        return list(batch)
    charge_reads(target, answer)
    votes = _votes(answer)
    for row in rows_of(answer):
        polls = [votes[poll] for poll in poll_ids(row) if poll in votes]
        metrics[str(row["id"])] = {**_counters(row, names), **({VOTES: sum(polls)} if polls else {})}
    refused: list[str] = []
    for problem in answer.object().get("errors") or ():
        kind, post_id = str(problem.get("type") or "").rpartition("/")[2], str(problem.get("resource_id") or "")
        if kind in GONE:
            gone.add(post_id or str(problem.get("value") or ""))
        elif kind in REFUSED:
            refused.append(post_id)
    return [post_id for post_id in batch if post_id not in metrics and post_id not in gone] if refused else []


def _votes(answer: Answer) -> dict[str, int]:
    """Of each poll in the answer, all its choices together."""
    polls = (answer.object().get("includes") or {}).get("polls") or ()
    return {
        str(poll["id"]): sum(n for option in poll.get("options") or () if isinstance(n := option.get("votes"), int))
        for poll in polls
    }


def _counters(row: Mapping[str, Any], names: Sequence[str]) -> Metrics:
    found: Metrics = {}
    for name in names:
        for counter, value in (row.get(name) or {}).items():
            if isinstance(value, int):
                found[counter] = value
    return found


def pull_account_metrics(target: Target) -> Metrics:
    answer = call(target, "GET", "/2/users/me", params={"user.fields": "public_metrics"}, bucket="users_me")
    answer.text("data", "id")
    charge_reads(target, answer)
    return _counters(answer.object()["data"], ["public_metrics"])
