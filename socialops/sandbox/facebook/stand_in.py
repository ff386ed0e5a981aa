"""Facebook Pages, as the sandbox finds it."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.facebook import app
from socialops.sandbox.facebook.page import add_post
from socialops.sandbox.facebook.posts import add_comment
from socialops.sandbox.graph.app import Versions, fault_answer, not_found
from socialops.sandbox.graph.call import PERSONS
from socialops.sandbox.graph.hooks import tell
from socialops.sandbox.graph.messages import write
from socialops.sandbox.graph.seed import page_credentials, seed_person
from socialops.sandbox.models import FACEBOOK, Account, Media, Post
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del language  # Facebook tells none
    if above is not None:
        return add_comment(world, author, above, text, source="crowd")
    facts = {"tagged": [about.id] if about else []}
    post = Post(f"{author.id}_{world.next_id()}", FACEBOOK, author.id, text, world.now(), "crowd", facts=facts)
    world.add_post(post)
    if about:
        world.notify(about.id, "mention", author.id, post.id)
        value = {"post_id": post.id, "sender_id": author.id, "item": "post", "verb": "add"}
        tell(world, about, "mention", {"changes": [{"field": "mention", "value": value}]})
    return post


def _publish(world: World, page: Account, text: str, language: str, media: list[Media]) -> Post:
    del language
    return add_post(world, page, text, [item.id for item in media])


STAND_IN: Final = StandIn(
    network=FACEBOOK,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=fault_answer,
    not_found=not_found,
    wrap=Versions,
    account_id=lambda world, _: "1" + world.next_id()[-14:],
    brand_id=lambda order, _: str(106_700_000_000_001 + order),
    account_details={"owner": PERSONS[FACEBOOK]},
    note=lambda brand: brand.category,
    credentials=page_credentials,
    say=_say,
    publish=_publish,
    whisper=lambda world, page, author, text: write(world, page, author.id, author.id, text),
    seed=lambda world: seed_person(world, FACEBOOK),
    at=lambda page: page.name,
)
