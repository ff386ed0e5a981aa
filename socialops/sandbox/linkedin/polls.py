"""The poll of a post: what of it LinkedIn takes, and how it gives it back."""

from __future__ import annotations

from typing import Any, Final

from socialops.sandbox.linkedin.call import invalid
from socialops.sandbox.models import Post
from socialops.sandbox.polls import counts, new_poll
from socialops.sandbox.world import World

QUESTION: Final = 140
CHOICE: Final = 30
DAYS: Final = {"ONE_DAY": 1, "THREE_DAYS": 3, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}
SETTINGS: Final = {"duration": "THREE_DAYS", "voteSelectionType": "SINGLE_VOTE", "isVoterVisibleToAuthor": True}


def check(value: dict[str, Any]) -> None:
    for name in sorted(set(value) - {"question", "options", "settings"}):
        raise invalid(f"content/poll/{name}", "unrecognized field found but not allowed")
    question, options, settings = value.get("question"), value.get("options"), value.get("settings")
    if not isinstance(question, str) or not 0 < len(question.strip()) <= QUESTION:
        raise invalid("content/poll/question", f"field is required, of at most {QUESTION} characters")
    if not isinstance(options, list) or not 2 <= len(options) <= 4:
        raise invalid("content/poll/options", "must have 2 to 4 options")
    for option in options:
        text = option.get("text") if isinstance(option, dict) else None
        if not isinstance(text, str) or not 0 < len(text.strip()) <= CHOICE:
            raise invalid("content/poll/options/text", f"field is required, of at most {CHOICE} characters")
    if not isinstance(settings, dict) or settings.get("duration", SETTINGS["duration"]) not in DAYS:
        raise invalid("content/poll/settings/duration", f"is not one of {', '.join(DAYS)}")


def shown(world: World, content: Any) -> dict[str, Any]:
    """Facts of a post: its content, or the poll that this is."""
    asked = (content or {}).get("poll")
    if not asked:
        return {"content": content}
    settings = {**SETTINGS, **asked["settings"]}
    choices = [option["text"] for option in asked["options"]]
    seconds = DAYS[settings["duration"]] * 86_400
    return {"poll": new_poll(world, choices, seconds, question=asked["question"], settings=settings)}


def node(post: Post) -> dict[str, Any]:
    poll = post.facts["poll"]
    options = [{"text": text, "voteCount": n} for text, n in zip(poll["choices"], counts(poll), strict=True)]
    voters = {"uniqueVotersCount": len(poll["voted"])}
    return {"question": poll["question"], "options": options, "settings": poll["settings"], **voters}
