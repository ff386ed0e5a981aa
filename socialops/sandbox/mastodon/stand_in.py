"""Mastodon, as the sandbox finds it."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.mastodon import app
from socialops.sandbox.mastodon.statuses import publish
from socialops.sandbox.models import MASTODON, Account, Media, Post
from socialops.sandbox.seed import slug
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World

SCOPES: Final = ("read", "write", "profile", "push")


def _credentials(world: World, account: Account) -> dict[str, str]:
    value = f"sandbox-mastodon-{account.handle}"
    world.issue(MASTODON, "access", account.id, value=value, scopes=list(SCOPES))
    return {"access_token": value}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del about  # named in the text
    if above is not None and not text.startswith("@"):
        text = f"@{world.accounts.objects[above.account_id].handle} {text}"
    root = (above.root or above.id) if above else ""
    facts = {"visibility": "public", "language": language}
    post = Post(
        world.next_id(), MASTODON, author.id, text, world.now(), "crowd", above.id if above else "", root, facts=facts
    )
    publish(world, post)
    return post


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    facts = {"visibility": "public", "language": language, "application": "SocialOps"}
    ids = [item.id for item in media]
    post = Post(world.next_id(), MASTODON, brand.id, text, world.now(), media=ids, facts=facts)
    publish(world, post)
    return post


STAND_IN: Final = StandIn(
    network=MASTODON,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle=slug,
    account_id=lambda world, _: world.next_id(),
    brand_id=lambda order, _: str(109_000_000_000_000_001 + order),
    credentials=_credentials,
    say=_say,
    publish=_publish,
)
