"""The TikTok stand-in: login page, API, upload host and public pages on one port, put together."""

from __future__ import annotations

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import TIKTOK, Post
from socialops.sandbox.text import rich_html
from socialops.sandbox.tiktok import oauth, publish, videos
from socialops.sandbox.tiktok.call import TikTokError, change_creator
from socialops.sandbox.tiktok.webhooks import subscribe
from socialops.sandbox.webhooks import is_local
from socialops.sandbox.world import World


def _text_html(world: World, post: Post) -> str:
    def mention(name: str) -> str | None:
        account = world.find_account(TIKTOK, name)
        return f"/@{account.handle}" if account else None

    title = post.facts.get("title", "") if post.facts.get("kind") == "photo" else ""
    text = f"{title}\n\n{post.text}".strip() if title else post.text
    return rich_html(text, mention=mention, tag=lambda tag: f"/?tag={tag}")


FACE: Final = Face(
    network=TIKTOK,
    post_url=videos.post_path,
    account_url=lambda _, account: f"/@{account.handle}",
    handle=lambda _, account: f"@{account.handle}",
    text_html=_text_html,
)


async def _root(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(TIKTOK))


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(TIKTOK, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    return feed_page(request, FACE, videos.public_posts(world, account.id), title=account.name)


async def _post(request: Request) -> Response:
    post = request.app.state.world.posts.get(request.path_params["number"])
    return post_page(request, FACE, post if post is not None and post.live else None)


async def _creator(request: Request) -> Response:
    """Steering: {"account": id or handle, and what `call.CREATOR` lists}: what an account may do, which refusal or failure it meets."""
    world: World = request.app.state.world
    body = json.loads(await request.body())
    account = world.find_account(TIKTOK, str(body.pop("account", "")).lstrip("@"))
    if account is None:
        return JSONResponse({"error": "There is no such account."}, 400)
    try:
        change_creator(world, account, body)
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse({"changed": account.id}, 201)


async def _webhooks(request: Request) -> Response:
    """Steering: {"url"} is what an administrator enters as the callback URL in the app's settings."""
    url = str(json.loads(await request.body()).get("url") or "")
    if not is_local(url):
        return JSONResponse({"error": "The sandbox calls this machine only."}, 400)
    subscribe(request.app.state.world, url)
    return JSONResponse({"url": url}, 201)


async def not_found(request: Request, _: Exception) -> Response:
    return TikTokError("invalid_params", f"Unsupported path: {request.method} {request.url.path}", 404).response()


def fault_answer(effect: str, retry_after: float, scope: Scope) -> Response:
    """No header tells how long to wait, and the upload host knows no tokens."""
    del retry_after
    uploading = scope["path"] == "/video/"
    if effect == "429":
        return TikTokError("rate_limit_exceeded", "The API rate limit was exceeded. Try again later.", 429).response()
    if effect == "expired_token":
        if uploading:
            return Response("The upload url is expired or invalid", 403)
        message = "The access token is invalid or not found in the request."
        return TikTokError("access_token_invalid", message, 401).response()
    if uploading:
        return Response("Internal error", 500)
    return TikTokError("internal_error", "Something went wrong. Please try again later.", 500).response()


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _root),
    Route("/_creator", _creator, methods=["POST"]),
    Route("/_webhooks", _webhooks, methods=["POST"]),
    *oauth.routes,
    *publish.routes,
    *videos.routes,
    Route("/@{handle}", _profile),
    Route("/@{handle}/video/{number}", _post),
    Route("/@{handle}/photo/{number}", _post),
]
