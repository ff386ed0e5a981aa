"""One call of the YouTube APIs: whose token, what it may do, what it costs, which parameters and parts it knows."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from socialops.sandbox.models import YOUTUBE, Account, Post, Token
from socialops.sandbox.world import World

PREFIX: Final = "https://www.googleapis.com/auth/"
UPLOAD: Final = f"{PREFIX}youtube.upload"
MANAGE: Final = f"{PREFIX}youtube"
FORCE_SSL: Final = f"{PREFIX}youtube.force-ssl"
READONLY: Final = f"{PREFIX}youtube.readonly"
ANALYTICS: Final = f"{PREFIX}yt-analytics.readonly"
SCOPES: Final = (UPLOAD, MANAGE, FORCE_SSL, READONLY, ANALYTICS)

UPLOADING: Final = (UPLOAD, MANAGE, FORCE_SSL)
READING: Final = (READONLY, MANAGE, FORCE_SSL)
WRITING: Final = (MANAGE, FORCE_SSL)
COMMENTING: Final = (FORCE_SSL,)
MEASURING: Final = (ANALYTICS, READONLY, MANAGE)

QUOTAS: Final = {"units": 10_000, "uploads": 100}
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
COMMON: Final = frozenset({"alt", "prettyPrint", "fields", "key", "quotaUser", "access_token", "$.xgafv"})
STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


class ApiError(Exception):
    """Answered in Google's shape: code, message, and a list of reasons."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "youtube.common",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        error: dict[str, Any] = {
            "code": self.status,
            "message": self.message,
            "errors": [{"message": self.message, "domain": self.domain, "reason": self.reason}],
        }
        if self.status in STATUSES:
            error["status"] = STATUSES[self.status]
        return JSONResponse({"error": error}, self.status, headers=self.headers)


def bad(reason: str, message: str, *, domain: str = "youtube.common") -> ApiError:
    return ApiError(400, reason, message, domain=domain)


def unauthenticated() -> ApiError:
    """Expired, revoked and made-up tokens get the same words."""
    return ApiError(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
        domain="global",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def scope_missing() -> ApiError:
    return ApiError(403, "insufficientPermissions", "Request had insufficient authentication scopes.", domain="global")


def gone(what: str, reason: str) -> ApiError:
    return ApiError(404, reason, f"The {what} that you are trying to use cannot be found.", domain=f"youtube.{what}")


def google_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Call:
    """`body` is the JSON of the request, {} where there is none or it is a file."""

    world: World
    request: Request
    token: Token
    account: Account
    body: dict[str, Any]

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def many(self, name: str) -> list[str]:
        """Repeated or comma-separated values."""
        values = self.request.query_params.getlist(name)
        return [piece for value in values for piece in value.split(",") if piece]

    def required(self, name: str) -> str:
        value = self.query(name)
        if not value:
            raise bad("missingRequiredParameter", f"Required parameter: {name}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.query(name)
        if text not in {"", "true", "false"}:
            raise bad("invalidParameter", f"Invalid value at '{name}' (TYPE_BOOL), \"{text}\"")
        return default if not text else text == "true"

    def parts(self, known: Collection[str]) -> list[str]:
        parts = self.many("part")
        if not parts:
            raise bad("missingRequiredParameter", "No filter selected. Expected one of: part")
        if unknown := [part for part in parts if part not in known]:
            raise bad("unknownPart", f"'{unknown[0]}'")
        return parts

    def limit(self, default: int, most: int) -> int:
        text = self.query("maxResults")
        if not text:
            return default
        if not text.isdecimal() or int(text) > most:
            raise bad("invalidParameter", f"Invalid value '{text}'. Values must be within the range: [1, {most}]")
        return max(1, int(text))

    def video(self, video_id: str, *, mine: bool = False) -> Post:
        post = self.world.posts.get(video_id)
        if post is None or post.network != YOUTUBE or post.reply_to:
            raise gone("video", "videoNotFound")
        if mine and post.account_id != self.account.id:
            raise ApiError(403, "forbidden", "The request cannot be made for this video.", domain="youtube.video")
        return post

    def may_see(self, post: Post) -> bool:
        """A video, and not another's private one."""
        if post.network != YOUTUBE or post.reply_to:
            return False
        return post.account_id == self.account.id or post.facts.get("privacy") != "private"

    def comment(self, comment_id: str) -> Post:
        post = self.world.posts.get(comment_id)
        if post is None or post.network != YOUTUBE or not post.reply_to:
            raise gone("comment", "commentNotFound")
        return post

    def log(self, text: str, object_id: str) -> None:
        self.world.accept(YOUTUBE, self.request.method, self.request.url.path, self.account.handle, text, object_id)


Handler = Callable[[Call], Awaitable[Response]]


def authenticate(world: World, request: Request, scopes: Collection[str]) -> tuple[Token, Account]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        value = request.query_params.get("access_token", "")
    if not value:
        message = "The request is missing a valid API key."
        raise ApiError(403, "forbidden", message, domain="global")
    token = world.read_token(value.strip(), YOUTUBE, "access")
    if token is None or (token.expires_at and token.expires_at < time.time()):
        raise unauthenticated()
    if not set(scopes) & set(token.scopes):
        raise scope_missing()
    return token, world.accounts.objects[token.account_id]


def spend(world: World, token: Token, bucket: str, cost: int) -> None:
    """By project and Pacific day; no header tells what is left."""
    day = datetime.now(PACIFIC).date().isoformat()
    remaining, _reset = world.spend(
        f"youtube:{bucket}:{day}", token.client_id, limit=QUOTAS[bucket], window=86_400, cost=cost
    )
    if remaining < 0:
        message = 'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.'
        raise ApiError(403, "quotaExceeded", message, domain="youtube.quota")


def endpoint(
    path: str,
    handler: Handler,
    method: str = "GET",
    *,
    scopes: Collection[str],
    cost: int = 1,
    bucket: str = "units",
    params: Collection[str] = (),
    json_body: bool = False,
) -> Route:
    """A method: its scopes (one is enough), what it costs, and the query parameters it knows besides Google's common ones."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        try:
            token, account = authenticate(world, request, scopes)
            spend(world, token, bucket, cost)
            if unknown := set(request.query_params) - set(params) - COMMON:
                raise bad("unexpectedParameter", f"Unexpected parameter: {min(unknown)}")
            return await handler(Call(world, request, token, account, await _json(request) if json_body else {}))
        except ApiError as error:
            return error.response()

    return Route(path, serve, methods=[method])


async def _json(request: Request) -> dict[str, Any]:
    return parse_json(await request.body(), request.headers.get("content-type", ""))


def parse_json(content: bytes, kind: str) -> dict[str, Any]:
    if not kind.lower().startswith("application/json"):
        raise bad("badRequest", "Request contains an invalid argument: send application/json.", domain="global")
    try:
        body = json.loads(content)
    except ValueError as error:
        raise bad("parseError", "Parse Error", domain="global") from error
    if not isinstance(body, dict):
        raise bad("parseError", "Invalid JSON payload received. Root element must be a message.", domain="global")
    return body


def check_fields(value: dict[str, Any], known: dict[str, Any], where: str = "resource") -> None:
    """Refuse what the schema doesn't have, or has with another type. `known`: name → type, [type] or the same for an object."""
    for name, given in value.items():
        if name not in known:
            raise bad(
                "badRequest",
                f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field.",
                domain="global",
            )
        wanted = known[name]
        if isinstance(wanted, dict):
            if not isinstance(given, dict):
                raise _wrong(where, name)
            check_fields(given, wanted, f"{where}.{name}")
        elif isinstance(wanted, list):
            if not isinstance(given, list) or not all(type(item) is wanted[0] for item in given):
                raise _wrong(where, name)
        elif type(given) is not wanted:
            raise _wrong(where, name)


def _wrong(where: str, name: str) -> ApiError:
    return bad("badRequest", f"Invalid value at '{where}.{name}'", domain="global")


def answer(body: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status)


def listed(kind: str, items: list[dict[str, Any]], *, total: int, page_size: int, following: str = "") -> Response:
    """A page of a list. As on YouTube, `items` of channels is left out where there is none; others keep an empty list."""
    body: dict[str, Any] = {"kind": f"youtube#{kind}ListResponse", "etag": etag(kind, total)}
    if following:
        body["nextPageToken"] = following
    body["pageInfo"] = {"totalResults": total, "resultsPerPage": page_size}
    if items or kind != "channel":
        body["items"] = items
    return answer(body)


def etag(*what: Any) -> str:
    return f"sandbox-{zlib.crc32(repr(what).encode()):08x}"


def page_of(call: Call, items: list[Any], *, default: int, most: int) -> tuple[list[Any], str, int]:
    """(one page by maxResults and pageToken, the token of the next, the page's size)."""
    size, token = call.limit(default, most), call.query("pageToken")
    start = 0
    if token:
        if not token.startswith("PAGE") or not token[4:].isdecimal():
            raise bad("invalidPageToken", "The request specifies an invalid page token.")
        start = int(token[4:])
    following = f"PAGE{start + size}" if start + size < len(items) else ""
    return items[start : start + size], following, size
