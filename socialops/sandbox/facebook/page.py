"""What every way of publishing on a page needs."""

from __future__ import annotations

from typing import Any, Final

from socialops.sandbox.graph.call import GraphError
from socialops.sandbox.models import FACEBOOK, Account, Post
from socialops.sandbox.world import World

TEXT: Final = 63_206


def check_text(text: str) -> None:
    if len(text) > TEXT:
        raise GraphError(100, f"(#100) The message is too long: at most {TEXT} characters.")


def add_post(world: World, page: Account, text: str, media: list[str], *, post_id: str = "", **facts: Any) -> Post:
    """`post_id` where it isn't the page's next one: a reel goes by the id of its video."""
    post = Post(
        post_id or f"{page.id}_{world.next_id()}", FACEBOOK, page.id, text, world.now(), media=media, facts=facts
    )
    world.add_post(post)
    for key in media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    return post
