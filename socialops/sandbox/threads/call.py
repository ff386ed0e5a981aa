"""One call of the Threads API: whose token, what it may do; lists with cursors, and refusals in Graph's shape."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialops.sandbox.models import THREADS, Account, Post, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.world import World

SCOPES: Final = (
    "threads_basic",
    "threads_content_publish",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_manage_insights",
    "threads_manage_mentions",
    "threads_delete",
    "threads_keyword_search",
    "threads_location_tagging",
    "threads_profile_discovery",
    "threads_share_to_instagram",
)
CALLS: Final = (48_000, 86_400)  # 4800 × impressions a day, with ten of them
INNER: Final = re.compile(r"\{[^}]*\}")  # the fields of a field, which aren't chosen from here
Item = TypeVar("Item")


class ThreadsError(Exception):
    """Answered as Meta does: HTTP 400 with a code that says what it is."""

    def __init__(
        self, code: int, message: str, *, subcode: int = 0, kind: str = "OAuthException", status: int = 400
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"message": message, "type": kind, "code": code, "is_transient": status >= 500}
        if subcode:
            self.error["error_subcode"] = subcode

    def response(self) -> JSONResponse:
        return JSONResponse({"error": {**self.error, "fbtrace_id": "A" + secrets.token_urlsafe(16)}}, self.status)


def missing(object_id: str, verb: str = "get") -> ThreadsError:
    """Absent, foreign or not allowed: Meta tells no difference."""
    return ThreadsError(
        100,
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
        subcode=33,
        kind="THApiException",
    )


def invalid(message: str) -> ThreadsError:
    return ThreadsError(100, message, kind="THApiException")


def expired() -> ThreadsError:
    moment = datetime.now(UTC).strftime("%A, %d-%b-%y %H:%M:%S UTC")
    return ThreadsError(190, f"Error validating access token: Session has expired on {moment}.", subcode=463)


def graph_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


@dataclass(slots=True)
class Call:
    """`me` is the token's profile, `id` the node of the path."""

    world: World
    request: Request
    params: Params
    token: Token
    me: Account
    id: str = ""

    @property
    def verb(self) -> str:
        return self.request.method.lower()

    def need(self, *scopes: str) -> None:
        """One of these."""
        if not set(scopes) & set(self.token.scopes):
            raise ThreadsError(10, f"Application does not have permission for this action: {scopes[0]}")

    def own(self) -> Account:
        """The profile in the path, which must be the token's."""
        if self.id not in {"me", self.me.id}:
            raise missing(self.id, self.verb)
        return self.me

    def post(self) -> Post:
        """The post or reply in the path, if the token may see it."""
        post = self.world.posts.get(self.id)
        if post is None or post.network != THREADS or not visible(self, post):
            raise missing(self.id, self.verb)
        return post

    def log(self, text: str, object_id: str) -> None:
        self.world.accept(THREADS, self.request.method, self.request.url.path, self.me.handle, text, object_id)


def visible(call: Call, post: Post) -> bool:
    """Ours, under a post of ours, or naming us."""
    root = call.world.posts.get(post.root) if post.root else post
    owners = {post.account_id, root.account_id if root else ""}
    return call.me.id in owners or call.me.id in post.facts.get("mentions", ())


Handler = Callable[[Call], Awaitable[Mapping[str, Any]]]


def _authenticate(world: World, request: Request, params: Params) -> tuple[Token, Account]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip() if scheme.lower() in {"bearer", "oauth"} else params.text("access_token")
    if not value:
        raise ThreadsError(104, "An access token is required to request this resource.")
    token = world.read_token(value, THREADS, "short", "long")
    if token is None:
        raise ThreadsError(190, "Invalid OAuth access token - Cannot parse access token")
    if token.expires_at and token.expires_at < time.time():
        raise expired()
    return token, world.accounts.objects[token.account_id]


async def serve(request: Request, choose: Callable[[Call], Handler]) -> Response:
    """Authenticate, count, run the handler that `choose` picks."""
    world: World = request.app.state.world
    try:
        params = await read_params(request)
        token, me = _authenticate(world, request, params)
        if world.spend("threads", me.id, limit=CALLS[0], window=CALLS[1])[0] < 0:
            raise ThreadsError(4, "(#4) Application request limit reached")
        call = Call(world, request, params, token, me, str(request.path_params.get("id", "")))
        call.need("threads_basic")
        return JSONResponse(await choose(call)(call))
    except ThreadsError as error:
        return error.response()
    except ValueError as error:
        return invalid(f"Invalid parameter: {error}").response()


def select(
    values: Mapping[str, Callable[[], Any]], call: Call, default: Sequence[str], kind: str = "ThreadsMedia"
) -> dict[str, Any]:
    """The wanted fields and `id`; those without a value are left out."""
    fields = INNER.sub("", call.params.text("fields"))
    wanted = [name.strip() for name in fields.split(",") if name.strip()] or list(default)
    body: dict[str, Any] = {}
    for name in wanted:
        if name not in values:
            raise invalid(f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})")
        value = values[name]()
        if value is not None:
            body[name] = value
    return {**body, "id": values["id"]()}


def paged(call: Call, items: Sequence[Item], show: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
    """One page by `limit` and `after` or `before`, with cursors and the address of the next page."""
    text, after = call.params.text("limit"), call.params.text("after")
    if after and call.params.text("before"):
        raise invalid("(#100) before and after can't be used together")
    limit = min(int(text), 100) if text.isdecimal() and int(text) else 25
    start = _offset(after)
    shown = items[start : start + limit]
    body: dict[str, Any] = {"data": [show(item) for item in shown]}
    if shown:
        cursors = {"before": _cursor(start), "after": _cursor(start + len(shown))}
        body["paging"] = {"cursors": cursors}
        if start + limit < len(items):
            query = {k: v for k, v in call.request.query_params.items() if k not in {"after", "access_token"}}
            query.update(access_token=call.token.id, limit=str(limit), after=cursors["after"])
            address = f"{call.world.base_url(THREADS)}/v1.0{call.request.url.path}"
            body["paging"]["next"] = f"{address}?{urlencode(query)}"
    return body


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("at:"))
    except ValueError as error:
        raise invalid("(#100) Invalid cursors values") from error


def within(call: Call, posts: list[Post]) -> list[Post]:
    """`since` and `until`: Unix seconds or a date."""
    for name, later in (("since", True), ("until", False)):
        if text := call.params.text(name):
            try:
                moment = (
                    float(text) if text.isdecimal() else datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
                )
            except ValueError as error:
                raise invalid(f"(#100) param {name} must be a valid time.") from error
            posts = [p for p in posts if (p.created_at >= moment if later else p.created_at <= moment)]
    return posts
