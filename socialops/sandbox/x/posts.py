"""Posts: create, delete, read, list, search, hide a reply."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final

import regex
from starlette.routing import BaseRoute

from socialops.sandbox.models import Account, Post, X
from socialops.sandbox.text import MENTION, URL
from socialops.sandbox.world import World
from socialops.sandbox.x import hooks
from socialops.sandbox.x.call import Call, XError, endpoint, invalid, not_found, read_moment, x_post
from socialops.sandbox.x.edits import checked_previous, history_of, subscription, supersede
from socialops.sandbox.x.entities import (
    POST_QUERY,
    answer_posts,
    asked,
    may_see_private,
    not_for_you,
    words_of,
)
from socialops.sandbox.x.polls import checked_poll
from socialops.sandbox.x.settings import MEDIA, checked_settings

TEXT: Final = 280
LONG_TEXT: Final = 25_000
DUPLICATE_SECONDS: Final = 86_400
SEARCH_SECONDS: Final = 7 * 86_400
TOKEN: Final = "7140dibdnow9c7"  # noqa: S105 -- how a page's token begins
EPOCH_MS: Final = 1_288_834_974_657
WRITE: Final = ("tweet.read", "tweet.write", "users.read")
REPLY_SETTINGS: Final = ("following", "mentionedUsers", "subscribers", "verified")
BODY: Final = (
    "text",
    "media",
    "reply",
    "quote_tweet_id",
    "poll",
    "reply_settings",
    "community_id",
    "share_with_followers",
    "geo",
    "for_super_followers_only",
    "nullcast",
    "card_uri",
    "direct_message_deep_link",
    "edit_options",
    "made_with_ai",
    "paid_partnership",
)
LIST_QUERY: Final = (*POST_QUERY, "max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id")
BARE_LINK: Final = regex.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|fr|io)\b", regex.IGNORECASE)
CASHTAG: Final = regex.compile(r"(?<!\S)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?![\p{L}\p{N}])", regex.IGNORECASE)
INVALID: Final = frozenset("\ufffe\ufeff\uffff")
LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def next_id(world: World) -> str:
    """A snowflake of X's: milliseconds since its epoch, then 22 bits that keep it unique."""
    number = int(world.next_id())
    return str(((number >> 16) - EPOCH_MS << 22) | (number & 0xFFFF))


def weight(text: str) -> int:
    """About X's length: a link 23, European letters one, everything else two."""
    plain, links = URL.subn("", unicodedata.normalize("NFC", text))
    return 23 * links + sum(1 if any(low <= ord(c) <= high for low, high in LIGHT) else 2 for c in plain)


# ---------------------------------------------------------------- writing


def check_body(call: Call) -> None:
    body = call.body
    for name in ("made_with_ai", "paid_partnership", "nullcast", "for_super_followers_only", "share_with_followers"):
        if name in body and not isinstance(body[name], bool):
            raise invalid(name, body[name], f"$.{name}: is not a boolean")
    if body.get("reply_settings") is not None and body["reply_settings"] not in REPLY_SETTINGS:
        raise invalid(
            "reply_settings",
            body["reply_settings"],
            f"$.reply_settings: does not have a value in the enumeration [{', '.join(REPLY_SETTINGS)}]",
        )
    exclusive = [name for name in ("media", "poll", "quote_tweet_id", "card_uri") if name in body]
    if len(exclusive) > 1:
        raise invalid(exclusive[0], body[exclusive[0]], f"{' and '.join(exclusive)} are mutually exclusive")
    if "quote_tweet_id" in body:
        raise XError(403, "Quoting posts is not available on your access level.", kind="client-forbidden")


def checked_text(call: Call, previous: Post | None) -> str:
    text = call.body.get("text", "")
    if not isinstance(text, str):
        raise invalid("text", text, "$.text: is not a string")
    if not text.strip() and "media" not in call.body:
        raise invalid("text", text, "$.text: is required without media")
    if INVALID & set(text):
        raise invalid("text", text, "$.text: holds invalid characters")
    if len(CASHTAG.findall(text)) > 1:
        raise XError(403, "You may include at most one cashtag in a post.")
    longest = TEXT if subscription(call.world, call.me) == "None" else LONG_TEXT
    if weight(text) > longest:
        raise invalid("text", text[:40], "Your Tweet text is too long.")
    since, own = time.time() - DUPLICATE_SECONDS, set(history_of(previous)) if previous else set()
    recent = (p for p in call.world.posts_of(call.me.id) if p.created_at > since and p.id not in own)
    if text.strip() and any(post.text == text for post in recent):
        raise XError(403, "You are not allowed to create a Tweet with duplicate content.")
    return text


def checked_media(call: Call, previous: Post | None) -> list[str]:
    """A new version takes those of the version before too."""
    asked_for = call.body.get("media")
    if asked_for is None:
        return []
    ids = asked_for.get("media_ids") if isinstance(asked_for, dict) else None
    unknown = set(asked_for) - MEDIA if isinstance(asked_for, dict) else set()
    if unknown or not isinstance(ids, list) or not 1 <= len(ids) <= 4 or not all(isinstance(key, str) for key in ids):
        raise invalid("media", asked_for, "$.media.media_ids: must be one to four strings")
    found = [call.world.media.get(key) for key in ids]
    usable = [
        m
        for m in found
        if m
        and m.network == X
        and m.account_id == call.me.id
        and m.facts.get("whole")
        and (not m.post_id or (previous is not None and m.post_id == previous.id))
    ]
    now = time.time()
    if len(usable) != len(ids) or any(
        m.ready_at > now or (not m.post_id and m.facts["expires_at"] < now) for m in usable
    ):
        raise invalid("media.media_ids", ids, "Your media IDs are invalid.")
    if len(ids) > 1 and any(m.facts["category"] != "tweet_image" for m in usable):
        raise invalid("media.media_ids", ids, "You can attach up to 4 photos, 1 animated GIF or 1 video to a post.")
    return ids


def checked_parent(call: Call) -> Post | None:
    reply = call.body.get("reply")
    if reply is None:
        return None
    if not isinstance(reply, dict) or not str(reply.get("in_reply_to_tweet_id") or "").isdigit():
        raise invalid("reply", reply, "$.reply.in_reply_to_tweet_id: is required")
    parent = x_post(call.world, str(reply["in_reply_to_tweet_id"]))
    if parent is None:
        raise XError(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
    quoted = x_post(call.world, str(parent.facts.get("quoted") or ""))
    engaged = call.me.id in mentioned(call.world, parent) or (quoted is not None and quoted.account_id == call.me.id)
    if parent.account_id != call.me.id and not engaged:
        detail = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to."
        raise XError(403, detail)
    return parent


def mentioned(world: World, post: Post) -> set[str]:
    """Whom a post names; a reply also names whom it answers."""
    found = (world.find_account(X, match[1]) for match in MENTION.finditer(post.text))
    ids = {account.id for account in found if account}
    above = world.posts.get(post.reply_to)
    return ids | ({above.account_id} if above else set())


async def create_post(call: Call) -> tuple[int, dict[str, Any]]:
    check_body(call)
    previous, poll = checked_previous(call), checked_poll(call)
    parent, text, media = checked_parent(call), checked_text(call, previous), checked_media(call, previous)
    kept = ("reply_settings", "made_with_ai", "paid_partnership")
    facts: dict[str, Any] = {name: call.body[name] for name in kept if name in call.body}
    facts |= checked_settings(call, media)
    if poll:
        facts["poll"] = poll
    post = add_post(call.world, call.me, text, media=media, above=parent, facts=facts)
    if previous is not None:
        supersede(call.world, previous, post)
    call.bill("0.200" if URL.search(text) or BARE_LINK.search(text) else "0.015")
    call.log(text, post.id)
    return 201, {"data": {"id": post.id, "text": text, "edit_history_tweet_ids": history_of(post)}}


def add_post(
    world: World,
    author: Account,
    text: str,
    *,
    media: Iterable[str] = (),
    above: Post | None = None,
    facts: dict[str, Any] | None = None,
    source: str = "client",
) -> Post:
    """Put a post into the world, and tell those it concerns and those who subscribed."""
    root = (above.root or above.id) if above else ""
    post = Post(
        next_id(world), X, author.id, text, world.now(), source, above.id if above else "", root, facts=facts or {}
    )
    post.media = list(media)
    if above:
        post.facts["answered"] = above.account_id
    world.add_post(post)
    for key in post.media:
        world.media.objects[key].post_id = post.id
        world.media.put(world.media.objects[key])
    for account_id in mentioned(world, post):
        world.notify(account_id, "reply" if above and above.account_id == account_id else "mention", author.id, post.id)
    hooks.tell_of_post(world, post, mentioned(world, post))
    return post


async def delete_post(call: Call) -> tuple[int, dict[str, Any]]:
    post = x_post(call.world, call.path("id"))
    if post is None:
        raise XError(
            404, f"Could not find tweet with id: [{call.path('id')}].", kind="resource-not-found", resource_type="tweet"
        )
    if post.account_id != call.me.id:
        raise XError(403, "You are not authorized to delete this Tweet.")
    for version in map(call.world.posts.get, history_of(post)):
        if version is not None:
            call.world.remove_post(version)
    call.bill("0.005")
    call.log("", post.id)
    return 200, {"data": {"deleted": True}}


async def hide(call: Call) -> tuple[int, dict[str, Any]]:
    hidden, post = call.body.get("hidden"), x_post(call.world, call.path("tweet_id"))
    if not isinstance(hidden, bool):
        raise invalid("hidden", hidden, "$.hidden: is not a boolean")
    if post is None:
        raise XError(404, "Could not find tweet.", kind="resource-not-found", resource_type="tweet")
    root = x_post(call.world, post.root)
    if root is None or root.account_id != call.me.id or post.account_id == call.me.id:
        raise XError(403, "You can only hide replies to your own posts.")
    post.hidden = hidden
    call.world.posts.put(post)
    call.bill("0.005")
    call.log("", post.id)
    return 200, {"data": {"hidden": hidden}}


# ---------------------------------------------------------------- reading


async def read_post(call: Call) -> tuple[int, dict[str, Any]]:
    post_id = call.path("id")
    if not post_id.isdigit() or len(post_id) > 19:
        raise invalid("id", post_id, "The `id` query parameter value is not valid")
    post = x_post(call.world, post_id)
    if post is None:
        return 200, {"errors": [not_found(post_id)]}
    body = answer_posts(call, [post])
    return 200, {**body, "data": body["data"][0]}


async def read_posts(call: Call) -> tuple[int, dict[str, Any]]:
    """Up to a hundred; what isn't there, and what may not be seen, is told beside the data."""
    ids = [key for key in call.query.get("ids", "").split(",") if key]
    if not 1 <= len(ids) <= 100 or not all(key.isdigit() and len(key) <= 19 for key in ids):
        raise invalid(
            "ids", ",".join(ids)[:80], "The number of values in the `ids` query parameter list is not between 1 and 100"
        )
    words = words_of(call)
    private = "non_public_metrics" in asked(call, words.parameter, words.fields)
    found, errors = [], []
    for key in dict.fromkeys(ids):
        post = x_post(call.world, key)
        if post is None:
            errors.append(not_found(key, "ids"))
        elif private and not may_see_private(call, post):
            errors.append(not_for_you(post, "non_public_metrics"))
        else:
            found.append(post)
    return 200, answer_posts(call, found, errors=errors)


def listed(call: Call, posts: Iterable[Post], *, least: int) -> dict[str, Any]:
    """The window of a list, newest first, and from where it goes on."""
    size = call.whole("max_results", 10, least, 100)
    below = call.query.get("pagination_token") or call.query.get("next_token") or ""
    if below and not below.startswith(TOKEN):
        raise invalid("pagination_token", below, "Invalid pagination_token")
    bounds: list[Callable[[Post], bool]] = []
    if below:
        bounds.append(lambda post: int(post.id) < int(below.removeprefix(TOKEN)))
    if "since_id" in call.query:
        bounds.append(lambda post: int(post.id) > int(call.query["since_id"]))
    if "until_id" in call.query:
        bounds.append(lambda post: int(post.id) < int(call.query["until_id"]))
    if "start_time" in call.query:
        start = read_moment(call, "start_time")
        bounds.append(lambda post: post.created_at >= start)
    if "end_time" in call.query:
        end = read_moment(call, "end_time")
        bounds.append(lambda post: post.created_at < end)
    found = sorted((p for p in posts if all(bound(p) for bound in bounds)), key=lambda p: int(p.id), reverse=True)
    page = found[:size]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if len(found) > size:
        meta["next_token"] = f"{TOKEN}{page[-1].id}"
    return answer_posts(call, page, meta=meta)


def _person(call: Call) -> Account:
    account = call.world.accounts.get(call.path("id"))
    if account is None or account.network != X:
        raise XError(404, "Could not find user.", kind="resource-not-found", resource_type="user")
    return account


async def posts_of(call: Call) -> tuple[int, dict[str, Any]]:
    excluded = asked(call, "exclude", ("replies", "retweets"))
    posts = [p for p in call.world.posts_of(_person(call).id) if p.live and not ("replies" in excluded and p.reply_to)]
    return 200, listed(call, posts, least=5)


async def mentions_of(call: Call) -> tuple[int, dict[str, Any]]:
    account = _person(call)
    posts = [p for p in call.world.posts if p.network == X and p.live and account.id in mentioned(call.world, p)]
    return 200, listed(call, [p for p in posts if p.account_id != account.id], least=5)


async def quotes_of(call: Call) -> tuple[int, dict[str, Any]]:
    asked(call, "exclude", ("replies", "retweets"))
    return 200, listed(call, [p for p in call.world.posts if p.facts.get("quoted") == call.path("id")], least=10)


TERM: Final = regex.compile(r"(conversation_id|quotes_of_tweet_id|in_reply_to_tweet_id):(\d{1,19})")
WITHOUT: Final = regex.compile(r"-(?:(from|to):|@|is:)(\w+)")


async def search(call: Call) -> tuple[int, dict[str, Any]]:
    """A group of conversation_id:, quotes_of_tweet_id: and in_reply_to_tweet_id: joined by OR, then what is left out: as much of X's language as is asked here."""
    query = call.query.get("query", "")
    if not query or len(query) > 512:
        raise invalid("query", query[:80], "The length of the `query` query parameter is not between 1 and 512")
    if "since_id" in call.query:
        moment = ((int(call.query["since_id"]) >> 22) + EPOCH_MS) / 1000
        if moment < time.time() - SEARCH_SECONDS:
            raise invalid("since_id", call.query["since_id"], "'since_id' must be a tweet id created after 7 days ago")
    group, _, rest = query.removeprefix("(").partition(")") if query.startswith("(") else (query, "", "")
    terms = [TERM.fullmatch(term.strip()) for term in group.split(" OR ")]
    without = [WITHOUT.fullmatch(word) for word in rest.split()]
    if None in terms or None in without:
        raise invalid("query", query, "There were errors processing your request: no viable alternative")
    tests = {
        "conversation_id": lambda p, key: (p.root or p.id) == key and p.id != key,
        "quotes_of_tweet_id": lambda p, key: p.facts.get("quoted") == key,
        "in_reply_to_tweet_id": lambda p, key: p.reply_to == key,
    }
    newest = time.time() - SEARCH_SECONDS
    posts = [p for p in call.world.posts if p.network == X and p.live and p.created_at > newest]
    posts = [p for p in posts if any(tests[t[1]](p, t[2]) for t in terms if t)]
    return 200, listed(
        call, [p for p in posts if not any(_left_out(call.world, p, w[0]) for w in without if w)], least=10
    )


def _left_out(world: World, post: Post, word: str) -> bool:
    kind, _, name = word.removeprefix("-").partition(":")
    account = world.find_account(X, (name or kind).removeprefix("@"))
    if kind == "from":
        return account is not None and post.account_id == account.id
    return word.startswith("-@") and account is not None and account.id in mentioned(world, post)


routes: list[BaseRoute] = [
    endpoint("/2/tweets", create_post, "POST", limit=100, scopes=WRITE, body=BODY),
    endpoint("/2/tweets", read_posts, "GET", limit=5000, query=("ids", *POST_QUERY)),
    endpoint(
        "/2/tweets/search/recent", search, "GET", limit=300, query=("query", "next_token", "sort_order", *LIST_QUERY)
    ),
    endpoint("/2/tweets/{id}", read_post, "GET", limit=900, query=POST_QUERY),
    endpoint("/2/tweets/{id}", delete_post, "DELETE", limit=50, scopes=WRITE),
    endpoint(
        "/2/tweets/{id}/quote_tweets",
        quotes_of,
        "GET",
        limit=75,
        query=("exclude", "max_results", "pagination_token", *POST_QUERY),
    ),
    endpoint(
        "/2/tweets/{tweet_id}/hidden",
        hide,
        "PUT",
        limit=50,
        scopes=("tweet.read", "tweet.moderate.write", "users.read"),
        body=("hidden",),
    ),
    endpoint("/2/users/{id}/tweets", posts_of, "GET", limit=900, query=("exclude", *LIST_QUERY)),
    endpoint("/2/users/{id}/mentions", mentions_of, "GET", limit=300, query=LIST_QUERY),
]
