"""Instagram, as the sandbox finds it: professional accounts, each linked to a Page of Camille Martin's."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.graph.app import Versions, fault_answer, not_found
from socialops.sandbox.graph.call import PERSONS
from socialops.sandbox.graph.hooks import tell
from socialops.sandbox.graph.messages import write
from socialops.sandbox.graph.seed import page_credentials, seed_person
from socialops.sandbox.images import SNAPSHOT_SIDE, snapshot
from socialops.sandbox.instagram import app
from socialops.sandbox.instagram.comments import add_comment
from socialops.sandbox.instagram.login import seed_token
from socialops.sandbox.models import INSTAGRAM, Account, Media, Post
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World


def _credentials(world: World, account: Account) -> dict[str, str]:
    """By Facebook Login; with `instagram_token`, the same account by Instagram's own."""
    return {**page_credentials(world, account), "instagram_token": seed_token(world, account)}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del language  # Instagram tells none
    if above is not None:
        return add_comment(world, author, above, text, source="crowd")
    facts = {"tagged": [about.id] if about else [], "product": "FEED", "type": "IMAGE"}
    media = [_photograph(world, author, text)]
    post = Post(world.next_id(), INSTAGRAM, author.id, text, world.now(), "crowd", media=media, facts=facts)
    world.add_post(post)
    if about:
        world.notify(about.id, "mention", author.id, post.id)
        tell(world, about, "mentions", {"changes": [{"field": "mentions", "value": {"media_id": post.id}}]})
    return post


def _photograph(world: World, author: Account, text: str) -> str:
    """There is no post of words alone. The id of the picture."""
    content = snapshot(text)
    media = Media(world.next_id(), INSTAGRAM, author.id, "image/jpeg", len(content), world.now())
    media.width = media.height = SNAPSHOT_SIDE
    world.disk.put_bytes(media.id, content)
    return world.media.put(media).id


def _publish(world: World, account: Account, text: str, language: str, media: list[Media]) -> Post:
    del language
    film = len(media) == 1 and media[0].mime.startswith("video/")
    kind = "CAROUSEL_ALBUM" if len(media) > 1 else "VIDEO" if film else "IMAGE"
    facts = {"product": "REELS" if film else "FEED", "type": kind, "comments": True, "shared": True}
    keys = [item.id for item in media]
    return world.add_post(Post(world.next_id(), INSTAGRAM, account.id, text, world.now(), media=keys, facts=facts))


STAND_IN: Final = StandIn(
    network=INSTAGRAM,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=fault_answer,
    not_found=not_found,
    wrap=Versions,
    handle_pattern=r"[\w.]{1,30}",
    account_id=lambda world, _: "178" + world.next_id()[-14:],
    brand_id=lambda order, _: str(17_841_400_000_000_001 + order),
    account_details={"owner": PERSONS[INSTAGRAM]},
    credentials=_credentials,
    say=_say,
    publish=_publish,
    whisper=lambda world, account, author, text: write(world, account, author.id, author.id, text),
    seed=lambda world: seed_person(world, INSTAGRAM),
    has_text_posts=False,
)
