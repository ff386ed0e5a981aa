"""Correcting a post on X: accounts with a subscription may, while X leaves its window open. It makes a new version, with an id and a price of its own.

Any version of a post tells the ids of all (its history). So a lost answer is no riddle: the newest version says what became of it, and an edit goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.ports import Content, Finding, Format, Problem, Published, Reconciliation, Target
from socialops.networks.x import people
from socialops.networks.x.answers import NETWORK, NO_SUBSCRIPTION
from socialops.networks.x.publish import body_of, comparable_text, post, post_text, published_of
from socialops.networks.x.read import media_keys, read_row, remote_post, text_of

HISTORIES = ("edit_history_tweet_ids", "edit_history_post_ids")  # the old name and the new one


def problem(*, limits: Mapping[str, Any], published_at: datetime, form: str) -> Problem | None:
    """By the format (only X's own editor changes an article), by the subscription that was read last, and by the longest window X has named. The post's own `edit_controls` have the last word, in `edit`."""
    if form == Format.ARTICLE:
        return Problem(Code.ARTICLE_FIXED, "edit")
    if limits.get("account", {}).get("subscription", NO_SUBSCRIPTION) == NO_SUBSCRIPTION:
        return Problem(Code.EDIT_SUBSCRIBERS, "edit")
    minutes = network_data(NETWORK)["edit"]["window_minutes"]
    if published_at + timedelta(minutes=minutes) <= datetime.now(UTC):
        return Problem(Code.EDIT_TOO_LATE, "edit", {"minutes": minutes})
    return None


def edit(target: Target, content: Content, *, external_id: str) -> Published:
    """One shot, from the newest version on. One that says what is wanted already was made by an edit whose answer was lost."""
    row = _newest(target, external_id)
    if row is None:
        raise ValidationError(Code.PARENT_GONE, detail={"field": "edit"})
    newest = str(row["id"])
    if newest != external_id and _says(row, content):
        return published_of(target, newest)
    _require_open(row)
    # the files are sent along, for what is sent is the whole new version: their ids are in the keys by which X shows them
    media_ids = [key.partition("_")[2] for key in media_keys(row)]
    tagged = list(people.known_ids(target, people.names_of(content)).values())  # whoever is gone since is left out
    body = {**body_of(content, media_ids, tagged=tagged), "edit_options": {"previous_post_id": newest}}
    return post(target, post_text(content), body)


def find_edit(target: Target, content: Content, *, external_id: str, since: datetime) -> Reconciliation:
    """Certain: a version that says it is there, or none but ours after X has had its time. One that says something else is for a person."""
    row = _newest(target, external_id)
    if row is None:
        return Reconciliation(Finding.NOT_PUBLISHED)
    if str(row["id"]) != external_id:
        if _says(row, content):
            return Reconciliation(Finding.PUBLISHED, published_of(target, str(row["id"])))
        return Reconciliation(Finding.UNDECIDED, candidates=(remote_post(target, row),))
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def _newest(target: Target, external_id: str) -> dict[str, Any] | None:
    row = read_row(target, external_id, "edit_controls")
    if row is None:
        return None
    newest = max((str(row["id"]), *_history(row)), key=lambda post_id: (len(post_id), post_id))
    return row if newest == str(row["id"]) else read_row(target, newest, "edit_controls")


def _history(row: Mapping[str, Any]) -> list[str]:
    return [str(post_id) for name in HISTORIES for post_id in row.get(name) or ()]


def _says(row: Mapping[str, Any], content: Content) -> bool:
    return comparable_text(text_of(row)) == comparable_text(post_text(content))


def _require_open(row: Mapping[str, Any]) -> None:
    controls = row.get("edit_controls") or {}
    left = controls.get("edits_remaining")
    if controls.get("is_edit_eligible") is False or (isinstance(left, int) and left <= 0):
        raise ValidationError(Code.EDIT_CLOSED, detail={"field": "edit"})
    try:
        until = datetime.fromisoformat(str(controls.get("editable_until")))
    except ValueError:
        return  # X says nothing: it will refuse by itself
    if (until if until.tzinfo else until.replace(tzinfo=UTC)) <= datetime.now(UTC):
        minutes = network_data(NETWORK)["edit"]["window_minutes"]
        raise ValidationError(Code.EDIT_TOO_LATE, detail={"field": "edit", "minutes": minutes})
