"""One call of X's API v2: whose token, which parameters, within which limits, at what price."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.models import Account, Post, Token, X
from socialops.sandbox.world import World

SCOPES: Final = (
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "follows.read",
    "offline.access",
    "like.read",
    "media.write",
    "dm.read",
    "dm.write",
    "mute.read",
    "block.read",
)
READS: Final = ("tweet.read", "users.read")
PROBLEMS: Final = "https://api.x.com/2/problems/"
WINDOW: Final = 900
CREDITS: Final = "x:credits"  # what is left in US dollars; "" for as much as you like
SPENT: Final = "x:spent"


class XError(Exception):
    """Answered as a problem (RFC 7807) with this status."""

    def __init__(self, status: int, detail: str, *, title: str = "", kind: str = "about:blank", **more: Any) -> None:
        super().__init__(detail)
        names = {400: "Invalid Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found Error"}
        self.status = status
        self.body: dict[str, Any] = {
            "title": title or names.get(status, detail),
            "detail": detail,
            "type": kind if ":" in kind else PROBLEMS + kind,
            "status": status,
            **more,
        }

    def response(self) -> JSONResponse:
        return JSONResponse(self.body, self.status, media_type="application/problem+json")


def invalid(name: str, value: Any, why: str) -> XError:
    """A parameter or a field of the body that X doesn't take."""
    shown = value if isinstance(value, str | int | bool) else json.dumps(value, default=str)
    errors = [{"parameters": {name: [str(shown)]}, "message": why}]
    detail = "One or more parameters to your request was invalid."
    return XError(400, detail, kind="invalid-request", errors=errors)


def not_found(post_id: str, parameter: str = "id", resource: str = "tweet") -> dict[str, Any]:
    """Beside data, for what isn't there."""
    return {
        "resource_id": post_id,
        "resource_type": resource,
        "parameter": parameter,
        "value": post_id,
        "title": "Not Found Error",
        "detail": f"Could not find {resource} with {parameter}: [{post_id}].",
        "type": PROBLEMS + "resource-not-found",
    }


@dataclass(slots=True)
class Call:
    """`me` is the token's account. `bill` adds to what the call costs, `resources` what it gave."""

    world: World
    request: Request
    token: Token
    me: Account
    query: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    cost: Decimal = Decimal(0)

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def bill(self, amount: str, times: int = 1) -> None:
        self.cost += Decimal(amount) * times

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query within its bounds, refused outside of them."""
        text = self.query.get(name, str(default))
        if not text.isdigit() or not least <= int(text) <= most:
            raise invalid(name, text, f"The `{name}` query parameter value [{text}] is not between {least} and {most}")
        return int(text)

    def log(self, text: str, object_id: str) -> None:
        self.world.accept(X, self.request.method, self.request.url.path, self.me.handle, text, object_id)


Handler = Callable[[Call], Awaitable[tuple[int, dict[str, Any]]]]


def authenticate(world: World, request: Request) -> tuple[Token, Account]:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    token = world.read_token(value.strip(), X, "access") if kind.lower() == "bearer" else None
    if token is None or (token.expires_at and token.expires_at < time.time()):
        raise XError(401, "Unauthorized")
    return token, world.accounts.objects[token.account_id]


async def read_body(request: Request, fields: tuple[str, ...]) -> dict[str, Any]:
    """JSON or a multipart form; a field that X doesn't know is refused."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    values: dict[str, Any]
    if kind == "multipart/form-data":
        values = dict((await request.form()).multi_items())
    elif kind == "application/json":
        try:
            values = json.loads(await request.body() or b"{}")
        except ValueError as error:
            raise XError(400, "Your request body is not valid JSON.", kind="invalid-request") from error
        if not isinstance(values, dict):
            raise invalid("body", values, "$: is not an object")
    elif await request.body():
        raise XError(415, "Unsupported Media Type", title="Unsupported Media Type")
    else:
        values = {}
    for name in values:
        if name not in fields:
            shown = "…" if isinstance(values[name], UploadFile) else values[name]
            raise invalid(
                name,
                shown,
                f"$.{name}: is not defined in the schema and the schema does not allow additional properties",
            )
    return values


def limit_headers(limit: int, remaining: int, reset: float, *, window: int = WINDOW) -> dict[str, str]:
    name = "x-rate-limit" if window == WINDOW else "x-user-limit-24hour"
    return {
        f"{name}-limit": str(limit),
        f"{name}-remaining": str(max(remaining, 0)),
        f"{name}-reset": str(int(reset)),
    }


def too_many(headers: dict[str, str]) -> Response:
    error = XError(429, "Too Many Requests", title="Too Many Requests")
    return JSONResponse(error.body, 429, headers=headers)


def endpoint(
    path: str,
    handler: Handler,
    method: str,
    *,
    limit: int,
    window: int = WINDOW,
    scopes: tuple[str, ...] = READS,
    query: tuple[str, ...] = (),
    body: tuple[str, ...] = (),
) -> Route:
    """A route for a person's token that carries `scopes`; only the parameters and fields named are taken."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        headers: dict[str, str] = {}
        try:
            token, me = authenticate(world, request)
            remaining, reset = world.spend(f"x:{method} {path}", token.id, limit=limit, window=window)
            headers = limit_headers(limit, remaining, reset, window=window)
            if remaining < 0:
                return too_many(headers)
            if missing := [scope for scope in scopes if scope not in token.scopes]:
                raise XError(403, "You are not permitted to perform this action.", missing_scopes=missing)
            call = Call(world, request, token, me, check_query(request, query), await read_body(request, body))
            check_credits(world)
            status, answer = await handler(call)
            charge(world, call.cost)
            response: Response = JSONResponse(answer, status)
        except XError as error:
            response = error.response()
        response.headers.update(headers)
        return response

    return Route(path, serve, methods=[method])


def check_query(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise invalid(name, value, f"The query parameter [{name}] is not one of [{','.join(known)}]")
        if not value:
            raise invalid(name, value, f"The `{name}` query parameter can not be empty")
        found[name] = value
    return found


# ---------------------------------------------------------------- what it costs


def check_credits(world: World) -> None:
    left = world.setting(CREDITS, "")
    if left and Decimal(left) <= 0:
        detail = "Your enrolled account does not have any credits to fulfill this request."
        raise XError(402, detail, title="CreditsDepleted", kind="credits")


def charge(world: World, cost: Decimal) -> None:
    if not cost:
        return
    for name, sign in ((SPENT, 1), (CREDITS, -1)):
        text = world.setting(name, "")
        if text or name == SPENT:
            setting = world.settings.objects[name]
            setting.value = str(Decimal(text or "0") + sign * cost)
            world.settings.put(setting)


async def credits_page(request: Request) -> Response:
    """Steering: GET says what was spent, PUT {"left": "1.50"} what may still be; nothing spent from then on."""
    world: World = request.app.state.world
    if request.method == "PUT":
        left = str((await request.json()).get("left") or "")
        for name, value in ((CREDITS, left), (SPENT, "0")):
            world.setting(name, value)
            world.settings.objects[name].value = value
            world.settings.put(world.settings.objects[name])
    return JSONResponse({"left": world.setting(CREDITS, "") or None, "spent": world.setting(SPENT, "0") or "0"})


def x_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_moment(call: Call, name: str) -> float:
    try:
        return datetime.fromisoformat(call.query[name]).timestamp()
    except ValueError as error:
        raise invalid(name, call.query[name], "is not a valid RFC3339 date-time") from error


def x_post(world: World, post_id: str) -> Post | None:
    post = world.posts.get(post_id)
    return post if post is not None and post.network == X else None
