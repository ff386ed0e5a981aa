"""Threads, as the sandbox finds it."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.models import THREADS, Account, App, Media, Post
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET, slug
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.threads import app
from socialops.sandbox.threads.call import SCOPES
from socialops.sandbox.threads.media import add_post
from socialops.sandbox.world import World

FIRST_PROFILE: Final = 17_841_405_793_187_201  # beyond what a float holds exactly


def _credentials(world: World, account: Account) -> dict[str, str]:
    value = f"sandbox-threads-{account.handle}"
    world.issue(THREADS, "long", account.id, value=value, client_id=CLIENT_ID, scopes=list(SCOPES))
    return {"access_token": value}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del about, language  # named in the text; Threads tells no language
    return add_post(world, author, text, above=above, source="crowd")


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    del language
    kind = "CAROUSEL" if len(media) > 1 else "TEXT"
    for item in media[:1] if len(media) == 1 else ():
        kind = "VIDEO" if item.mime.startswith("video/") else "IMAGE"
    return add_post(world, brand, text, media=[item.id for item in media], media_type=kind)


def _seed(world: World) -> None:
    world.apps.put(App(CLIENT_ID, THREADS, CLIENT_SECRET, "SocialOps", [], list(SCOPES)))


STAND_IN: Final = StandIn(
    network=THREADS,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    wrap=app.Versions,
    handle=slug,
    account_id=lambda world, _: world.next_id(),
    brand_id=lambda order, _: str(FIRST_PROFILE + order),
    credentials=_credentials,
    say=_say,
    publish=_publish,
    seed=_seed,
)
