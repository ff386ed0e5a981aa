"""One XRPC call: who asks and how they proved it, within which limits."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.bluesky.dpop import ProofError, check_proof, nonce
from socialops.sandbox.models import BLUESKY, Account, Token
from socialops.sandbox.world import World

REQUESTS: Final = (3000, 300)
LOGINS: Final = (30, 300)
POINTS: Final = (5000, 3600)
POINTS_A_DAY: Final = (35_000, 86_400)
JSON_BYTES: Final = 1_000_000


class XrpcError(Exception):
    """Answered as `{"error": name, "message": …}`."""

    def __init__(self, status: int, name: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        return JSONResponse({"error": self.name, "message": self.message}, self.status, headers=self.headers)


def invalid(message: str, name: str = "InvalidRequest") -> XrpcError:
    return XrpcError(400, name, message)


@dataclass(slots=True)
class Call:
    """`account` None for an anonymous call to a public method; `body` is the JSON of a procedure."""

    world: World
    request: Request
    body: dict[str, Any]
    token: Token | None
    account: Account | None

    @property
    def me(self) -> Account:
        if self.account is None:
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        return self.account

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def queries(self, name: str) -> list[str]:
        """A repeated parameter, with or without `[]`."""
        return self.request.query_params.getlist(name) or self.request.query_params.getlist(f"{name}[]")

    def required(self, name: str) -> str:
        value = self.query(name)
        if not value:
            raise invalid(f'Error: Params must have the property "{name}"')
        return value

    def limit(self, default: int, most: int) -> int:
        text = self.query("limit")
        if not text:
            return default
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise invalid(f"Error: limit must be an integer from 1 to {most}")
        return int(text)

    def actor(self, name: str) -> Account:
        """By DID or handle."""
        account = self.world.find_account(BLUESKY, name.removeprefix("@"))
        if account is None:
            raise invalid("Profile not found")
        return account


Handler = Callable[[Call], Awaitable[Response]]


def limit_headers(limit: int, remaining: int, reset: float, window: float) -> dict[str, str]:
    """Bluesky tells the reset in Unix seconds."""
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(remaining, 0)),
        "RateLimit-Reset": str(int(reset) + 1),
        "RateLimit-Policy": f"{limit};w={int(window)}",
    }


def spend(world: World, bucket: str, who: str, rule: tuple[int, float], *, cost: int = 1) -> dict[str, str]:
    """Count against one limit. → its headers; XrpcError 429 when over."""
    limit, window = rule
    remaining, reset = world.spend(f"bluesky:{bucket}", who, limit=limit, window=window, cost=cost)
    headers = limit_headers(limit, remaining, reset, window)
    if remaining < 0:
        headers["Retry-After"] = str(max(1, int(reset - time.time()) + 1))
        raise XrpcError(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
    return headers


def spend_points(world: World, account: Account, points: int) -> None:
    """Repository writes cost 3 (create), 2 (update) or 1 (delete) points."""
    spend(world, "hour", account.id, POINTS, cost=points)
    spend(world, "day", account.id, POINTS_A_DAY, cost=points)


def authenticate(world: World, request: Request) -> Token | None:
    """The valid access token of this request, None where it brings none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if not value:
        return None
    if scheme.lower() == "dpop":
        return _bound(world, request, value)
    token = world.read_token(value, BLUESKY, "access", "refresh")
    if token is None:
        raise invalid("Token could not be verified", "InvalidToken")
    if token.expires_at and token.expires_at < time.time():
        raise invalid("Token has expired", "ExpiredToken")
    return token


def _bound(world: World, request: Request, value: str) -> Token:
    try:
        thumbprint = check_proof(world, request, "rs", access_token=value)
    except ProofError as error:
        raise _unauthorized(error.code, str(error)) from error
    token = world.read_token(value, BLUESKY, "dpop")
    if token is None or token.facts["jkt"] != thumbprint:
        raise _unauthorized("invalid_token", "Invalid token")
    if token.expires_at < time.time():
        raise _unauthorized("invalid_token", '"exp" claim timestamp check failed')
    return token


def _unauthorized(code: str, message: str) -> XrpcError:
    quoted = message.replace('"', "'")
    return XrpcError(
        401, code, message, {"WWW-Authenticate": f'DPoP algs="ES256", error="{code}", error_description="{quoted}"'}
    )


async def _json(request: Request) -> dict[str, Any]:
    content = await request.body()
    if len(content) > JSON_BYTES:
        raise XrpcError(413, "PayloadTooLarge", "request entity too large")
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError as error:
        raise invalid(f"Unable to parse request body: {error}") from error
    if not isinstance(body, dict):
        raise invalid("Input must be an object")
    return body


def xrpc(name: str, handler: Handler, method: str = "GET", *, auth: str = "optional", body: bool = True) -> Route:
    """A method. `auth` is optional, access or refresh; `body` False leaves the request's body to the handler."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        headers: dict[str, str] = {}
        try:
            headers = spend(world, "requests", request.client.host if request.client else "", REQUESTS)
            token = authenticate(world, request)
            if auth != "optional" and token is None:
                raise XrpcError(401, "AuthMissing", "Authentication Required")
            if token is not None and (token.kind == "refresh") != (auth == "refresh"):
                raise invalid("Bad token scope", "InvalidToken")
            if auth == "access" and token and method == "POST" and not _may_write(token):
                raise XrpcError(403, "ScopeMissingError", "Missing required scope")
            content = await _json(request) if method == "POST" and body else {}
            account = world.accounts.get(token.account_id) if token else None
            response = await handler(Call(world, request, content, token, account))
        except XrpcError as error:
            response = error.response()
        for key, value in headers.items():
            response.headers.setdefault(key, value)
        if "dpop" in request.headers:
            response.headers["DPoP-Nonce"] = nonce(world, "rs")
        return response

    return Route(f"/xrpc/{name}", serve, methods=[method])


def _may_write(token: Token) -> bool:
    return any(
        s == "transition:generic" or s.startswith(("repo:", "blob:", "include:", "com.atproto.")) for s in token.scopes
    )


def answer(body: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status)
