"""TikTok, as the sandbox finds it."""

from __future__ import annotations

import uuid
from typing import Final

from socialops.sandbox.models import TIKTOK, Account, App, Media, Post
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET, slug
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.tiktok import app
from socialops.sandbox.tiktok.call import SCOPES
from socialops.sandbox.tiktok.processing import FIRST_ID, PUBLIC, add_post
from socialops.sandbox.world import World


def _credentials(world: World, account: Account) -> dict[str, str]:
    value = f"sandbox-tiktok-{account.handle}"
    world.issue(TIKTOK, "access", account.id, value=value, client_id=CLIENT_ID, scopes=list(SCOPES))
    return {"access_token": value}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    """Comments show on the pages and are counted; the API reads none of them."""
    del about, language
    key = str(FIRST_ID + int(world.next_id()))
    root = (above.root or above.id) if above else ""
    facts = {"privacy": PUBLIC, "kind": "video", "public_at": 0.0}
    post = Post(key, TIKTOK, author.id, text, world.now(), "crowd", above.id if above else "", root, facts=facts)
    return world.add_post(post)


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    """Photos have a title: their text's first line."""
    del language
    photos = any(item.mime.startswith("image/") for item in media)
    title, _, description = text.strip().partition("\n") if photos else ("", "", text)
    title, text = title[:90], description.strip() or text
    facts = {"privacy": PUBLIC, "kind": "photo" if photos else "video", "title": title, "public_at": 0.0}
    return add_post(world, brand, text, [item.id for item in media], facts)


def _seed(world: World) -> None:
    world.apps.put(App(CLIENT_ID, TIKTOK, CLIENT_SECRET, "SocialOps", [], list(SCOPES)))


STAND_IN: Final = StandIn(
    network=TIKTOK,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle=slug,
    account_id=lambda _world, _handle: str(uuid.uuid4()),
    brand_id=lambda _order, handle: str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{handle}.tiktok")),
    credentials=_credentials,
    say=_say,
    publish=_publish,
    seed=_seed,
    has_mentions=False,
    has_text_posts=False,
)
