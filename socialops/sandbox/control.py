"""The paths that steer the sandbox: faults, log, posts, accounts, crowd, history, files to fetch, pace, reset. On every port; those of a network act on that network."""

from __future__ import annotations

import dataclasses
import json
from math import inf
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox import crowd, history, seed, subtitles
from socialops.sandbox.faults import FaultBook
from socialops.sandbox.models import NETWORKS
from socialops.sandbox.polls import poll_of, told
from socialops.sandbox.world import World, iso
from socialops.sandbox.x.articles import article_of
from socialops.sandbox.x.articles import told as written


def _error(error: ValueError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, 400)


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except json.JSONDecodeError as error:
        raise ValueError(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise ValueError("Send a JSON object.")
    return body


def _network(request: Request) -> str:
    """The network asked for, or this port's own; "" means all."""
    name = request.query_params.get("network") or request.app.state.network
    if name and name not in NETWORKS:
        raise ValueError(f"Unknown network {name!r}; use one of {', '.join(NETWORKS)}.")
    return str(name)


async def _faults(request: Request) -> Response:
    book: FaultBook = request.app.state.faults
    try:
        if request.method == "POST":
            body = await _body(request)
            if body.get("network") and body["network"] not in NETWORKS:
                raise ValueError(f"Unknown network {body['network']!r}; use one of {', '.join(NETWORKS)}.")
            return JSONResponse(book.add(body, network=request.app.state.network).describe(), 201)
        if request.method == "DELETE":
            book.clear(_network(request))
    except ValueError as error:
        return _error(error)
    return JSONResponse({"faults": [rule.describe() for rule in book.rules]})


async def _log(request: Request) -> Response:
    try:
        network = _network(request)
    except ValueError as error:
        return _error(error)
    world: World = request.app.state.world
    return JSONResponse({"writes": [dataclasses.asdict(w) for w in world.log if not network or w.network == network]})


async def _posts(request: Request) -> Response:
    """`?source=client` leaves the crowd out, `?account=` keeps one account (id or handle)."""
    try:
        network = _network(request)
    except ValueError as error:
        return _error(error)
    world: World = request.app.state.world
    source, account = request.query_params.get("source", ""), request.query_params.get("account", "")
    found = []
    for post in world.posts:
        author = world.accounts.objects[post.account_id]
        if (network and post.network != network) or (source and post.source != source):
            continue
        if account and account not in {author.id, author.handle}:
            continue
        found.append(
            {
                "id": post.id,
                "network": post.network,
                "account": author.handle,
                "account_id": author.id,
                "text": post.text,
                "key": post.key,
                "reply_to": post.reply_to or None,
                "media": post.media,
                "subtitles": subtitles.told(world, post),
                "cards": post.facts.get("cards"),
                "poll": told(poll) if (poll := poll_of(post)) else None,
                "quotes": post.facts.get("quotes") or None,
                "article": written(article) if (article := article_of(post)) else None,
                "live": post.live,
                "likes": len(post.likes),
                "created_at": iso(post.created_at),
                "source": post.source,
            }
        )
    return JSONResponse({"posts": found})


async def _accounts(request: Request) -> Response:
    """GET: the brands' accounts with their fixed credentials, each as POST answers when it makes one."""
    world: World = request.app.state.world
    try:
        if request.method == "GET":
            wanted = [network] if (network := _network(request)) else NETWORKS
            found = [seed.describe(world, account) for name in wanted for account in world.brands(name)]
            return JSONResponse({"accounts": found})
        body = await _body(request)
        network = str(body.get("network") or request.app.state.network)
        made = seed.create_account(world, network, str(body.get("handle") or ""), str(body.get("name") or ""))
    except ValueError as error:
        return _error(error)
    return JSONResponse(made, 201)


async def _crowd(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        body = await _body(request)
        body.setdefault("network", request.app.state.network)
        made = crowd.act(world, body)
    except ValueError as error:
        return _error(error)
    return JSONResponse(made, 201)


async def _history(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        made = history.bring(world, await _body(request), network=request.app.state.network)
    except ValueError as error:
        return _error(error)
    return JSONResponse(made, 201)


async def _files(request: Request) -> Response:
    """POST keeps the body under an address that anybody may fetch, as a company's own server would; the answer says which."""
    world: World = request.app.state.world
    key = f"file-{world.next_id()}"
    world.files[key] = (request.headers.get("content-type", "application/octet-stream"), await request.body())
    return JSONResponse({"url": f"{world.home_url}/_files/{key}"}, 201)


async def _file(request: Request) -> Response:
    found = request.app.state.world.files.get(request.path_params["key"])
    return Response(found[1], media_type=found[0]) if found else Response("Not found", 404)


async def _pace(request: Request) -> Response:
    """How long files that come from now on are processed, as a share of the usual seconds."""
    world: World = request.app.state.world
    try:
        asked = (await _body(request)).get("pace")
    except ValueError as error:
        return _error(error)
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 <= asked < inf:
        return _error(ValueError("Send a pace of 0 or more."))
    world.pace = asked
    return JSONResponse({"pace": world.pace})


async def _reset(request: Request) -> Response:
    world: World = request.app.state.world
    world.reset()
    request.app.state.faults.clear()
    seed.seed(world)
    return JSONResponse({"reset": True})


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


routes = [
    Route("/_faults", _faults, methods=["GET", "POST", "DELETE"]),
    Route("/_log", _log),
    Route("/_posts", _posts),
    Route("/_accounts", _accounts, methods=["GET", "POST"]),
    Route("/_crowd", _crowd, methods=["POST"]),
    Route("/_history", _history, methods=["POST"]),
    Route("/_files", _files, methods=["POST"]),
    Route("/_files/{key}", _file),
    Route("/_pace", _pace, methods=["POST"]),
    Route("/_state", _reset, methods=["DELETE"]),
    Route("/_health", _health),
]
