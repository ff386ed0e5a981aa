"""LinkedIn, as the sandbox finds it."""

from __future__ import annotations

import time
from typing import Any, Final

from socialops.sandbox.images import sniff
from socialops.sandbox.linkedin import app, little, notifications, social
from socialops.sandbox.linkedin.call import PERSON, SCOPES
from socialops.sandbox.linkedin.organizations import give_role
from socialops.sandbox.linkedin.posts import add_post
from socialops.sandbox.models import LINKEDIN, Account, App, Media, Post
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.stand_in import StandIn
from socialops.sandbox.world import World

MEMBER_TOKEN: Final = "sandbox-linkedin-member"  # noqa: S105 -- documented; opens nothing but this sandbox
GUEST_PAGE: Final = "urn:li:organization:2900001"


def _credentials(world: World, page: Account) -> dict[str, str]:
    """A token of the Page's person, who gets the role on the first asking, with the Page it is meant for."""
    value = f"sandbox-linkedin-{page.handle}"
    give_role(world, page.owner, page.id, "ADMINISTRATOR")
    world.issue(LINKEDIN, "access", page.owner, value=value, scopes=list(SCOPES), client_id=CLIENT_ID)
    return {"access_token": value, "organization": page.id, "scopes": " ".join(SCOPES)}


def _say(world: World, author: Account, text: str, *, above: Post | None, about: Account | None, language: str) -> Post:
    del language  # LinkedIn tells none
    if above is not None:
        comment = social.add_comment(world, author, above, text, source="crowd")
        root = world.posts.objects[comment.root]
        notifications.tell(world, root, "COMMENT", comment)
        return comment
    named = [about.id] if about else []
    post = add_post(world, author, little.from_people(text), [], about=named)
    post.source = "crowd"
    if about:
        world.notify(about.id, "mention", author.id, post.id)
        notifications.tell(world, post, "SHARE_MENTION", post)
    return post


def _publish(world: World, page: Account, text: str, language: str, media: list[Media]) -> Post:
    del language
    keys = [item.id for item in media]
    images = [{"id": item.id, "altText": item.alt} for item in media]
    content = {"multiImage": {"images": images}} if len(images) > 1 else {"media": images[0]} if images else None
    return add_post(world, page, little.from_people(text), keys, content=content)


def _media_key(world: World, _page: Account, content: bytes) -> tuple[str, dict[str, Any]]:
    kind = "video" if sniff(content).is_video else "image"
    return f"urn:li:{kind}:D4E{world.next_id()}", {"uploaded": True, "secret": ""}


def _seed(world: World) -> None:
    """One person with all the Pages, and a Page on which she may only look."""
    born = time.time() - 900 * 86_400
    world.apps.put(App(CLIENT_ID, LINKEDIN, CLIENT_SECRET, "SocialOps", [], list(SCOPES)))
    world.add_account(Account(PERSON, LINKEDIN, "camille-martin", "Camille Martin", "person", born, followers=640))
    world.issue(LINKEDIN, "access", PERSON, value=MEMBER_TOKEN, client_id=CLIENT_ID, scopes=list(SCOPES))
    guest = Account(GUEST_PAGE, LINKEDIN, "observatoire-du-luminaire", "Observatoire du Luminaire", "guest", born)
    world.add_account(guest)
    give_role(world, PERSON, GUEST_PAGE, "ANALYST")


STAND_IN: Final = StandIn(
    network=LINKEDIN,
    face=app.FACE,
    routes=app.ROUTES,
    fault_answer=app.fault_answer,
    not_found=app.not_found,
    handle=lambda slug: slug.replace("_", "-"),
    handle_pattern=r"[\w-]+",
    account_id=lambda world, _: f"urn:li:organization:{world.next_id()[-12:]}",
    brand_id=lambda order, _: f"urn:li:organization:{1_067_001 + order}",
    account_details={"owner": PERSON},
    note=lambda brand: brand.category,
    credentials=_credentials,
    say=_say,
    publish=_publish,
    media_key=_media_key,
    seed=_seed,
    at=lambda page: page.name,
)
