"""X, as the sandbox finds it."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.images import sniff
from socialops.sandbox.models import Account, Media, Post, X
from socialops.sandbox.seed import CLIENT_ID
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World
from socialops.sandbox.x import app
from socialops.sandbox.x.call import SCOPES
from socialops.sandbox.x.messages import write
from socialops.sandbox.x.posts import add_post, next_id

HANDLE_LENGTH: Final = 15


def _credentials(world: World, account: Account) -> dict[str, str]:
    value = f"sandbox-x-{account.handle}"
    world.issue(X, "access", account.id, value=value, client_id=CLIENT_ID, scopes=list(SCOPES))
    return {"access_token": value, "scope": " ".join(SCOPES)}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    """A reply names whom it answers; `quote:` before the text of a comment makes it a quote instead."""
    del about  # named in the text
    facts = {"language": language}
    if above is not None and text.startswith("quote:"):
        return add_post(
            world, author, text.removeprefix("quote:").strip(), facts={**facts, "quoted": above.id}, source="crowd"
        )
    if above is not None and not text.startswith("@"):
        text = f"@{world.accounts.objects[above.account_id].handle} {text}"
    return add_post(world, author, text, above=above, facts=facts, source="crowd")


def _publish(world: World, brand: Account, text: str, language: str, media: list[Media]) -> Post:
    return add_post(world, brand, text, media=[item.id for item in media], facts={"language": language})


def _media_key(world: World, _: Account, content: bytes) -> tuple[str, dict[str, object]]:
    category = "tweet_video" if sniff(content).is_video else "tweet_image"
    return next_id(world), {"category": category, "expires_at": 0, "whole": True, "segments": {}}


STAND_IN: Final = StandIn(
    network=X,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle_pattern=r"\w{1,15}",
    handle=lambda slug: slug[:HANDLE_LENGTH],
    account_id=lambda world, _: next_id(world),
    brand_id=lambda order, _: str(1_700_000_000_000_000_001 + order),
    credentials=_credentials,
    say=_say,
    publish=_publish,
    media_key=_media_key,
    whisper=lambda world, brand, author, text: write(world, author, brand, text),
)
