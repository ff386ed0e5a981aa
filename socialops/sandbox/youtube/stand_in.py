"""YouTube, as the sandbox finds it."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Final

from socialops.sandbox.models import YOUTUBE, Account, Media, Post
from socialops.sandbox.seed import CLIENT_ID
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World
from socialops.sandbox.youtube import app
from socialops.sandbox.youtube.call import SCOPES
from socialops.sandbox.youtube.comments import add_comment
from socialops.sandbox.youtube.entities import new_video_id
from socialops.sandbox.youtube.playlists import first_playlists

PERSON: Final = "google-100000000000000000001"  # a Google account that never made a channel


def _credentials(world: World, account: Account) -> dict[str, str]:
    access, refresh = f"sandbox-youtube-{account.handle}", f"sandbox-youtube-refresh-{account.handle}"
    scopes = list(SCOPES)
    world.issue(YOUTUBE, "refresh", account.id, value=refresh, client_id=CLIENT_ID, scopes=scopes)
    world.issue(YOUTUBE, "access", account.id, value=access, client_id=CLIENT_ID, scopes=scopes, refresh=refresh)
    first_playlists(world, account)
    return {"access_token": access, "refresh_token": refresh}


def _brand_id(_: int, handle: str) -> str:
    digest = hashlib.sha256(handle.encode()).digest()
    return "UC" + base64.urlsafe_b64encode(digest).decode()[:22]


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del about, language  # nobody is mentioned on YouTube, and no comment says its language
    if above is None:
        raise ValueError("On YouTube people write under a video only.")
    return add_comment(world, author, above, text, source="crowd")


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    """A video of the past; its title is its text's first line, which stands in its description when there is nothing else."""
    title, _, description = text.strip().partition("\n")
    title, text = title[:100] or brand.name, description.strip() or text
    facts = {"title": title, "privacy": "public", "language": language, "made_for_kids": False}
    ids = [item.id for item in media]
    post = Post(new_video_id(), YOUTUBE, brand.id, text, world.now(), media=ids, facts=facts)
    return world.add_post(post)


def _seed(world: World) -> None:
    born = time.time() - 900 * 86400
    world.add_account(Account(PERSON, YOUTUBE, "camille.martin", "Camille Martin", "person", born))


STAND_IN: Final = StandIn(
    network=YOUTUBE,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle_pattern=r"[\w.-]{3,30}",
    account_id=lambda _world, _handle: "UC" + secrets.token_urlsafe(18)[:22],
    brand_id=_brand_id,
    credentials=_credentials,
    say=_say,
    publish=_publish,
    seed=_seed,
    has_mentions=False,
    has_text_posts=False,
)
