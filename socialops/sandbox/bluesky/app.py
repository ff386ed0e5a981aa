"""The Bluesky stand-in (PDS, authorization server, PLC directory and AppView in one), put together."""

from __future__ import annotations

import time
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.bluesky import chat, feed, identity, oauth, repo, session, video
from socialops.sandbox.bluesky.call import REQUESTS, XrpcError, limit_headers
from socialops.sandbox.bluesky.records import POST
from socialops.sandbox.bluesky.views import notes_of, quoted_uri, text_html
from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import BLUESKY
from socialops.sandbox.world import World

FACE: Final = Face(
    network=BLUESKY,
    post_url=lambda world, post: (
        f"/profile/{world.accounts.objects[post.account_id].handle}/post/{post.id.rsplit('/', 1)[1]}"
    ),
    account_url=lambda _, account: f"/profile/{account.handle}",
    handle=lambda _, account: f"@{account.handle}",
    text_html=text_html,
    quoted=lambda world, post: world.posts.get(quoted_uri(post)),
    notes=notes_of,
)


async def _feed(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(BLUESKY))


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(BLUESKY, request.path_params["actor"])
    if account is None:
        return post_page(request, FACE, None)
    return feed_page(request, FACE, [p for p in world.posts_of(account.id) if not p.reply_to], title=account.name)


async def _post(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(BLUESKY, request.path_params["actor"])
    uri = f"at://{account.id}/{POST}/{request.path_params['rkey']}" if account else ""
    return post_page(request, FACE, world.posts.get(uri))


async def not_found(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/xrpc/"):
        return XrpcError(501, "MethodNotImplemented", "Method Not Implemented").response()
    return JSONResponse({"error": "NotFound", "message": "Not Found"}, 404)


def fault_answer(effect: str, retry_after: float, scope: Scope) -> Response:
    if effect == "429":
        headers = limit_headers(REQUESTS[0], 0, time.time() + retry_after, REQUESTS[1])
        return XrpcError(
            429, "RateLimitExceeded", "Rate Limit Exceeded", {**headers, "Retry-After": str(int(retry_after))}
        ).response()
    if effect == "expired_token":
        headers_sent = dict(scope["headers"])
        if headers_sent.get(b"authorization", b"").lower().startswith(b"dpop "):
            text = '"exp" claim timestamp check failed'
            challenge = (
                f'DPoP algs="ES256", error="invalid_token", error_description="{text.replace(chr(34), chr(39))}"'
            )
            return XrpcError(401, "invalid_token", text, {"WWW-Authenticate": challenge}).response()
        return XrpcError(400, "ExpiredToken", "Token has expired").response()
    return XrpcError(500, "InternalServerError", "Internal Server Error").response()


ROUTES: Final[list[BaseRoute]] = [
    *repo.routes,
    *feed.routes,
    *session.routes,
    *video.routes,
    *chat.routes,
    *identity.routes,
    *oauth.routes,
    Route("/", _feed),
    Route("/profile/{actor}", _profile),
    Route("/profile/{actor}/post/{rkey}", _post),
]
