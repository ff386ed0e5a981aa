"""`POST /_history`: what happened before anybody looked. Posts of the brands with their likes, shares and comments, and mentions, all with their dates.

The body: {"files": {name: {"content": base64 of an image or a video, "alt"}}, "posts": [{"network", "account", "key", "text", "created_at" (ISO 8601), "language"?,
"files"?: [name], "likes"?, "shares"?, "views"?, "clicks"?, "comments"?: [{"author", "text", "created_at", "language"?, "answer"?: the brand's, {"text", "created_at"}}]}],
"mentions": [{"network", "account", "key", "author", "text", "created_at", "language"?}], "messages": the same, private, where the network has them}. `{at}` in a text
becomes the account as people name it there.
On a network's own port "network" may be left out. `author` is anybody's name. What has a `key` that its account knows already is given back, not made
again. The answer: {"posts": [{"key", "id", "url", "cid"?, "answers": [{"text" (as asked), "id", "url"}]}], "mentions": the same without answers}, in the order
asked.
"""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from socialops.sandbox import crowd
from socialops.sandbox.images import sniff
from socialops.sandbox.models import NETWORKS, Account, Media, Post, Setting
from socialops.sandbox.phrases import FIRST_NAMES, LAST_NAMES
from socialops.sandbox.seed import slug
from socialops.sandbox.stand_in import stand_ins
from socialops.sandbox.world import World

KNOWN: Final = {
    "": {"files", "posts", "mentions", "messages"},
    "item": {
        "network", "account", "key", "author", "text", "created_at", "language", "files", "likes", "shares", "views", "clicks",
        "comments",
    },
    "comment": {"author", "text", "created_at", "language", "answer"},
    "answer": {"text", "created_at"},
}  # fmt: skip
PASSERS_BY: Final = len(FIRST_NAMES) * len(LAST_NAMES)


def bring(world: World, body: dict[str, Any], *, network: str = "") -> dict[str, Any]:
    """Import a history. ValueError says what to correct; nothing is imported then."""
    _known("", body)
    files = {name: _file(name, file) for name, file in _mapping(body, "files").items()}
    posts = [_checked(world, item, network, files) for item in _items(body, "posts")]
    mentions = [_checked(world, item, network, {}) for item in _items(body, "mentions")]
    messages = [_private(*_checked(world, item, network, {})) for item in _items(body, "messages")]
    known = {(p.account_id, p.key): p for p in world.posts if p.key}
    made = []
    for brand, item in posts:
        post = known.get((brand.id, str(item["key"])))
        if post is None:
            with world.at(item["created_at"]):
                post = _publish(world, brand, item, files)
            _earn(world, post, item)
            _discuss(world, post, item)
        made.append(_described(world, post) | {"answers": _answers(world, post, item)})
    said = {p.key: p for p in world.posts if p.key and p.source == "crowd"}
    told = [_described(world, said.get(str(item["key"])) or _mention(world, brand, item)) for brand, item in mentions]
    for brand, item in messages:
        _whisper(world, brand, item)
    world.put_in_order()
    return {"posts": made, "mentions": told}


def _known(kind: str, item: Mapping[str, Any]) -> None:
    """What would be ignored is a mistake of whoever wrote it."""
    if unknown := set(item) - KNOWN[kind]:
        raise ValueError(f"Nothing here is called {', '.join(sorted(unknown))}: {', '.join(sorted(KNOWN[kind]))}.")


def _items(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = body.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f'"{name}" must be a list of objects.')
    return items


def _mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise ValueError(f'"{name}" must be an object.')
    return found


def _file(name: str, file: Any) -> tuple[bytes, str]:
    try:
        content = base64.b64decode(file["content"], validate=True)
    except (TypeError, KeyError, binascii.Error) as error:
        raise ValueError(f'File {name!r} needs "content" in base64.') from error
    kind = sniff(content)
    if not (kind.is_image or kind.is_video):
        raise ValueError(f"File {name!r} is neither an image nor a video.")
    return content, str(file.get("alt") or "")


def _checked(
    world: World, item: dict[str, Any], network: str, files: Mapping[str, Any]
) -> tuple[Account, dict[str, Any]]:
    _known("item", item)
    network = str(item.get("network") or network)
    if network not in NETWORKS:
        raise ValueError(f'"network" must be one of {", ".join(NETWORKS)}.')
    brand = world.find_account(network, str(item.get("account") or ""))
    if brand is None:
        raise ValueError(f"There is no account {item.get('account')!r} on {network}.")
    unknown = [name for name in item.get("files") or [] if name not in files]
    if unknown:
        raise ValueError(f'The files {unknown} are not in "files".')
    comments = [_timed(comment) for comment in _items(item, "comments")]
    return brand, {
        "key": "",
        **item,
        "text": str(item.get("text") or "").replace("{at}", crowd.at(brand)),
        "created_at": _moment(item),
        "comments": comments,
    }


def _timed(comment: Mapping[str, Any]) -> dict[str, Any]:
    _known("comment", comment)
    answer = _mapping(comment, "answer")
    _known("answer", answer)
    timed = {"answer": {**answer, "created_at": _moment(answer)}} if answer else {}
    return {**comment, "created_at": _moment(comment), **timed}


def _moment(item: Mapping[str, Any]) -> float:
    try:
        moment = datetime.fromisoformat(str(item.get("created_at")))
    except ValueError as error:
        raise ValueError(f'"created_at" must be an ISO 8601 date, not {item.get("created_at")!r}.') from error
    if moment.tzinfo is None:
        raise ValueError('"created_at" needs its zone.')
    return moment.timestamp()


def _publish(world: World, brand: Account, item: Mapping[str, Any], files: Mapping[str, tuple[bytes, str]]) -> Post:
    text, language = str(item["text"]), str(item.get("language") or brand.language)
    media = [_keep(world, brand, *files[name]) for name in item.get("files") or []]
    post = stand_ins()[brand.network].publish(world, brand, text, language, media)
    post.key = str(item["key"])
    return post


def _keep(world: World, brand: Account, content: bytes, alt: str) -> Media:
    kind = sniff(content)
    key, facts = stand_ins()[brand.network].media_key(world, brand, content)
    media = Media(key, brand.network, brand.id, kind.mime, len(content), world.now(), alt, facts=facts)
    media.width, media.height = kind.width, kind.height
    world.disk.put_bytes(key, content)
    return world.media.put(media)


def _earn(world: World, post: Post, item: Mapping[str, Any]) -> None:
    """Likes and shares are passers-by's, always the same ones for the same post."""
    dice = random.Random(post.key)  # noqa: S311 -- repeatable on purpose, guards nothing
    likes, shares = (min(int(item.get(name) or 0), PASSERS_BY) for name in ("likes", "shares"))
    people = dice.sample(range(PASSERS_BY), max(likes, shares))
    with world.at(world.accounts.objects[post.account_id].created_at):
        ids = [_passer_by(world, post.network, number).id for number in people]
    post.likes, post.reposts = ids[:likes], ids[:shares]
    post.views, post.clicks = int(item.get("views") or 0), int(item.get("clicks") or 0)
    world.posts.put(post)


def _passer_by(world: World, network: str, number: int) -> Account:
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number // len(FIRST_NAMES)]}"
    return crowd.born(world, network, slug(name), name, "fr")


def _discuss(world: World, post: Post, item: Mapping[str, Any]) -> None:
    for number, comment in enumerate(_in_order(item)):
        with world.at(comment["created_at"]):
            author = crowd.person(world, post.network, str(comment.get("author") or "Camille"))
            language = str(comment.get("language") or "fr")
            said = crowd.say(world, author, str(comment.get("text") or ""), above=post, language=language)
        if answer := comment.get("answer"):
            with world.at(answer["created_at"]):
                brand = world.accounts.objects[post.account_id]
                ours = crowd.say(world, brand, str(answer.get("text") or ""), above=said, language=language)
            ours.key = _answer_key(post, number)


def _in_order(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(item["comments"], key=lambda comment: float(comment["created_at"]))


def _answer_key(post: Post, number: int) -> str:
    return f"{post.key}/answer/{number}"


def _answers(world: World, post: Post, item: Mapping[str, Any]) -> list[dict[str, str]]:
    """Shown on the page of their post: not every network gives a comment one of its own."""
    url = _described(world, post)["url"]
    made = {p.key: p for p in world.posts if p.account_id == post.account_id and p.source == "crowd"}
    asked = {
        _answer_key(post, number): comment["answer"]
        for number, comment in enumerate(_in_order(item))
        if comment.get("answer")
    }
    return [
        {"id": made[key].id, "url": url, "text": str(answer.get("text") or "")}
        for key, answer in asked.items()
        if key in made
    ]


def _mention(world: World, brand: Account, item: Mapping[str, Any]) -> Post:
    with world.at(item["created_at"]):
        author = crowd.person(world, brand.network, str(item.get("author") or "Camille"))
        post = crowd.say(world, author, item["text"], about=brand, language=str(item.get("language") or "fr"))
    post.key = str(item["key"])
    return post


def _private(brand: Account, item: dict[str, Any]) -> tuple[Account, dict[str, Any]]:
    if stand_ins()[brand.network].whisper is None:
        raise ValueError(f"Nobody writes privately to an account on {brand.network}.")
    return brand, item


def _whisper(world: World, brand: Account, item: Mapping[str, Any]) -> None:
    known = f"message:{brand.id}:{item['key']}"
    whisper = stand_ins()[brand.network].whisper
    if whisper is None or known in world.settings:
        return
    with world.at(item["created_at"]):
        whisper(world, brand, crowd.person(world, brand.network, str(item.get("author") or "Camille")), item["text"])
    world.settings.put(Setting(known, "1"))


def _described(world: World, post: Post) -> dict[str, str]:
    stand_in = stand_ins()[post.network]
    path = stand_in.face.post_url(world, post)
    about = {"key": post.key, "id": post.id, "url": world.base_url(post.network) + path}
    return about | stand_in.describe(post)
