"""Posts, people and files as X shows them, in the old names (`tweet.fields`) or the new ones (`post.fields`)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from socialops.sandbox.models import Account, Media, Post, X
from socialops.sandbox.polls import poll_of
from socialops.sandbox.text import MENTION, URL
from socialops.sandbox.world import World
from socialops.sandbox.x.articles import article_json, article_of
from socialops.sandbox.x.call import PROBLEMS, Call, invalid, x_post, x_time
from socialops.sandbox.x.edits import controls, history_of, subscription
from socialops.sandbox.x.polls import POLL_FIELDS, poll_json

PRIVATE_DAYS: Final = 30
COMMON: Final = (
    "article",
    "attachments",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "entities",
    "geo",
    "id",
    "lang",
    "non_public_metrics",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "reply_settings",
    "scopes",
    "source",
    "text",
    "withheld",
)
MEDIA_FIELDS: Final = ["alt_text", "duration_ms", "height", "media_key", "public_metrics", "type", "url", "width"]
USER_FIELDS: Final = [
    "created_at",
    "description",
    "entities",
    "id",
    "location",
    "name",
    "profile_image_url",
    "protected",
    "public_metrics",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_type",
]
POLL_AND_PLACE: Final = ("poll.fields", "place.fields")


@dataclass(frozen=True, slots=True)
class Words:
    """One of X's two vocabularies."""

    parameter: str
    fields: tuple[str, ...]
    expansions: tuple[str, ...]
    references: str
    reference_expansion: str
    history: str
    reposts: str
    posts: str
    note: str
    included: str


OLD: Final = Words(
    "tweet.fields",
    (*COMMON, "author_id", "edit_history_tweet_ids", "in_reply_to_user_id", "note_tweet", "referenced_tweets"),
    (
        "attachments.media_keys",
        "attachments.poll_ids",
        "author_id",
        "in_reply_to_user_id",
        "referenced_tweets.id",
        "edit_history_tweet_ids",
    ),
    "referenced_tweets",
    "referenced_tweets.id",
    "edit_history_tweet_ids",
    "retweet_count",
    "tweets",
    "note_tweet",
    "tweets",
)
NEW: Final = Words(
    "post.fields",
    (*COMMON, "article_title", "note_post"),
    (
        "attachments.media_keys",
        "attachments.poll_ids",
        "author_id",
        "in_reply_to_user_id",
        "referenced_posts",
        "edit_history_post_ids",
    ),
    "referenced_posts",
    "referenced_posts",
    "edit_history_post_ids",
    "repost_count",
    "posts",
    "note_post",
    "posts",
)
POST_QUERY: Final = (OLD.parameter, NEW.parameter, "expansions", "user.fields", "media.fields", *POLL_AND_PLACE)
LONGEST_SHOWN: Final = 280


def words_of(call: Call) -> Words:
    if OLD.parameter in call.query and NEW.parameter in call.query:
        raise invalid(
            OLD.parameter, call.query[OLD.parameter], f"[{OLD.parameter}] can not be used with [{NEW.parameter}]"
        )
    expansions = call.query.get("expansions", "").split(",")
    new = NEW.parameter in call.query or (OLD.parameter not in call.query and NEW.reference_expansion in expansions)
    return NEW if new else OLD


def asked(call: Call, name: str, known: Iterable[str]) -> list[str]:
    """The values of a list parameter; one that X doesn't know is refused."""
    values = [value for value in call.query.get(name, "").split(",") if value]
    known = list(known)
    for value in values:
        if value not in known:
            raise invalid(
                name, value, f"The `{name}` query parameter value [{value}] is not one of [{','.join(known)}]"
            )
    return values


# ---------------------------------------------------------------- text and links


def short_link(address: str) -> str:
    return f"https://t.co/{hashlib.sha256(address.encode()).hexdigest()[:10]}"


def shown_text(world: World, post: Post) -> tuple[str, list[dict[str, Any]]]:
    """The text with t.co links, escaped, the files' link at its end; and what the links stand for."""
    author = world.accounts.objects[post.account_id]
    text, links, shown = post.text, [], ""
    end = 0
    pieces: list[tuple[str, dict[str, Any] | None]] = []
    for match in URL.finditer(text):
        pieces.append((text[end : match.start()], None))
        pieces.append(
            (
                short_link(match.group()),
                {"expanded_url": match.group(), "display_url": match.group().split("://", 1)[1]},
            )
        )
        end = match.end()
    pieces.append((text[end:], None))
    if post.media:
        media = world.media.objects[post.media[0]]
        kind = "video" if media.mime.startswith("video/") else "photo"
        address = f"https://x.com/{author.handle}/status/{post.id}/{kind}/1"
        if text:
            pieces.append((" ", None))
        pieces.append(
            (
                short_link(address),
                {"expanded_url": address, "display_url": "pic.x.com/x", "media_key": media_key(media)},
            )
        )
    for piece, link in pieces:
        written = piece if link else escape(piece, quote=False)
        if link:
            links.append({"start": len(shown), "end": len(shown) + len(written), "url": written, **link})
        shown += written
    return shown, links


def entities_of(world: World, post: Post, text: str, links: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if links:
        found["urls"] = links
    mentions = []
    for match in MENTION.finditer(text):
        account = world.find_account(X, match[1])
        if account is not None:
            mentions.append({"start": match.start(), "end": match.end(), "username": account.handle, "id": account.id})
    if mentions:
        found["mentions"] = mentions
    return found


def media_key(media: Media) -> str:
    kinds = {"photo": 3, "animated_gif": 16, "video": 13}
    return f"{kinds[media_type(media)]}_{media.id}"


def media_type(media: Media) -> str:
    category = str(media.facts.get("category") or "tweet_image")
    return {"tweet_gif": "animated_gif", "tweet_video": "video"}.get(category, "photo")


# ---------------------------------------------------------------- objects


def post_json(call: Call, post: Post, words: Words, wanted: Sequence[str], expansions: Sequence[str]) -> dict[str, Any]:
    """Defaults (id, text, the edit history) and what was asked for."""
    world = call.world
    text, links = shown_text(world, post)
    long = len(post.text) > LONGEST_SHOWN
    body: dict[str, Any] = {
        "id": post.id,
        "text": text[: LONGEST_SHOWN - 1] + "…" if long else text,
        words.history: history_of(post),
    }
    makers: dict[str, Callable[[], Any]] = {
        "created_at": lambda: x_time(post.created_at),
        "author_id": lambda: post.account_id,
        "conversation_id": lambda: post.root or post.id,
        "lang": lambda: post.facts.get("language") or "und",
        "in_reply_to_user_id": lambda: _answered(world, post),
        "article": lambda: article_json(article) if (article := article_of(post)) else None,
        "attachments": lambda: attachments(world, post) or None,
        "entities": lambda: entities_of(world, post, text, links) or None,
        words.references: lambda: references(post) or None,
        words.note: lambda: {"text": text, "entities": {"urls": links}} if long else None,
        "public_metrics": lambda: public_metrics(world, post, words),
        "non_public_metrics": lambda: private_metrics(post) if may_see_private(call, post) else None,
        "reply_settings": lambda: post.facts.get("reply_settings") or "everyone",
        "paid_partnership": lambda: bool(post.facts.get("paid_partnership")),
        "edit_controls": lambda: controls(world, post),
        "possibly_sensitive": lambda: False,
        "source": lambda: "SocialOps",
    }
    also = {
        "author_id": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        words.reference_expansion: words.references,
    }
    names = [*wanted, *(also[name] for name in expansions if name in also)]
    if {"attachments.media_keys", "attachments.poll_ids"} & set(expansions):
        names.append("attachments")
    for name in dict.fromkeys(names):
        value = makers[name]() if name in makers else None
        if value is not None:
            body[name] = value
    return body


def attachments(world: World, post: Post) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if post.media:
        found["media_keys"] = [media_key(world.media.objects[key]) for key in post.media]
    return found | ({"poll_ids": [post.id]} if poll_of(post) else {})  # a poll's id is its post's here


def _answered(world: World, post: Post) -> str | None:
    above = world.posts.get(post.reply_to)
    return above.account_id if above else post.facts.get("answered")


def references(post: Post) -> list[dict[str, str]]:
    found = [{"type": "replied_to", "id": post.reply_to}] if post.reply_to else []
    quoted = post.facts.get("quoted")
    return [*found, {"type": "quoted", "id": quoted}] if quoted else found


def public_metrics(world: World, post: Post, words: Words) -> dict[str, int]:
    quotes = sum(1 for other in world.posts if other.facts.get("quoted") == post.id)
    return {
        words.reposts: len(post.reposts),
        "reply_count": len(world.replies(post.id)),
        "like_count": len(post.likes),
        "quote_count": quotes,
        "bookmark_count": len(post.likes) // 5,
        "impression_count": post.views,
    }


def private_metrics(post: Post) -> dict[str, int]:
    return {
        "impression_count": post.views,
        "url_link_clicks": post.clicks,
        "user_profile_clicks": post.clicks // 2,
        "engagements": post.clicks + len(post.likes) + len(post.reposts),
    }


def may_see_private(call: Call, post: Post) -> bool:
    return post.account_id == call.me.id and post.created_at > time.time() - PRIVATE_DAYS * 86_400


def not_for_you(post: Post, name: str) -> dict[str, Any]:
    return {
        "resource_id": post.id,
        "resource_type": "tweet",
        "parameter": "ids",
        "field": name,
        "section": "data",
        "title": "Field Authorization Error",
        "detail": f"Sorry, you are not authorized to access '{name}' on the Tweet with ids : [{post.id}].",
        "type": PROBLEMS + "not-authorized-for-field",
    }


def user_json(world: World, account: Account, wanted: Sequence[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.handle}
    makers: dict[str, Callable[[], Any]] = {
        "created_at": lambda: x_time(account.created_at),
        "description": lambda: account.note,
        "profile_image_url": lambda: f"{world.base_url(X)}/avatar/{account.id}.svg",
        "protected": lambda: False,
        "verified": lambda: subscription(world, account) != "None",
        "verified_type": lambda: "none" if subscription(world, account) == "None" else "blue",
        "subscription_type": lambda: subscription(world, account),
        "public_metrics": lambda: {
            "followers_count": account.followers,
            "following_count": account.following,
            "post_count": world.post_count(account.id),
            "tweet_count": world.post_count(account.id),  # both names: a call about a person names no vocabulary
            "listed_count": account.followers // 100,
            "like_count": 0,
            "media_count": sum(1 for post in world.posts_of(account.id) if post.media),
        },
    }
    return body | {name: makers[name]() for name in wanted if name in makers}


def media_json(world: World, media: Media, wanted: Sequence[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"media_key": media_key(media), "type": media_type(media)}
    more = {
        "width": media.width,
        "height": media.height,
        "alt_text": media.alt,
        "url": f"{world.base_url(X)}/media/{media.id}",
        "public_metrics": {"view_count": 0} if media_type(media) == "video" else None,
    }
    return body | {name: more[name] for name in wanted if more.get(name)}


def answer_posts(call: Call, posts: Sequence[Post], **more: Any) -> dict[str, Any]:
    """`data` and `includes`; each thing given is billed. `data` is left out where there is none."""
    words, world = words_of(call), call.world
    wanted, expansions = asked(call, words.parameter, words.fields), asked(call, "expansions", words.expansions)
    users, media = asked(call, "user.fields", USER_FIELDS), asked(call, "media.fields", MEDIA_FIELDS)
    polls = asked(call, "poll.fields", POLL_FIELDS)
    body: dict[str, Any] = {}
    if posts:
        body["data"] = [post_json(call, post, words, wanted, expansions) for post in posts]
    people = {post.account_id for post in posts} if "author_id" in expansions else set()
    if "in_reply_to_user_id" in expansions:
        people |= {answered for post in posts if (answered := _answered(world, post))}
    above = (
        {ref["id"] for post in posts for ref in references(post)} if words.reference_expansion in expansions else set()
    )
    included = {
        "users": [user_json(world, world.accounts.objects[key], users) for key in sorted(people)],
        words.included: [
            post_json(call, post, words, wanted, ()) for key in sorted(above) if (post := x_post(world, key))
        ],
        "media": [media_json(world, world.media.objects[key], media) for post in posts for key in post.media]
        if "attachments.media_keys" in expansions
        else [],
        "polls": [poll_json(post, polls) for post in posts if poll_of(post)]
        if "attachments.poll_ids" in expansions
        else [],
    }
    call.bill("0.005", len(posts) + len(included[words.included]))
    call.bill("0.010", len(included["users"]))
    if found := {name: rows for name, rows in included.items() if rows}:
        body["includes"] = found
    return body | {name: value for name, value in more.items() if value}
