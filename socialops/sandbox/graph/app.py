"""What the Graph API is on every port: versions in the path, nodes and edges, errors on demand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from socialops.sandbox.graph import hooks, messages, oauth, uploads
from socialops.sandbox.graph.call import Call, GraphError, Handler, expired, missing, serve

VERSION: Final = re.compile(r"^/v\d+\.\d+(?=/|$)")
METHODS: Final = ["GET", "POST", "DELETE"]
EDGES: Final[dict[tuple[str, str], Handler]] = {
    ("permissions", "GET"): oauth.permissions,
    ("permissions", "DELETE"): oauth.revoke,
    ("conversations", "GET"): messages.list_conversations,
    ("messages", "POST"): messages.send,
    ("messages", "GET"): messages.list_messages,
    ("subscribed_apps", "POST"): hooks.subscribe_account,
    ("subscribed_apps", "GET"): hooks.list_subscribed,
    ("subscribed_apps", "DELETE"): hooks.unsubscribe_account,
}


def graph_routes(edges: Mapping[tuple[str, str], Handler], node: Mapping[str, Handler]) -> list[BaseRoute]:
    """`edges` by name and method, `node` by method; those every port has come with them."""
    every = {**EDGES, **edges}

    async def on_node(request: Request) -> Response:
        return await serve(request, lambda _: node[request.method])

    async def on_edge(request: Request) -> Response:
        name = request.path_params["edge"]

        def choose(call: Call) -> Handler:
            handler = every.get((name, request.method))
            if handler is None:
                if request.method == "GET":
                    raise GraphError(2500, f"Unknown path components: /{name}")
                raise missing(call.id, call.verb)
            return handler

        return await serve(request, choose)

    return [
        Route("/{id}/subscriptions", hooks.subscribe_app, methods=["POST"]),
        *uploads.routes,
        *messages.routes,
        Route("/{id}", on_node, methods=METHODS),
        Route("/{id}/{edge}", on_edge, methods=METHODS),
    ]


async def not_found(request: Request, _: Exception) -> Response:
    return GraphError(2500, f"Unknown path components: {request.url.path}").response()


class Versions:
    """Graph answers with and without `/v26.0`, and with a slash at the end; a version it doesn't know is served by one it knows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (match := VERSION.match(scope["path"])):
            path = scope["path"][match.end() :].rstrip("/") or "/"
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
