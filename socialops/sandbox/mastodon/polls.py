"""Polls: as part of a status, looked at and voted on."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.mastodon.call import ApiError, Call, answer, endpoint
from socialops.sandbox.mastodon.entities import poll_json
from socialops.sandbox.models import Post
from socialops.sandbox.polls import new_poll, poll_of, vote
from socialops.sandbox.text import graphemes

CONFIGURATION: Final = {
    "max_options": 4,
    "max_characters_per_option": 50,
    "min_expiration": 300,
    "max_expiration": 2_629_746,
}


def read_poll(call: Call, *, has_media: bool) -> dict[str, Any] | None:
    """The poll asked for, None without one; refused with Mastodon's words."""
    asked = call.params.get("poll")
    if not asked:
        return None
    if not isinstance(asked, dict):
        raise ApiError(422, "Validation failed: Poll is invalid")
    if has_media:
        raise ApiError(422, "Cannot attach more than 4 files")
    choices = [text for choice in asked.get("options") or () if (text := str(choice).strip())]
    seconds = str(asked.get("expires_in") or "")
    most, longest = CONFIGURATION["max_options"], CONFIGURATION["max_characters_per_option"]
    problems = {
        "Expires at can't be blank": not seconds.isdecimal(),
        "Options must have more than one item": len(choices) < 2,
        f"Options can't contain more than {most} items": len(choices) > most,
        f"Options cannot be longer than {longest} characters each": any(graphemes(c) > longest for c in choices),
        "Options contain duplicate items": len(set(choices)) < len(choices),
        "Expires at is too soon": seconds.isdecimal() and int(seconds) < CONFIGURATION["min_expiration"],
        "Expires at is too far into the future": seconds.isdecimal() and int(seconds) > CONFIGURATION["max_expiration"],
    }
    if wrong := [words for words, is_so in problems.items() if is_so]:
        raise ApiError(422, "Validation failed: " + ", ".join(wrong))
    flags = {name: str(asked.get(name) or "").lower() in {"1", "true"} for name in ("multiple", "hide_totals")}
    return new_poll(call.world, choices, int(seconds), **flags)


def edited_poll(call: Call, post: Post, *, has_media: bool) -> dict[str, Any] | None:
    """Left out it is gone; with other choices or another mode its votes are."""
    before, poll = poll_of(post), read_poll(call, has_media=has_media)
    if before and poll and (before["choices"], before["multiple"]) == (poll["choices"], poll["multiple"]):
        poll["voted"] = before["voted"]
    return poll


def _asked(call: Call) -> Post:
    post = call.status()
    if poll_of(post) is None:
        raise ApiError(404, "Record not found")
    return post


async def show(call: Call) -> Response:
    return answer(poll_json(_asked(call), call.account))


async def choose(call: Call) -> Response:
    post = _asked(call)
    chosen = [int(str(choice)) for choice in call.params.many("choices") if str(choice).isdecimal()]
    try:
        vote(call.world, call.me, post, chosen)
    except ValueError as error:
        raise ApiError(422, f"Validation failed: {error}") from error
    call.log("", post.id)
    return answer(poll_json(post, call.me))


routes: list[BaseRoute] = [
    endpoint("/api/v1/polls/{id}", show, "GET"),
    endpoint("/api/v1/polls/{id}/votes", choose, "POST", scope="write:statuses"),
]
