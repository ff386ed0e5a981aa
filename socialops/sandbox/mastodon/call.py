"""One call of the Mastodon API: who asks, with which token, within which limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.models import MASTODON, Account, Post, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.world import World

# rack_attack.rb and rate_limiter.rb: (requests, seconds).
LIMITS: Final = {
    "api": (300, 300),
    "media": (30, 1800),
    "delete": (30, 1800),
    "statuses": (300, 10800),
}
# Doorkeeper's tree: a broad scope covers the narrow ones under it.
READ: Final = (
    "accounts",
    "blocks",
    "bookmarks",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "search",
    "statuses",
)
WRITE: Final = (
    "accounts",
    "blocks",
    "bookmarks",
    "conversations",
    "favourites",
    "filters",
    "follows",
    "lists",
    "media",
    "mutes",
    "notifications",
    "reports",
    "statuses",
)
SCOPES: Final = (
    "read",
    *(f"read:{s}" for s in READ),
    "write",
    *(f"write:{s}" for s in WRITE),
    "follow",
    "push",
    "profile",
)


class ApiError(Exception):
    """Answered as `{"error": …}` with this status."""

    def __init__(self, status: int, message: str, description: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.description = description

    def response(self) -> JSONResponse:
        body = {"error": self.message}
        if self.description:
            body["error_description"] = self.description
        return JSONResponse(body, self.status)


@dataclass(slots=True)
class Call:
    """`account` is the signed-in one, None for an anonymous call to a public endpoint."""

    world: World
    request: Request
    params: Params
    token: Token | None
    account: Account | None

    @property
    def me(self) -> Account:
        if self.account is None:
            raise ApiError(422, "This method requires an authenticated user")
        return self.account

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def status(self, name: str = "id") -> Post:
        """The post in the path, or Mastodon's 404."""
        post = self.world.posts.get(self.path(name))
        if post is None or post.network != MASTODON:
            raise ApiError(404, "Record not found")
        return post

    def log(self, text: str, object_id: str) -> None:
        account = self.account.handle if self.account else ""
        self.world.accept(MASTODON, self.request.method, self.request.url.path, account, text, object_id)


Handler = Callable[[Call], Awaitable[Response]]


def bearer(request: Request) -> str:
    header = request.headers.get("authorization", "")
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    return request.query_params.get("access_token", "")


def allows(granted: list[str], wanted: str) -> bool:
    if wanted in granted or wanted.split(":", maxsplit=1)[0] in granted:
        return True
    return wanted == "read:me" and ("profile" in granted or "read:accounts" in granted or "read" in granted)


def authenticate(world: World, request: Request, scope: str | None) -> tuple[Token | None, Account | None]:
    """`scope` None: public, a valid token is used where there is one."""
    value = bearer(request)
    token = world.read_token(value, MASTODON, "access", "app") if value else None
    if value and token is None:
        raise ApiError(401, "The access token is invalid")
    if token is None:
        if scope is not None:
            raise ApiError(401, "This method requires an authenticated user")
        return None, None
    if scope is not None and not allows(token.scopes, scope):
        raise ApiError(403, "This action is outside the authorized scopes")
    return token, world.accounts.get(token.account_id)


def _spend(world: World, request: Request, token: Token | None, account: Account | None, bucket: str) -> dict[str, str]:
    who = token.id if token else (request.client.host if request.client else "")
    tightest: tuple[int, int, float] | None = None
    buckets = [("api", who)] if bucket == "api" else [("api", who), (bucket, account.id if account else who)]
    for name, spender in buckets:
        limit, window = LIMITS[name]
        remaining, reset = world.spend(f"mastodon:{name}", spender, limit=limit, window=window)
        if tightest is None or remaining < tightest[1]:
            tightest = (limit, remaining, reset)
    assert tightest is not None
    limit, remaining, reset = tightest
    headers = limit_headers(limit, max(remaining, 0), reset)
    return {**headers, "X-Over": "1"} if remaining < 0 else headers


def limit_headers(limit: int, remaining: int, reset: float) -> dict[str, str]:
    """Mastodon tells the reset as ISO 8601 with microseconds, not as an epoch."""
    moment = datetime.fromtimestamp(reset, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": moment}


def endpoint(path: str, handler: Handler, method: str, *, scope: str | None = None, bucket: str = "api") -> Route:
    """A route whose handler gets a Call; errors become Mastodon's JSON, answers get rate-limit headers."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        headers: dict[str, str] = {}
        try:
            token, account = authenticate(world, request, scope)
            headers = _spend(world, request, token, account, bucket)
            if headers.pop("X-Over", ""):
                raise ApiError(429, "Too many requests")
            call = Call(world, request, await read_params(request), token, account)
            response = await handler(call)
        except ApiError as error:
            response = error.response()
        except ValueError as error:
            response = ApiError(400, f"Error occurred while parsing request parameters: {error}").response()
        response.headers.update(headers)
        return response

    return Route(path, serve, methods=[method])


def answer(body: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status)
