"""People who like, comment and mention, so that there is something to listen to and to measure."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any, Final

from socialops.sandbox.models import NETWORKS, Account, Post
from socialops.sandbox.phrases import COMMENTS, FIRST_NAMES, LAST_NAMES, MENTIONS, PEOPLE, REPLIES
from socialops.sandbox.polls import is_over, poll_of, vote
from socialops.sandbox.seed import make_account, slug
from socialops.sandbox.stand_in import stand_ins
from socialops.sandbox.world import World

FRESH_SECONDS: Final = 14 * 86400
ACTIONS: Final = ("comment", "mention", "like", "vote", "quote_policy")


def person(world: World, network: str, name: str) -> Account:
    """The crowd member of this name or handle, born on first use."""
    for handle, full_name, language in PEOPLE:
        if name in {handle, full_name}:
            return born(world, network, handle, full_name, language)
    return born(world, network, slug(name), name, "en")


def born(world: World, network: str, handle: str, name: str, language: str) -> Account:
    handle = stand_ins()[network].handle(slug(handle))
    found = world.find_account(network, handle)
    if found is not None:
        return found
    return make_account(
        world, network, handle, name, role="crowd", language=language, followers=40 + len(name) * 7, following=80
    )


def _passer_by(world: World, dice: random.Random, network: str) -> Account:
    """One of some hundreds who like and never write."""
    name = f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}"
    return born(world, network, slug(name), name, "fr")


def at(brand: Account) -> str:
    """How people name a brand there."""
    return stand_ins()[brand.network].at(brand)


def say(
    world: World,
    author: Account,
    text: str,
    *,
    above: Post | None = None,
    about: Account | None = None,
    language: str = "",
) -> Post:
    """A comment under `above`, or a post about a brand."""
    stand_in = stand_ins()[author.network]
    return stand_in.say(world, author, text, above=above, about=about, language=language or author.language)


def like(world: World, author: Account, post: Post) -> None:
    if author.id not in post.likes:
        post.likes.append(author.id)
        post.views += 3
        world.posts.put(post)
        world.notify(post.account_id, "like", author.id, post.id)


def act(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """One deed now: {"network", "action", "post_id"?, "account"?, "text"?, "author"?, "choice"?}; a vote is for `choice`, 0 the first; a quote_policy makes `choice` what
    a post's author lets people do (manual: quote it once they were asked). ValueError says what to correct.
    """
    network, action = str(body.get("network") or ""), str(body.get("action") or "")
    if network not in NETWORKS:
        raise ValueError(f'"network" must be one of {", ".join(NETWORKS)}.')
    if action not in ACTIONS:
        raise ValueError(f'"action" must be one of {", ".join(ACTIONS)}.')
    author = person(world, network, str(body.get("author") or PEOPLE[0][1]))
    text = str(body.get("text") or "")
    if action == "mention":
        if not stand_ins()[network].has_mentions:
            raise ValueError(f"Nobody can mention an account on {network}.")
        brand = world.find_account(network, str(body.get("account") or world.brands(network)[0].id).lstrip("@"))
        if brand is None:
            raise ValueError(f"There is no account {body.get('account')!r} on {network}.")
        text = text or f"{at(brand)} !"
        made = say(world, author, text if at(brand) in text else f"{at(brand)} {text}", about=brand)
        page = world.base_url(network) + stand_ins()[network].face.post_url(world, made)
        return {"id": made.id, "author": author.handle, "text": made.text, "url": page}
    target = world.posts.get(str(body.get("post_id") or "")) or _newest(world, network)
    if target is None or target.network != network or (body.get("post_id") and target.id != body["post_id"]):
        raise ValueError(f"There is no post {body.get('post_id') or ''!r} on {network}.")
    if action == "like":
        like(world, author, target)
        return {"id": target.id, "author": author.handle, "likes": len(target.likes)}
    if action == "vote":
        vote(world, author, target, [int(body.get("choice") or 0)])
        return {"id": target.id, "author": author.handle}
    if action == "quote_policy":
        target.facts["quote_policy"] = str(body.get("choice") or "public")
        world.posts.put(target)
        return {"id": target.id, "author": target.account_id}
    made = say(world, author, text or COMMENTS[0][1], above=target)
    return {"id": made.id, "author": author.handle, "text": made.text}


def _newest(world: World, network: str) -> Post | None:
    return next((p for p in world.timeline(network) if p.source == "client"), None)


def stir(world: World, dice: random.Random) -> None:
    """One step of life: something happens somewhere, and every fresh post is seen a little more."""
    network = dice.choice(list(stand_ins()))
    fresh = [
        p for p in world.timeline(network)[:60] if p.source == "client" and time.time() - p.created_at < FRESH_SECONDS
    ]
    author = born(world, network, *dice.choice(PEOPLE))
    roll = dice.random()
    if fresh and roll < 0.88:
        # Newer posts get most of the attention.
        target = fresh[min(int(dice.expovariate(0.6)), len(fresh) - 1)]
        if roll < 0.55:
            for _ in range(dice.randint(1, 3)):
                _like_or_vote(world, dice, _passer_by(world, dice, network), target)
            if dice.random() < 0.2 and author.id not in target.reposts:
                target.reposts.append(author.id)
                world.posts.put(target)
                world.notify(target.account_id, "repost", author.id, target.id)
        else:
            _comment(world, dice, author, target)
    elif stand_ins()[network].has_mentions and (roll > 0.92 or (not fresh and dice.random() < 0.25)):
        brand = dice.choice(world.brands(network))
        _say_new(world, dice, author, [(m[0], m[1].format(at=at(brand))) for m in MENTIONS], about=brand)
    _drift(world, dice, network, fresh)


def _like_or_vote(world: World, dice: random.Random, author: Account, target: Post) -> None:
    """Who sees an open poll answers it, the first choices more often; once."""
    poll = poll_of(target)
    if poll is None or is_over(poll) or author.id in poll["voted"]:
        like(world, author, target)
    else:
        vote(world, author, target, [min(int(dice.expovariate(0.8)), len(poll["choices"]) - 1)])


def _comment(world: World, dice: random.Random, author: Account, target: Post) -> None:
    earlier = [r for r in world.replies(target.id) if r.source == "crowd" and r.account_id != author.id]
    if earlier and dice.random() < 0.2:
        _say_new(world, dice, author, REPLIES, above=dice.choice(earlier))
    else:
        _say_new(world, dice, author, COMMENTS, above=target)


def _say_new(
    world: World, dice: random.Random, author: Account, phrases: Sequence[tuple[str, str]], **where: Any
) -> None:
    """Something of theirs in their language that they have not written yet; who has no more to say says nothing."""
    written = [post.text for post in world.posts_of(author.id)]
    unsaid = [
        text
        for language, text in phrases
        if language == author.language and not any(text in earlier for earlier in written)
    ]
    if unsaid:
        say(world, author, dice.choice(unsaid), language=author.language, **where)


def _drift(world: World, dice: random.Random, network: str, fresh: list[Post]) -> None:
    for post in fresh:
        audience = world.accounts.objects[post.account_id].followers
        age_hours = (time.time() - post.created_at) / 3600
        post.views += int(audience * dice.uniform(0.002, 0.012) / (1 + age_hours / 6))
        if dice.random() < 0.3:
            post.clicks += dice.randint(0, 3)
        world.posts.put(post)
    for brand in world.brands(network):
        if dice.random() < 0.4:
            brand.followers = max(0, brand.followers + dice.choice((-1, 1, 1, 1, 2)))
            world.accounts.put(brand)


async def live(world: World, interval: float, seed: int) -> None:
    """Stir every `interval` seconds; 0 never does."""
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose, guards nothing
    while True:
        await asyncio.sleep(interval or 3600)
        if interval:
            stir(world, dice)
