"""The poll of a post: what of it X takes, and how it gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from socialops.sandbox.models import Post
from socialops.sandbox.polls import counts, is_over, new_poll
from socialops.sandbox.x.call import Call, invalid, x_time

CHOICE: Final = 25
MINUTES: Final = (5, 10_080)
POLL_FIELDS: Final = ["duration_minutes", "end_datetime", "id", "options", "voting_status"]


def checked_poll(call: Call) -> dict[str, Any] | None:
    asked_for = call.body.get("poll")
    if asked_for is None:
        return None
    if not isinstance(asked_for, dict):
        raise invalid("poll", asked_for, "$.poll: is not an object")
    for name in asked_for.keys() - {"options", "duration_minutes", "reply_settings"}:
        raise invalid(
            "poll",
            name,
            f"$.poll.{name}: is not defined in the schema and the schema does not allow additional properties",
        )
    choices, minutes = asked_for.get("options"), asked_for.get("duration_minutes")
    if not isinstance(choices, list) or not 2 <= len(choices) <= 4:
        raise invalid("poll.options", choices, "$.poll.options: must have at least 2 items and at most 4")
    for number, text in enumerate(choices):
        if not isinstance(text, str) or not 1 <= len(text) <= CHOICE:
            raise invalid("poll.options", text, f"$.poll.options[{number}]: may only be {CHOICE} characters long")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not MINUTES[0] <= minutes <= MINUTES[1]:
        raise invalid("poll.duration_minutes", minutes, f"$.poll.duration_minutes: must be from 5 to {MINUTES[1]}")
    return new_poll(call.world, choices, minutes * 60, minutes=minutes)


def poll_json(post: Post, wanted: Sequence[str]) -> dict[str, Any]:
    poll = post.facts["poll"]
    choices = zip(poll["choices"], counts(poll), strict=True)
    more = {
        "duration_minutes": poll["minutes"],
        "end_datetime": x_time(poll["ends_at"]),
        "voting_status": "closed" if is_over(poll) else "open",
    }
    told = [{"position": number, "label": label, "votes": votes} for number, (label, votes) in enumerate(choices, 1)]
    return {"id": post.id, "options": told} | {name: more[name] for name in wanted if name in more}
