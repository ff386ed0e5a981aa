"""Accounts, notifications, search and what the instance says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from socialops.sandbox.mastodon.call import ApiError, Call, answer, endpoint
from socialops.sandbox.mastodon.entities import NOTICE_TYPES, account_json, domain, notice_json, status_json
from socialops.sandbox.mastodon.media import (
    AUDIO_TYPES,
    DESCRIPTION,
    IMAGE_PIXELS,
    IMAGE_SIZE,
    IMAGE_TYPES,
    VIDEO_SIZE,
    VIDEO_TYPES,
)
from socialops.sandbox.mastodon.polls import CONFIGURATION
from socialops.sandbox.mastodon.statuses import MAX_CHARACTERS, MAX_MEDIA
from socialops.sandbox.models import MASTODON, Account, Post
from socialops.sandbox.world import World

VERSION: Final = "4.5.0"


class Identified(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Identified)


def page(call: Call, items: Sequence[Item], *, default: int, most: int) -> tuple[list[Item], dict[str, str]]:
    """One page of a newest-first list by max_id, since_id, min_id → (items, the Link header)."""
    params = call.params
    limit = params.number("limit", default, most=most)
    kept = list(items)
    if max_id := params.text("max_id"):
        kept = [i for i in kept if int(i.id) < int(max_id)]
    if since := params.text("since_id"):
        kept = [i for i in kept if int(i.id) > int(since)]
    if min_id := params.text("min_id"):
        # min_id walks forward: the page right after it, still shown newest first.
        kept = [i for i in kept if int(i.id) > int(min_id)][-limit:]
    kept = kept[:limit]
    if not kept:
        return [], {}
    base = f"{call.world.base_url(MASTODON)}{call.request.url.path}"
    rest = [(k, v) for k, v in call.request.query_params.multi_items() if k not in {"max_id", "since_id", "min_id"}]
    links = [f'<{base}?{urlencode([*rest, ("min_id", kept[0].id)])}>; rel="prev"']
    if len(kept) == limit:
        links.insert(0, f'<{base}?{urlencode([*rest, ("max_id", kept[-1].id)])}>; rel="next"')
    return kept, {"Link": ", ".join(links)}


def _account(call: Call) -> Account:
    account = call.world.accounts.get(call.path("id"))
    if account is None or account.network != MASTODON:
        raise ApiError(404, "Record not found")
    return account


async def verify_credentials(call: Call) -> Response:
    return answer(account_json(call.world, call.me, source=True))


async def read_account(call: Call) -> Response:
    return answer(account_json(call.world, _account(call)))


async def lookup(call: Call) -> Response:
    user, _, host = call.params.text("acct").lstrip("@").partition("@")
    account = call.world.find_account(MASTODON, user)
    if account is None or (host and host != domain(call.world)):
        raise ApiError(404, "Record not found")
    return answer(account_json(call.world, account))


async def account_statuses(call: Call) -> Response:
    posts = call.world.posts_of(_account(call).id)
    if call.account is None or call.account.id != call.path("id"):
        posts = [p for p in posts if p.live]
    if call.params.flag("exclude_replies"):
        posts = [p for p in posts if not p.reply_to]
    if call.params.flag("only_media"):
        posts = [p for p in posts if p.media]
    if call.params.flag("pinned"):
        posts = []
    kept, headers = page(call, posts, default=20, most=40)
    return JSONResponse([status_json(call.world, p, call.account) for p in kept], headers=headers)


async def relationships(call: Call) -> Response:
    flags = ("following", "showing_reblogs", "notifying", "followed_by", "blocking", "blocked_by", "muting")
    more = ("muting_notifications", "requested", "requested_by", "domain_blocking", "endorsed")
    return answer(
        [
            {"id": str(key), "note": "", "languages": None, **dict.fromkeys(flags + more, False)}
            for key in call.params.many("id")
        ]
    )


async def notifications(call: Call) -> Response:
    notices = call.world.notices_of(call.me.id)
    if wanted := set(call.params.many("types")):
        notices = [n for n in notices if NOTICE_TYPES[n.kind] in wanted]
    if unwanted := set(call.params.many("exclude_types")):
        notices = [n for n in notices if NOTICE_TYPES[n.kind] not in unwanted]
    kept, headers = page(call, notices, default=40, most=80)
    return JSONResponse([notice_json(call.world, n) for n in kept], headers=headers)


def _pages(world: World, post: Post) -> tuple[str, str]:
    handle = world.accounts.objects[post.account_id].handle.lower()
    return f"/@{handle}/{post.id}", f"/users/{handle}/statuses/{post.id}"


async def search(call: Call) -> Response:
    query = call.params.text("q").strip().lower()
    if not query:
        raise ApiError(400, "Missing parameter: q")
    kind, limit = call.params.text("type"), call.params.number("limit", 20, most=40)
    body: dict[str, list[Any]] = {"accounts": [], "statuses": [], "hashtags": []}
    name = query.lstrip("@").split("@")[0]
    if kind in {"", "accounts"}:
        found = [
            a
            for a in call.world.accounts
            if a.network == MASTODON and (name in a.handle.lower() or name in a.name.lower())
        ]
        body["accounts"] = [account_json(call.world, a) for a in found[:limit]]
    if kind in {"", "statuses"}:
        posts = [p for p in reversed(call.world.posts.objects.values()) if p.network == MASTODON and p.live]
        page = urlsplit(query)
        if page.scheme in {
            "http",
            "https",
        }:  # an address is fetched, by whichever name of the server; its words are not looked for
            hits = [p for p in posts if page.path in _pages(call.world, p) and call.params.flag("resolve")]
        else:
            hits = [p for p in posts if query in p.text.lower()]
        offset = int(call.params.text("offset") or 0)
        body["statuses"] = [status_json(call.world, p, call.account) for p in hits[offset : offset + limit]]
    return answer(body)


async def public_timeline(call: Call) -> Response:
    kept, headers = page(call, call.world.timeline(MASTODON), default=20, most=40)
    return JSONResponse([status_json(call.world, p, call.account) for p in kept], headers=headers)


def _configuration(world: World) -> dict[str, Any]:
    return {
        "urls": {"streaming": world.base_url(MASTODON).replace("http", "ws", 1)},
        "vapid": {"public_key": ""},
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": MAX_CHARACTERS,
            "max_media_attachments": MAX_MEDIA,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": [*IMAGE_TYPES, *VIDEO_TYPES, *AUDIO_TYPES],
            "description_limit": DESCRIPTION,
            "image_size_limit": IMAGE_SIZE,
            "image_matrix_limit": IMAGE_PIXELS,
            "video_size_limit": VIDEO_SIZE,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8_294_400,
        },
        "polls": CONFIGURATION,
        "translation": {"enabled": False},
        "timelines_access": {"live_feeds": {"local": "public", "remote": "public"}},
        "limited_federation": False,
    }


async def instance_v2(call: Call) -> Response:
    world = call.world
    return answer(
        {
            "domain": domain(world),
            "title": "SocialOps sandbox: Mastodon",
            "version": VERSION,
            "source_url": "https://github.com/mastodon/mastodon",
            "description": "A local stand-in. Nothing here reaches the real network.",
            "usage": {"users": {"active_month": len(world.brands(MASTODON))}},
            "thumbnail": {"url": f"{world.base_url(MASTODON)}/avatar/sandbox.svg", "blurhash": None, "versions": {}},
            "icon": [],
            "languages": ["fr", "en"],
            "configuration": _configuration(world),
            "registrations": {
                "enabled": False,
                "approval_required": False,
                "reason_required": False,
                "message": None,
                "min_age": None,
                "url": None,
            },
            "api_versions": {"mastodon": 7},
            "contact": {"email": "sandbox@example.com", "account": None},
            "rules": [],
        }
    )


async def instance_v1(call: Call) -> Response:
    world = call.world
    return answer(
        {
            "uri": domain(world),
            "title": "SocialOps sandbox: Mastodon",
            "short_description": "A local stand-in. Nothing here reaches the real network.",
            "description": "",
            "email": "sandbox@example.com",
            "version": VERSION,
            "urls": {"streaming_api": world.base_url(MASTODON).replace("http", "ws", 1)},
            "stats": {
                "user_count": len(world.brands(MASTODON)),
                "status_count": len(world.timeline(MASTODON)),
                "domain_count": 1,
            },
            "thumbnail": None,
            "languages": ["fr", "en"],
            "registrations": False,
            "approval_required": False,
            "invites_enabled": False,
            "configuration": _configuration(world),
            "contact_account": None,
            "rules": [],
        }
    )


routes: list[BaseRoute] = [
    endpoint("/api/v1/accounts/verify_credentials", verify_credentials, "GET", scope="read:me"),
    endpoint("/api/v1/accounts/lookup", lookup, "GET"),
    endpoint("/api/v1/accounts/relationships", relationships, "GET", scope="read:follows"),
    endpoint("/api/v1/accounts/{id}", read_account, "GET"),
    endpoint("/api/v1/accounts/{id}/statuses", account_statuses, "GET"),
    endpoint("/api/v1/notifications", notifications, "GET", scope="read:notifications"),
    endpoint("/api/v2/search", search, "GET"),
    endpoint("/api/v1/timelines/public", public_timeline, "GET"),
    endpoint("/api/v2/instance", instance_v2, "GET"),
    endpoint("/api/v1/instance", instance_v1, "GET"),
]
