"""Polls: the instance's own bounds, what is sent, and what an edit must send again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.mastodon import quotes
from socialops.networks.mastodon.answers import NETWORK
from socialops.networks.polls import MINUTES, poll_of
from socialops.networks.ports import Content, Option


def options(limits: Mapping[str, Any]) -> Sequence[Option]:
    """The network's, with what this instance tells of its polls and of quotes."""
    own = limits.get("poll") or {}
    return [_bounded(option, own) for option in quotes.options(limits)]


def _bounded(option: Option, own: Mapping[str, int]) -> Option:
    if option.name == "poll_choices":
        return replace(option, most=own.get("most", option.most), each=own.get("each", option.each))
    if option.name != "poll_duration":
        return option
    shortest, longest = own.get("min_seconds", 0), own.get("max_seconds", float("inf"))
    kept = tuple(name for name in option.choices if shortest <= MINUTES[name] * 60 <= longest)
    usual = option.default if option.default in kept else None
    return replace(option, choices=kept, default=usual, required=usual is None)


def parameters(content: Content, limits: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a poll, {} for what is none."""
    poll = poll_of(content, options(limits))
    if poll is None:
        return {}
    return {"poll": {"options": list(poll.choices), "expires_in": poll.minutes * 60, **_flags(content)}}


def _flags(content: Content) -> dict[str, bool]:
    return {name: bool(content.options.get(f"poll_{name}")) for name in ("multiple", "hide_totals")}


def kept(content: Content, status: Mapping[str, Any]) -> dict[str, Any]:
    """The poll of a status that is edited: left out it is deleted, with other choices or another mode its votes are. What it still has to run is said in seconds from now.

    ValidationError poll_fixed where it has ended, or ends too soon: sending it again would start it anew.
    """
    poll = status.get("poll")
    if not poll:
        return {}
    left = int((_moment(poll.get("expires_at")) - datetime.now(UTC)).total_seconds())
    if poll.get("expired") or left < network_data(NETWORK)["poll"]["least_left_seconds"]:
        raise ValidationError(Code.POLL_FIXED, detail={"field": "text"})
    same = {"options": list(titles_of(status)), "multiple": bool(poll.get("multiple")), "expires_in": left}
    return {"poll": {**_flags(content), **same}}


def titles_of(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The choices of its poll, () without one."""
    return tuple(str(option.get("title") or "") for option in (status.get("poll") or {}).get("options") or ())


def _moment(text: Any) -> datetime:
    """When it ends; for one that doesn't say, as if it had."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
