"""The YouTube stand-in (Google's OAuth, the Data API, uploads and Analytics on one port), put together."""

from __future__ import annotations

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import YOUTUBE, Account, Post
from socialops.sandbox.text import rich_html
from socialops.sandbox.world import World
from socialops.sandbox.youtube import analytics, captions, comments, oauth, playlists, upload, videos
from socialops.sandbox.youtube.call import ApiError, unauthenticated


def _text_html(world: World, post: Post) -> str:
    """A comment as it is; a video with its title above its description, its titles in other languages and the playlists it is in below."""

    def mention(name: str) -> str | None:
        account = world.find_account(YOUTUBE, name)
        return f"/@{account.handle}" if account else None

    text = rich_html(post.text, mention=mention, tag=lambda tag: f"/?tag={tag}")
    if post.reply_to:
        return text
    titles = playlists.titles_of(world, post)
    stands_in = f'<p class="hint">▤ {escape(", ".join(titles))}</p>' if titles else ""
    others = "".join(
        f'<p class="hint" lang="{escape(tag)}">{escape(tag)} · {escape(one.get("title", ""))}</p>'
        for tag, one in post.facts.get("localizations", {}).items()
    )
    return f"<p><strong>{escape(post.facts['title'])}</strong></p>{text}{others}{stands_in}"


FACE: Final = Face(
    network=YOUTUBE,
    post_url=lambda _, post: f"/watch?v={post.root or post.id}",
    account_url=lambda _, account: f"/@{account.handle}",
    handle=lambda _, account: f"@{account.handle}",
    text_html=_text_html,
)


async def _feed(request: Request) -> Response:
    return feed_page(request, FACE, request.app.state.world.timeline(YOUTUBE))


async def _watch(request: Request) -> Response:
    post = request.app.state.world.posts.get(request.query_params.get("v", ""))
    private = post is not None and post.facts.get("privacy") == "private"
    return post_page(request, FACE, None if private else post)


def _channel_page(request: Request, account: Account | None) -> Response:
    if account is None:
        return post_page(request, FACE, None)
    world: World = request.app.state.world
    shown = [p for p in world.posts_of(account.id) if p.live and not p.reply_to]
    return feed_page(request, FACE, shown, title=account.name)


async def _channel(request: Request) -> Response:
    return _channel_page(request, request.app.state.world.find_account(YOUTUBE, request.path_params["handle"]))


async def not_found(_: Request, __: Exception) -> Response:
    return ApiError(404, "notFound", "Requested entity was not found.", domain="global").response()


def fault_answer(effect: str, retry_after: float, _: Scope) -> Response:
    if effect == "429":
        headers = {"Retry-After": str(int(retry_after))}
        message = "Resource has been exhausted (e.g. check quota)."
        return ApiError(429, "rateLimitExceeded", message, domain="global", headers=headers).response()
    if effect == "expired_token":
        return unauthenticated().response()
    return ApiError(500, "backendError", "Internal error encountered.", domain="global").response()


ROUTES: Final[list[BaseRoute]] = [
    *oauth.routes,
    *upload.routes,
    *captions.routes,
    *videos.routes,
    *playlists.routes,
    *comments.routes,
    *analytics.routes,
    Route("/", _feed),
    Route("/watch", _watch),
    Route("/@{handle}", _channel),
    Route("/channel/{handle}", _channel),
]
