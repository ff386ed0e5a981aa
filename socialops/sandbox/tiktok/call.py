"""One TikTok API call: whose token, which scope, how often; and the envelope that every answer has."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.models import TIKTOK, Account, Setting, Token
from socialops.sandbox.world import World

SCOPES: Final = (
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.upload",
    "video.publish",
)
MINUTE: Final = 60
CREATOR: Final[Mapping[str, Any]] = {
    "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    "comment_disabled": False,
    "duet_disabled": False,
    "stitch_disabled": False,
    "max_video_post_duration_sec": 300,
    "moderation_seconds": 0.0,
    "refuse": "",
    "fail": "",
}


class TikTokError(Exception):
    """Answered with its code in the envelope; the status may be 200."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def response(self) -> JSONResponse:
        return envelope({}, self.code, self.message, self.status)


def envelope(data: Mapping[str, Any], code: str = "ok", message: str = "", status: int = 200) -> JSONResponse:
    return JSONResponse({"data": data, "error": {"code": code, "message": message, "log_id": log_id()}}, status)


def log_id() -> str:
    return time.strftime("%Y%m%d%H%M%S", time.gmtime()) + secrets.token_hex(9).upper()


def invalid(message: str) -> TikTokError:
    return TikTokError("invalid_params", message)


@dataclass(slots=True)
class Call:
    """`me` is the token's account, `body` the JSON that was sent, {} for none."""

    world: World
    request: Request
    token: Token
    me: Account
    body: dict[str, Any]

    def log(self, text: str, object_id: str) -> None:
        self.world.accept(TIKTOK, self.request.method, self.request.url.path, self.me.handle, text, object_id)

    def fields(self, known: Mapping[str, str]) -> list[str]:
        """`fields` of the query, each of a scope that was granted: `known` maps a field to its scope."""
        wanted = [name for name in self.request.query_params.get("fields", "").split(",") if name]
        if not wanted:
            raise invalid("The fields parameter is required")
        for name in wanted:
            if name not in known:
                raise invalid(f"Invalid fields: {name}")
            need(self.token, known[name])
        return wanted


Handler = Callable[[Call], Awaitable[Mapping[str, Any]]]


def need(token: Token, *scopes: str) -> None:
    """One of these scopes."""
    if scopes and not set(scopes) & set(token.scopes):
        raise TikTokError(
            "scope_not_authorized", f"The user did not authorize the scope required: {', '.join(scopes)}", 401
        )


def creator(world: World, account: Account) -> dict[str, Any]:
    """What this account may do, and what befalls it; changed by `POST /_creator`."""
    kept = world.settings.get(f"tiktok.creator.{account.id}")
    return {**CREATOR, **(json.loads(kept.value) if kept else {})}


def change_creator(world: World, account: Account, changes: Mapping[str, Any]) -> None:
    if unknown := set(changes) - set(CREATOR):
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}; use {', '.join(CREATOR)}.")
    world.settings.put(Setting(f"tiktok.creator.{account.id}", json.dumps({**creator(world, account), **changes})))


def read_only(body: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]], where: str = "") -> None:
    """Every field known and of its type, as TikTok refuses what it doesn't know."""
    for name, value in body.items():
        if name not in known:
            raise invalid(f"Unknown field: {where}{name}")
        right = isinstance(value, known[name]) and not (isinstance(value, bool) and known[name] is int)
        if not right:
            raise invalid(f"Wrong type of {where}{name}")


def _authenticate(world: World, request: Request) -> tuple[Token, Account]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = world.read_token(value.strip(), TIKTOK, "access") if scheme == "Bearer" else None
    if token is None or (token.expires_at and token.expires_at < time.time()):
        raise TikTokError("access_token_invalid", "The access token is invalid or not found in the request.", 401)
    return token, world.accounts.objects[token.account_id]


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise invalid("Only the content type application/json; charset=UTF-8 is accepted")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise invalid("The body is not JSON") from error
    if not isinstance(body, dict):
        raise invalid("The body must be an object")
    return body


def endpoint(path: str, handler: Handler, method: str, *, scopes: tuple[str, ...] = (), per_minute: int = 600) -> Route:
    """A route that authenticates, counts, runs `handler` and wraps what it gives."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        try:
            token, me = _authenticate(world, request)
            need(token, *scopes)
            remaining, _reset = world.spend(f"tiktok {path}", token.id, limit=per_minute, window=MINUTE)
            if remaining < 0:
                raise TikTokError("rate_limit_exceeded", "The API rate limit was exceeded. Try again later.", 429)
            return envelope(await handler(Call(world, request, token, me, await _body(request))))
        except TikTokError as error:
            return error.response()

    return Route(path, serve, methods=[method])
