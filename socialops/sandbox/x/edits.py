"""Versions of a post: who may edit, for how long, and how the versions hang together."""

from __future__ import annotations

import time
from typing import Any, Final

from socialops.sandbox.models import Account, Post
from socialops.sandbox.world import World
from socialops.sandbox.x.call import Call, XError, invalid, x_post, x_time

WINDOW_SECONDS: Final = 3600
EDITS: Final = 5


def history_of(post: Post) -> list[str]:
    """Ids of all versions, oldest first; every version tells them."""
    return list(post.facts.get("history") or [post.id])


def subscription(world: World, account: Account) -> str:
    """Steered by `PUT /_subscription`."""
    return world.setting(f"x:subscription:{account.id}", "None")


def _first(world: World, post: Post) -> Post:
    return world.posts.objects[history_of(post)[0]]


def controls(world: World, post: Post) -> dict[str, Any]:
    """`edit_controls`, as they are now."""
    author = world.accounts.objects[post.account_id]
    to_others = bool(post.reply_to) and post.facts.get("answered") != author.id
    return {
        "edits_remaining": EDITS + 1 - len(history_of(post)),
        "is_edit_eligible": subscription(world, author) != "None" and not to_others and "poll" not in post.facts,
        "editable_until": x_time(_first(world, post).created_at + WINDOW_SECONDS),
    }


def checked_previous(call: Call) -> Post | None:
    """The version that this one takes the place of, where the body names one."""
    options = call.body.get("edit_options")
    if options is None:
        return None
    if not isinstance(options, dict) or set(options) != {"previous_post_id"}:
        raise invalid("edit_options", options, "$.edit_options.previous_post_id: is required")
    previous = x_post(call.world, str(options["previous_post_id"]))
    if previous is None or previous.account_id != call.me.id:
        raise XError(403, "You are not permitted to edit this Tweet.")
    allowed = controls(call.world, previous)
    over = time.time() > _first(call.world, previous).created_at + WINDOW_SECONDS
    if over or not allowed["is_edit_eligible"] or allowed["edits_remaining"] <= 0 or not previous.live:
        raise XError(403, "This Tweet can no longer be edited.")
    return previous


def supersede(world: World, previous: Post, post: Post) -> None:
    """`post` is what people see from now on; answers to an earlier version stay where they are."""
    history = [*history_of(previous), post.id]
    post.root, post.reply_to = previous.root or history[0], previous.reply_to
    for version in (world.posts.objects[key] for key in history):
        version.facts["history"] = history
        version.live = version is post
        world.posts.put(version)
    if post.reply_to:
        world.put_in_order()
