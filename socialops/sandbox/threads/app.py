"""The Threads stand-in: login, API and public pages on one port, put together."""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from html import escape
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import THREADS, Post
from socialops.sandbox.text import link_html, rich_html
from socialops.sandbox.threads import containers, insights, media, oauth, places
from socialops.sandbox.threads.call import Call, Handler, ThreadsError, expired, invalid, missing, serve
from socialops.sandbox.threads.extras import is_archived, long_html, notes_of, veiled
from socialops.sandbox.threads.webhooks import subscribe
from socialops.sandbox.world import World

EDGES: Final[dict[tuple[str, str], Handler]] = {
    ("threads", "POST"): containers.create,
    ("threads", "GET"): media.list_threads,
    ("ghost_posts", "GET"): media.list_ghost_posts,
    ("threads_publish", "POST"): containers.publish,
    ("threads_publishing_limit", "GET"): containers.publishing_limit,
    ("replies", "GET"): media.list_own_replies,
    ("conversation", "GET"): media.conversation,
    ("mentions", "GET"): media.list_mentions,
    ("manage_reply", "POST"): media.manage_reply,
    ("pending_replies", "GET"): media.pending_replies,
    ("manage_pending_reply", "POST"): media.manage_pending_reply,
    ("insights", "GET"): insights.of_post,
    ("threads_insights", "GET"): insights.of_profile,
}
VERSION: Final = re.compile(r"^/(v\d+\.\d+)(?=/|$)")


def _text_html(world: World, post: Post) -> str:
    def mention(name: str) -> str | None:
        account = world.find_account(THREADS, name)
        return f"/@{account.handle}" if account else None

    topic, link = post.facts.get("topic_tag", ""), post.facts.get("link_attachment", "")
    html = rich_html(veiled(post), mention=mention, tag=lambda tag: f"/?tag={tag}") if post.text else ""
    html += link_html(f"/?tag={topic}", topic) if topic else ""
    if place := post.facts.get("location_id"):
        html = f'<p class="hint">{escape(", ".join(map(str, places.PLACES[place][:3:2])))}</p>{html}'
    if link:
        html += link_html(link, link).replace("<a ", '<a class="linkcard" ', 1)
    if gif := post.facts.get("gif"):
        html += link_html(f"https://giphy.com/gifs/{gif}", f"GIF {gif}").replace("<a ", '<a class="linkcard" ', 1)
    if long := post.facts.get("long_text"):
        html += f'<blockquote class="quote">{long_html(long)}</blockquote>'
    return html


FACE: Final = Face(
    network=THREADS,
    post_url=media.permalink,
    account_url=lambda _, account: f"/@{account.handle}",
    handle=lambda _, account: f"@{account.handle}",
    text_html=_text_html,
    quoted=lambda world, post: world.posts.get(post.facts.get("quotes") or ""),
    notes=notes_of,
)


async def _read_node(call: Call) -> dict[str, Any]:
    if call.id in {"me", call.me.id}:
        return media.profile(call)
    record = call.world.records.get(call.id)
    if record is not None and record.collection == containers.COLLECTION:
        return containers.container_node(call, record)
    if call.id in places.PLACES:
        return places.node(call, call.id)
    return media.node(call, call.post())


NODE: Final[dict[tuple[str, str], Handler]] = {
    ("debug_token", "GET"): oauth.debug_token,
    ("keyword_search", "GET"): media.keyword_search,
    ("location_search", "GET"): places.search,
}


async def _node(request: Request) -> Response:
    usual: Handler = _read_node if request.method == "GET" else media.delete
    return await serve(request, lambda _: NODE.get((request.path_params["id"], request.method), usual))


async def _edge(request: Request) -> Response:
    def choose(call: Call) -> Handler:
        handler = EDGES.get((request.path_params["edge"], request.method))
        if handler is None:
            raise missing(call.id, call.verb)
        return handler

    return await serve(request, choose)


async def _root(request: Request) -> Response:
    return feed_page(request, FACE, [p for p in request.app.state.world.timeline(THREADS) if not is_archived(p)])


async def _profile(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(THREADS, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [post for post in world.posts_of(account.id) if not post.reply_to and not is_archived(post)]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    code = request.path_params["code"]
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)), "big")
    except (ValueError, binascii.Error):
        number = 0
    return post_page(request, FACE, request.app.state.world.posts.get(str(number)))


async def _webhooks(request: Request) -> Response:
    """Steering: {"url", "verify_token", "as_list"?} is what an administrator enters in the app's settings."""
    body = json.loads(await request.body())
    world: World = request.app.state.world
    url, token = str(body.get("url") or ""), str(body.get("verify_token") or "")
    if not await subscribe(world, url, token, as_list=bool(body.get("as_list"))):
        return JSONResponse({"error": "The address didn't give the challenge back."}, 400)
    return JSONResponse({"url": url}, 201)


async def _container(request: Request) -> Response:
    """Steering: {"id", "status", "error_message"?}: what becomes of a container."""
    body = json.loads(await request.body())
    world: World = request.app.state.world
    record = world.records.get(str(body.get("id")))
    if record is None:
        return JSONResponse({"error": "There is no such container."}, 400)
    record.value.update(status=body["status"], error_message=body.get("error_message", ""))
    world.records.put(record)
    return JSONResponse({"id": record.id}, 201)


async def _quota(request: Request) -> Response:
    """Steering: {"account", "bucket": posts, replies or deletions, "used"}."""
    body = json.loads(await request.body())
    world: World = request.app.state.world
    world.windows[f"threads {body['bucket']}", str(body["account"])] = (time.time(), int(body["used"]))
    return JSONResponse({"used": body["used"]}, 201)


async def _age(request: Request) -> Response:
    """Steering: {"id", "seconds"}: a post of so long ago."""
    body = json.loads(await request.body())
    world: World = request.app.state.world
    post = world.posts.objects[str(body["id"])]
    post.created_at = time.time() - float(body["seconds"])
    world.posts.put(post)
    return JSONResponse({"id": post.id}, 201)


async def _token(request: Request) -> Response:
    """Steering: {"access_token", "age"}: a token made so many seconds ago."""
    body = json.loads(await request.body())
    world: World = request.app.state.world
    token = world.tokens.objects[str(body["access_token"])]
    token.created_at = time.time() - float(body["age"])
    world.tokens.put(token)
    return JSONResponse({"age": body["age"]}, 201)


async def not_found(request: Request, _: Exception) -> Response:
    return invalid(f"Unknown path components: {request.url.path}").response()


class Versions:
    """The API answers with and without `/v1.0`, and with or without a slash at the end; no other version is known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (match := VERSION.match(scope["path"])):
            if match[1] != "v1.0":
                await ThreadsError(2500, f"An unknown version was asked for: {match[1]}").response()(
                    scope, receive, send
                )
                return
            scope = _at(scope, scope["path"][match.end() :] or "/")
        if scope["type"] == "http" and len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = _at(scope, scope["path"].rstrip("/"))
        await self.app(scope, receive, send)


def _at(scope: Scope, path: str) -> Scope:
    return {**scope, "path": path, "raw_path": path.encode()}


def fault_answer(effect: str, retry_after: float, scope: Scope) -> Response:
    del scope
    if effect == "429":
        response = ThreadsError(4, "(#4) Application request limit reached").response()
        response.headers["Retry-After"] = str(max(1, round(retry_after)))
        return response
    if effect == "expired_token":
        return expired().response()
    return ThreadsError(2, "An unexpected error has occurred. Please retry your request later.", status=500).response()


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _root),
    Route("/_webhooks", _webhooks, methods=["POST"]),
    Route("/_container", _container, methods=["POST"]),
    Route("/_quota", _quota, methods=["POST"]),
    Route("/_token", _token, methods=["POST"]),
    Route("/_age", _age, methods=["POST"]),
    *oauth.routes,
    Route("/@{handle}", _profile),
    Route("/@{handle}/post/{code}", _post),
    Route("/{id}", _node, methods=["GET", "DELETE"]),
    Route("/{id}/{edge}", _edge, methods=["GET", "POST"]),
]
