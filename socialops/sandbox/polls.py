"""Polls, kept in a post's `facts["poll"]`: the same on every network, which each shows in its own fields."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from socialops.sandbox.models import Account, Post
from socialops.sandbox.world import World


def new_poll(world: World, choices: Sequence[str], seconds: float, **more: Any) -> dict[str, Any]:
    """`voted`: who chose what, by account; `more`: what only this network knows of it."""
    return {"choices": list(choices), "ends_at": world.now() + seconds, "voted": {}, **more}


def poll_of(post: Post) -> dict[str, Any] | None:
    poll: dict[str, Any] | None = post.facts.get("poll")
    return poll


def is_over(poll: dict[str, Any]) -> bool:
    return bool(poll["ends_at"] <= time.time())


def told(poll: dict[str, Any]) -> dict[str, Any]:
    """What the public sees of it. `question` "" where the post's text asks."""
    return {"question": poll.get("question", ""), "choices": poll["choices"], "votes": counts(poll)}


def counts(poll: dict[str, Any]) -> list[int]:
    """Votes by choice."""
    return [sum(choice in chosen for chosen in poll["voted"].values()) for choice in range(len(poll["choices"]))]


def vote(world: World, voter: Account, post: Post, chosen: Sequence[int]) -> None:
    """ValueError says why not: no poll, over, voted already, no such choice."""
    poll = poll_of(post)
    if poll is None:
        raise ValueError(f"The post {post.id} has no poll.")
    if is_over(poll):
        raise ValueError("The poll has already ended")
    if voter.id in poll["voted"] or voter.id == post.account_id:
        raise ValueError("You have already voted on this poll")
    if not chosen or not all(0 <= choice < len(poll["choices"]) for choice in chosen):
        raise ValueError("The chosen vote option does not exist")
    poll["voted"][voter.id] = sorted(set(chosen)) if poll.get("multiple") else [chosen[0]]
    world.posts.put(post)
