"""One call: its version, its token, its resource, its quota; and LinkedIn's own errors."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialops.sandbox.linkedin.restli import SyntaxProblem, parse, parse_query
from socialops.sandbox.models import APPLICATION_NUMBERS, LINKEDIN, Account, Post, Token
from socialops.sandbox.world import World

PERSON: Final = "urn:li:person:CamilleM01"
APPLICATION: Final = APPLICATION_NUMBERS[LINKEDIN]
SERVED: Final = ("202512", "202611")  # the oldest and the newest version
SCOPES: Final = (
    "openid",
    "profile",
    "email",
    "r_basicprofile",
    "rw_organization_admin",
    "r_organization_admin",
    "r_organization_social",
    "w_organization_social",
    "w_member_social",
    "r_organization_social_feed",
    "w_organization_social_feed",
    "w_member_social_feed",
    "r_member_postAnalytics",
    "r_member_profileAnalytics",
)
CLOSED: Final = ("r_member_social", "r_member_social_feed")  # exist, and are granted to nobody here
CALLS_A_DAY: Final = 100_000
POSTS_A_DAY: Final = 150
BATCHES: Final = "linkedin:batches"  # setting: "closed" as for an app in the development tier
ROLES: Final = "linkedin:role"  # collection of the records that say who holds which role on which Page


class LinkedInError(Exception):
    """Answered as LinkedIn does."""

    def __init__(self, status: int, code: str, message: str, *, service_code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"status": status, "code": code, "message": message}
        if service_code is not None:
            self.body["serviceErrorCode"] = service_code
        if not code:  # validation errors carry none
            del self.body["code"]

    def response(self) -> JSONResponse:
        return JSONResponse(self.body, self.status)


def denied(resource: str) -> LinkedInError:
    message = f"Not enough permissions to access: {resource}"
    return LinkedInError(403, "ACCESS_DENIED", message, service_code=100)


def gone(what: str) -> LinkedInError:
    return LinkedInError(404, "NOT_FOUND", f"{what} does not exist")


def invalid(field: str, why: str) -> LinkedInError:
    return LinkedInError(422, "", f"ERROR :: /{field} :: {why}")


def expired() -> LinkedInError:
    text = "The token used in the request has expired"
    return LinkedInError(401, "EXPIRED_ACCESS_TOKEN", text, service_code=65602)


@dataclass(slots=True)
class Call:
    """`member` is whose token it is; `path` the parsed segments after /rest/, `raw_path` as sent; `query` the parsed Rest.li query; `method` the Rest.li method."""

    world: World
    request: Request
    token: Token
    member: Account
    path: list[Any]
    query: dict[str, Any]
    body: dict[str, Any]
    method: str

    def need(self, *scopes: str) -> None:
        """All of them."""
        if any(scope not in self.token.scopes for scope in scopes):
            raise denied(f"{self.path[0]}.{self.method}.20260901")

    def text(self, name: str) -> str:
        value = self.query.get(name)
        if not isinstance(value, str) or not value:
            raise LinkedInError(400, "MISSING_FIELD", f"Parameter '{name}' is required")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.query.get(name)
        return int(value) if isinstance(value, str) and value.isdecimal() else default

    def paged(self, rows: list[Any], *, default: int, most: int) -> dict[str, Any]:
        start, count = self.number("start", 0), min(self.number("count", default), most)
        paging = {"start": start, "count": count, "links": [], "total": len(rows)}
        return {"elements": rows[start : start + count], "paging": paging}

    def roles(self, page: str) -> set[str]:
        return roles_of(self.world, self.member.id, page)

    def acts_for(self, author: Any, field: str, *, page_scope: str, member_scope: str, roles: set[str]) -> Account:
        """The account that is said to act: the token's own member, or a Page on which they hold one of the roles."""
        account = account_of(self.world, str(author or ""))
        if account is None:
            raise LinkedInError(400, "INVALID_URN_ID", f"/{field}: {author!r} is no person or organization")
        if account.id == self.member.id:
            self.need(member_scope)
            return account
        self.need(page_scope)
        if account.role == "crowd" or not self.roles(account.id) & roles:
            raise denied(f"{self.path[0]}.{self.method}: organization permissions must be used for {author}")
        return account

    def post(self, urn: str) -> Post:
        found = post_of(self.world, urn)
        if found is None or found.reply_to:
            raise gone(urn)
        return found

    def log(self, account: Account, text: str, object_id: str) -> None:
        self.world.accept(LINKEDIN, self.request.method, self.request.url.path, account.handle, text, object_id)


def roles_of(world: World, member: str, page: str) -> set[str]:
    record = world.records.get(f"{ROLES}:{member}:{page}")
    return set(record.value["roles"]) if record else set()


def urn_of(account: Account) -> str:
    """People of the crowd are persons, although ids here are given before that is known."""
    number = account.id.rpartition(":")[2]
    return f"urn:li:person:p{number}" if account.role == "crowd" and ":organization:" in account.id else account.id


def account_of(world: World, urn: str) -> Account | None:
    account = world.accounts.get(urn) or world.accounts.get(urn.replace(":person:p", ":organization:"))
    return account if account is not None and urn_of(account) == urn else None


def activity_of(post: Post) -> str:
    """A post's thread has a URN of its own, with another number."""
    return f"urn:li:activity:{int(post.id.rpartition(':')[2]) + 1}"


def post_of(world: World, urn: str) -> Post | None:
    """A post or comment by its URN, a post also by that of its activity."""
    kind, _, number = urn.removeprefix("urn:li:").partition(":")
    if kind == "activity" and number.isdecimal():
        names = (f"urn:li:{name}:{int(number) - 1}" for name in ("share", "ugcPost"))
        return next((post for name in names if (post := world.posts.get(name))), None)
    post = world.posts.get(urn)
    return post if post is not None and post.network == LINKEDIN else None


# ---------------------------------------------------------------- serving


Handler = Callable[[Call], Awaitable[Any]]
"""Answers a JSON object, or a whole Response."""


def authenticate(world: World, request: Request) -> tuple[Token, Account]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise LinkedInError(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", service_code=65604)
    token = world.read_token(value.strip(), LINKEDIN, "access", "revoked")
    if token is None:
        raise LinkedInError(401, "INVALID_ACCESS_TOKEN", "Invalid access token", service_code=65600)
    if token.kind == "revoked":
        text = "The token used in the request has been revoked by the user"
        raise LinkedInError(401, "REVOKED_ACCESS_TOKEN", text, service_code=65601)
    if token.expires_at and token.expires_at < time.time():
        raise expired()
    return token, world.accounts.objects[token.account_id]


def _check_headers(request: Request) -> None:
    version = request.headers.get("linkedin-version", "")
    if not version:
        text = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
        raise LinkedInError(400, "VERSION_MISSING", text)
    if not SERVED[0] <= version[:6] <= SERVED[1] or not version[:6].isdecimal():
        raise LinkedInError(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "This resource needs X-Restli-Protocol-Version: 2.0.0")


def _method(request: Request, query: Mapping[str, Any]) -> str:
    named = request.headers.get("x-restli-method", "").upper()
    if named:
        return named
    if request.method == "POST":
        return "ACTION" if "action" in query else "CREATE"
    if request.method == "GET":
        return "FINDER" if "q" in query else "BATCH_GET" if "ids" in query else "GET"
    return {"PUT": "UPDATE"}.get(request.method, request.method)


async def _body(request: Request) -> dict[str, Any]:
    content = await request.body()
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError as error:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "The request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "The request body must be an object")
    return body


def seconds_to_midnight() -> float:
    now = datetime.now(UTC)
    return (datetime.combine(now.date() + timedelta(days=1), clock(), UTC) - now).total_seconds()


def spend(world: World, who: str, kind: str, limit: int) -> None:
    """A daily quota, to midnight UTC. LinkedIn tells neither what is left nor when to come back."""
    day = datetime.now(UTC).date().isoformat()
    remaining, _reset = world.spend(f"linkedin:{kind}:{day}", who, limit=limit, window=86_400)
    if remaining < 0:
        text = f"Resource level throttle {kind} DAY limit for calls to this resource is reached."
        raise LinkedInError(429, "TOO_MANY_REQUESTS", text, service_code=101)


async def serve(request: Request, choose: Callable[[list[Any], str, str], Handler]) -> Response:
    """Check, authenticate, count, and run the handler that `choose` picks by path, HTTP method and Rest.li method."""
    world: World = request.app.state.world
    try:
        _check_headers(request)
        token, member = authenticate(world, request)
        spend(world, token.client_id, "APPLICATION", CALLS_A_DAY)
        raw = request.scope["raw_path"].decode("latin-1").split("?")[0].removeprefix("/rest/")
        try:
            path = [parse(segment) for segment in raw.rstrip("/").split("/")]
        except SyntaxProblem as error:
            raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables") from error
        try:
            query = parse_query(request.scope["query_string"].decode("latin-1"))
        except SyntaxProblem as error:
            raise LinkedInError(
                400, "ILLEGAL_ARGUMENT", f"Invalid query parameters passed to request: {error}"
            ) from error
        method = _method(request, query)
        if method == "BATCH_GET" and world.setting(BATCHES, "open") != "open":
            raise denied(f"{path[0]}.BATCH_GET.20260901")
        handler = choose(path, request.method, method)
        call = Call(world, request, token, member, path, query, await _body(request), method)
        answer = await handler(call)
    except LinkedInError as error:
        return error.response()
    return answer if isinstance(answer, Response) else JSONResponse(answer)


def created(urn: str, body: dict[str, Any] | None = None) -> Response:
    """201, its id in a header; the body empty, as after a post."""
    headers = {"x-restli-id": urn, "x-linkedin-id": urn}
    return JSONResponse(body, 201, headers=headers) if body is not None else Response(status_code=201, headers=headers)


def no_content() -> Response:
    return Response(status_code=204)
