"""The X stand-in, put together."""

from __future__ import annotations

import time
from html import escape
from typing import Any, Final

import regex
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import Post, X
from socialops.sandbox.text import rich_html
from socialops.sandbox.world import World
from socialops.sandbox.x import drafts, hooks, media, messages, oauth, posts
from socialops.sandbox.x.articles import article_html, article_of
from socialops.sandbox.x.call import Call, XError, credits_page, endpoint, invalid, limit_headers, too_many
from socialops.sandbox.x.call import not_found as not_found_beside
from socialops.sandbox.x.entities import NEW, OLD, USER_FIELDS, asked, user_json

USER_NAME: Final = regex.compile(r"[A-Za-z0-9_]{1,15}")
SUBSCRIPTIONS: Final = ("None", "Basic", "Premium", "PremiumPlus")


def _text_html(world: World, post: Post) -> str:
    def mention(name: str) -> str | None:
        account = world.find_account(X, name)
        return f"/{account.handle}" if account else None

    if article := article_of(post):
        return article_html(world, article)
    tagged = [f"@{world.accounts.objects[key].handle}" for key in post.facts.get("tagged", ())]
    with_them = f'<p class="hint">◉ {escape(", ".join(tagged))}</p>' if tagged else ""
    return rich_html(post.text, mention=mention, tag=lambda name: f"/?tag={name}") + with_them


FACE: Final = Face(
    network=X,
    post_url=lambda world, post: f"/{world.accounts.objects[post.account_id].handle}/status/{post.id}",
    account_url=lambda _, account: f"/{account.handle}",
    handle=lambda _, account: f"@{account.handle}",
    text_html=_text_html,
    quoted=lambda world, post: world.posts.get(post.facts.get("quoted", "")),
    notes=lambda post: [name for name in ("community", "exclusive") if post.facts.get(name)],
)


async def me(call: Call) -> tuple[int, dict[str, Any]]:
    asked(
        call,
        "expansions",
        ("affiliation", "pinned_post_id", "pinned_tweet_id", "most_recent_post_id", "most_recent_tweet_id"),
    )
    call.bill("0.010")
    return 200, {"data": user_json(call.world, call.me, asked(call, "user.fields", USER_FIELDS))}


async def people(call: Call) -> tuple[int, dict[str, Any]]:
    """Up to a hundred, by their user names; who isn't there is told beside the data."""
    names = [name for name in call.query.get("usernames", "").split(",") if name]
    if not 1 <= len(names) <= 100 or not all(USER_NAME.fullmatch(name) for name in names):
        shown = ",".join(names)[:80]
        raise invalid("usernames", shown, "The `usernames` query parameter value does not match ^[A-Za-z0-9_]{1,15}$")
    wanted = asked(call, "user.fields", USER_FIELDS)
    found = {name: call.world.find_account(X, name) for name in names}
    data = [user_json(call.world, account, wanted) for account in found.values() if account]
    errors = [not_found_beside(name, "usernames", "user") for name, account in found.items() if account is None]
    call.bill("0.010", len(data))
    return 200, {**({"data": data} if data else {}), **({"errors": errors} if errors else {})}


async def _feed(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(X))


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(X, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [p for p in world.posts_of(account.id) if p.live and not p.reply_to]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    return post_page(request, FACE, request.app.state.world.posts.get(request.path_params["id"]))


async def _subscription(request: Request) -> Response:
    """Steering: PUT or POST {"account", "type"} gives an account a subscription."""
    world: World = request.app.state.world
    body = await request.json()
    account = world.find_account(X, str(body.get("account") or ""))
    if account is None or body.get("type") not in SUBSCRIPTIONS:
        return JSONResponse({"error": f'"type" must be one of {", ".join(SUBSCRIPTIONS)}.'}, 400)
    name = f"x:subscription:{account.id}"
    world.setting(name, "None")
    world.settings.objects[name].value = body["type"]
    world.settings.put(world.settings.objects[name])
    return JSONResponse({"type": body["type"]})


async def not_found(_: Request, __: Exception) -> Response:
    return XError(404, "Not Found", title="Not Found").response()


def fault_answer(effect: str, retry_after: float, _: Scope) -> Response:
    if effect == "429":
        return too_many(limit_headers(100, 0, time.time() + retry_after + 1))
    if effect == "expired_token":
        return XError(401, "Unauthorized").response()
    return XError(503, "Service Unavailable", title="Service Unavailable").response()


ROUTES: Final[list[BaseRoute]] = [
    *posts.routes,
    *drafts.routes,
    *media.routes,
    *messages.routes,
    *hooks.routes,
    *oauth.routes,
    endpoint("/2/users/me", me, "GET", limit=75, query=("user.fields", "expansions", OLD.parameter, NEW.parameter)),
    endpoint("/2/users/by", people, "GET", limit=900, query=("usernames", "user.fields")),
    Route("/_credits", credits_page, methods=["GET", "PUT"]),
    Route("/_subscription", _subscription, methods=["PUT", "POST"]),
    Route("/", _feed),
    Route("/{handle}", _profile),
    Route("/{handle}/status/{id}", _post),
]
