"""Facebook Pages, as the sandbox finds it."""

from __future__ import annotations

import time
from typing import Final

from socialops.sandbox.facebook import app
from socialops.sandbox.facebook.call import PERSON, SCOPES, USER_TOKEN
from socialops.sandbox.facebook.posts import add_comment, add_post
from socialops.sandbox.models import FACEBOOK, Account, App, Media, Post
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World


def _credentials(world: World, page: Account) -> dict[str, str]:
    value = f"sandbox-facebook-{page.handle}"
    scopes = list(SCOPES)
    world.issue(FACEBOOK, "page", page.id, value=value, scopes=scopes, client_id=CLIENT_ID, user=page.owner)
    return {"access_token": value}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del language  # Facebook tells none
    if above is not None:
        return add_comment(world, author, above, text, source="crowd")
    facts = {"tagged": [about.id] if about else []}
    post = Post(f"{author.id}_{world.next_id()}", FACEBOOK, author.id, text, world.now(), "crowd", facts=facts)
    world.add_post(post)
    if about:
        world.notify(about.id, "mention", author.id, post.id)
    return post


def _publish(world: World, page: Account, text: str, language: str, media: list[Media]) -> Post:
    del language
    return add_post(world, page, text, [item.id for item in media])


def _seed(world: World) -> None:
    born = time.time() - 900 * 86400
    world.apps.put(App(CLIENT_ID, FACEBOOK, CLIENT_SECRET, "SocialOps", [], list(SCOPES)))
    world.add_account(Account(PERSON, FACEBOOK, "camille.martin", "Camille Martin", "person", born))
    world.issue(FACEBOOK, "user", PERSON, value=USER_TOKEN, client_id=CLIENT_ID, scopes=list(SCOPES))


STAND_IN: Final = StandIn(
    network=FACEBOOK,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    wrap=app.Versions,
    account_id=lambda world, _: "1" + world.next_id()[-14:],
    brand_id=lambda order, _: str(106_700_000_000_001 + order),
    account_details={"owner": PERSON},
    note=lambda brand: brand.category,
    credentials=_credentials,
    say=_say,
    publish=_publish,
    seed=_seed,
    at=lambda page: page.name,
)
