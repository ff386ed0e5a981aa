"""The Facebook Pages stand-in (login dialog and Graph API on one port), put together."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from socialops.sandbox.facebook import insights, nodes, oauth, posts
from socialops.sandbox.facebook.call import Call, GraphError, Handler, expired, missing, serve
from socialops.sandbox.feed import Face, feed_page, post_page
from socialops.sandbox.models import FACEBOOK, Account, Post
from socialops.sandbox.text import link_html, rich_html
from socialops.sandbox.world import World

EDGES: Final[dict[tuple[str, str], Handler]] = {
    ("feed", "POST"): posts.create_feed,
    ("feed", "GET"): posts.list_posts,
    ("posts", "GET"): posts.list_posts,
    ("published_posts", "GET"): posts.list_posts,
    ("tagged", "GET"): posts.list_tagged,
    ("visitor_posts", "GET"): posts.list_tagged,
    ("photos", "POST"): posts.create_photo,
    ("photos", "GET"): posts.list_photos,
    ("comments", "POST"): posts.create_comment,
    ("comments", "GET"): posts.list_comments,
    ("likes", "GET"): posts.list_likes,
    ("reactions", "GET"): posts.list_likes,
    ("likes", "POST"): posts.like,
    ("likes", "DELETE"): posts.like,
    ("insights", "GET"): insights.insights,
    ("accounts", "GET"): nodes.my_accounts,
    ("permissions", "GET"): oauth.permissions,
    ("permissions", "DELETE"): oauth.revoke,
}
NODE: Final[dict[str, Handler]] = {"GET": nodes.read_node, "POST": posts.change_node, "DELETE": posts.delete_node}
VERSION: Final = re.compile(r"^/v\d+\.\d+(?=/|$)")


def _text_html(world: World, post: Post) -> str:
    def mention(word: str) -> str | None:
        page = world.find_account(FACEBOOK, word)
        return f"/{page.handle}" if page else None

    html = rich_html(post.text, mention=mention, tag=lambda word: f"/?tag={word}")
    link = post.facts.get("link", "")
    return html + link_html(link, link).replace("<a ", '<a class="linkcard" ', 1) if link else html


def _handle(_: World, account: Account) -> str:
    return account.note if account.role == "brand" else ""


FACE: Final = Face(
    network=FACEBOOK,
    post_url=lambda world, post: (
        f"/{world.accounts.objects[post.account_id].handle}/posts/{post.id.rpartition('_')[2]}"
    ),
    account_url=lambda _, account: f"/pages/{account.handle}",
    handle=_handle,
    text_html=_text_html,
)


async def _node(request: Request) -> Response:
    return await serve(request, lambda _: NODE[request.method])


async def _edge(request: Request) -> Response:
    name = request.path_params["edge"]

    def choose(call: Call) -> Handler:
        handler = EDGES.get((name, request.method))
        if handler is None:
            if request.method == "GET":
                raise GraphError(2500, f"Unknown path components: /{name}")
            raise missing(call.id, call.verb)
        return handler

    return await serve(request, choose)


async def _root(request: Request) -> Response:
    """The timeline; with `ids`, Graph's read of several nodes."""
    if "ids" in request.query_params:
        return await serve(request, lambda _: nodes.read_nodes)
    return feed_page(request, FACE, request.app.state.world.timeline(FACEBOOK))


async def _page(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(FACEBOOK, request.path_params["handle"])
    if account is None:
        return post_page(request, FACE, None)
    own = [p for p in world.posts_of(account.id) if p.live and not p.reply_to]
    return feed_page(request, FACE, own, title=account.name)


async def _post(request: Request) -> Response:
    world: World = request.app.state.world
    account = world.find_account(FACEBOOK, request.path_params["handle"])
    key = request.path_params["number"]
    post = world.posts.get(f"{account.id}_{key}") if account else None
    return post_page(request, FACE, post)


async def not_found(request: Request, _: Exception) -> Response:
    return GraphError(2500, f"Unknown path components: {request.url.path}").response()


class Versions:
    """Graph answers with and without `/v26.0`; a version it doesn't know is served by one it knows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (match := VERSION.match(scope["path"])):
            path = scope["path"][match.end() :] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


def fault_answer(effect: str, retry_after: float, scope: Scope) -> Response:
    if effect == "429":
        minutes = max(1, round(retry_after / 60))
        response = GraphError(32, "(#32) Page request limit reached").response()
        page = VERSION.sub("", scope["path"]).split("/")[1] or "0"
        response.headers["X-App-Usage"] = '{"call_count":100,"total_cputime":25,"total_time":25}'
        response.headers["X-Business-Use-Case-Usage"] = (
            f'{{"{page}":[{{"type":"pages","call_count":100,"total_cputime":25,"total_time":25,"estimated_time_to_regain_access":{minutes}}}]}}'
        )
        return response
    if effect == "expired_token":
        return expired().response()
    return GraphError(
        2, "An unexpected error has occurred. Please retry your request later.", status=500, transient=True
    ).response()


ROUTES: Final[list[BaseRoute]] = [
    Route("/", _root),
    *oauth.routes,
    Route("/pages/{handle}", _page),
    Route("/{handle}/posts/{number}", _post),
    Route("/{id}", _node, methods=["GET", "POST", "DELETE"]),
    Route("/{id}/{edge}", _edge, methods=["GET", "POST", "DELETE"]),
]
