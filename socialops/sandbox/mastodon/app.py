"""The Mastodon stand-in, put together."""

from __future__ import annotations

import time
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.mastodon import accounts, media, oauth, polls, statuses
from socialops.sandbox.mastodon.call import ApiError, limit_headers
from socialops.sandbox.mastodon.entities import content_html, domain
from socialops.sandbox.models import MASTODON
from socialops.sandbox.world import World

FACE: Final = Face(
    network=MASTODON,
    post_url=lambda world, post: f"/@{world.accounts.objects[post.account_id].handle}/{post.id}",
    account_url=lambda _, account: f"/@{account.handle}",
    handle=lambda world, account: f"@{account.handle}@{domain(world)}",
    text_html=lambda world, post: content_html(world, post.text),
    quoted=lambda world, post: world.posts.get(post.facts.get("quotes") or ""),
)


async def _feed(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(MASTODON))


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(MASTODON, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    posts = [p for p in world.posts_of(account.id) if p.live and not p.reply_to]
    return feed_page(request, FACE, posts, title=account.name)


async def _post(request: Request) -> Response:
    return post_page(request, FACE, request.app.state.world.posts.get(request.path_params["id"]))


async def not_found(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "Not Found"}, 404)


def fault_answer(effect: str, retry_after: float, _: Scope) -> Response:
    if effect == "429":
        headers = limit_headers(300, 0, time.time() + retry_after)
        return JSONResponse({"error": "Too many requests"}, 429, headers=headers)
    if effect == "expired_token":
        return ApiError(401, "The access token was revoked").response()
    return JSONResponse({"error": "We're sorry, but something went wrong on our end."}, 500)


ROUTES: Final[list[BaseRoute]] = [
    *statuses.routes,
    *polls.routes,
    *media.routes,
    *accounts.routes,
    *oauth.routes,
    Route("/", _feed),
    Route("/@{handle}", _profile),
    Route("/@{handle}/{id}", _post),
]
