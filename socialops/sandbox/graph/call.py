"""One Graph API call, on Facebook's port or Instagram's: whose token, what it may do, what it costs."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from socialops.sandbox.models import FACEBOOK, INSTAGRAM, Account, Post, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World

PERSONS: Final = {FACEBOOK: "100000000000001", INSTAGRAM: "100000000000002"}  # Camille Martin, who owns the pages
SCOPES: Final = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "read_insights",
    "pages_messaging",
    "business_management",
    "public_profile",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_insights",
    "instagram_manage_messages",
    "instagram_manage_contents",
)
PAGE_CALLS: Final = (48_000, 86_400)  # 4800 × engaged users a day, with ten of them
USER_CALLS: Final = (2_000, 3_600)


class GraphError(Exception):
    """Answered as Meta does: HTTP 400 with a code that says what it is."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int = 0,
        kind: str = "OAuthException",
        status: int = 400,
        transient: bool = False,
        title: str = "",
        text: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.error: dict[str, Any] = {"message": message, "type": kind, "code": code, "is_transient": transient}
        if subcode:
            self.error["error_subcode"] = subcode
        if title:
            self.error.update(error_user_title=title, error_user_msg=text)
        if data:
            self.error["error_data"] = data

    def response(self) -> JSONResponse:
        trace = "A" + secrets.token_urlsafe(16)
        return JSONResponse(
            {"error": {**self.error, "fbtrace_id": trace}}, self.status, headers={"x-fb-trace-id": trace}
        )


def page_id(account: Account) -> str:
    """A Page's id; on Instagram, of the Page that the account is linked to."""
    return account.id if account.network == FACEBOOK else f"2{account.id[3:]}"


def missing(object_id: str, verb: str = "get") -> GraphError:
    """Absent, foreign or not allowed: Meta tells no difference."""
    return GraphError(
        100,
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. "
        "Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api",
        subcode=33,
        kind="GraphMethodException",
    )


def expired() -> GraphError:
    moment = datetime.now(UTC).strftime("%A, %d-%b-%y %H:%M:%S UTC")
    return GraphError(190, f"Error validating access token: Session has expired on {moment}.", subcode=463)


def graph_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def read_moment(text: str, name: str) -> float:
    """`since` and `until`: Unix seconds or a date."""
    try:
        return float(text) if text.isdecimal() else datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise GraphError(100, f"(#100) param {name} must be a valid time.") from error


@dataclass(slots=True)
class Call:
    """`account` is the token's person or page."""

    world: World
    request: Request
    params: Params
    token: Token
    account: Account
    id: str = ""

    @property
    def network(self) -> str:
        return str(self.request.app.state.network)

    @property
    def base(self) -> str:
        return self.world.base_url(self.network)

    @property
    def verb(self) -> str:
        return self.request.method.lower()

    def own(self) -> Account:
        """The token's account, named in the path by its own id, its page's, or `me`."""
        if self.id not in {"me", self.account.id, page_id(self.account)}:
            raise missing(self.id, self.verb)
        return self.account

    def page(self) -> Account:
        """The page in the path."""
        account = self.world.accounts.get(self.account.id if self.id == "me" else self.id)
        if account is None or account.network != self.network or account.role == "crowd":
            raise missing(self.id, self.verb)
        return account

    def own_page(self, scope: str) -> Account:
        """The page in the path, called with its own token that carries `scope`."""
        page = self.page()
        if self.token.kind != "page" and page.owner == self.account.id:
            raise GraphError(190, "A page access token is required for this call.", subcode=2_069_032)
        if self.token.account_id != page.id:
            raise missing(self.id, self.verb)
        self.need(scope)
        return page

    def need(self, scope: str) -> None:
        if scope not in self.token.scopes:
            raise GraphError(200, f"(#200) Requires {scope} permission to manage the object.")

    def post(self) -> Post:
        """The post or comment in the path."""
        post = self.world.posts.get(self.id)
        if post is None or post.network != self.network:
            raise missing(self.id, self.verb)
        return post

    def names(self, name: str) -> list[str]:
        """A list, however it came: JSON, its text, repeated, or with commas."""
        found: list[str] = []
        for value in self.params.many(name):
            text = str(value)
            found += [str(item) for item in json.loads(text)] if text.startswith("[") else text.split(",")
        return [item for item in found if item]

    def log(self, text: str, object_id: str) -> None:
        self.world.accept(
            self.network, self.request.method, self.request.url.path, self.account.handle, text, object_id
        )


def owner_page(world: World, post: Post) -> str:
    """The page under whose post this is, or on which a visitor wrote it: for a comment, the root's."""
    root = world.posts.get(post.root) if post.root else post
    return str(root.facts.get("wall") or root.account_id) if root else ""


def token_value(request: Request, params: Params) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "oauth"} else params.text("access_token")


def authenticate(world: World, request: Request, params: Params) -> tuple[Token, Account]:
    value, network = token_value(request, params), str(request.app.state.network)
    if not value:
        raise GraphError(104, "An access token is required to request this resource.")
    token = world.read_token(value, network, "user", "page", "instagram", "revoked")
    if token is None:
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    if token.kind == "revoked":
        raise GraphError(
            190, "Error validating access token: The user has not authorized application sandbox-app.", subcode=458
        )
    if token.expires_at and token.expires_at < time.time():
        raise expired()
    proof = params.text("appsecret_proof")
    if proof and not hmac.compare_digest(
        proof, hmac.digest(CLIENT_SECRET.encode(), value.encode(), hashlib.sha256).hex()
    ):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")
    account = world.accounts.get(token.account_id)
    if account is None:
        raise GraphError(190, "Error validating access token: Session is invalid.", subcode=467)
    return token, account


def is_app_token(value: str) -> bool:
    return hmac.compare_digest(value.encode(), f"{CLIENT_ID}|{CLIENT_SECRET}".encode())


def usage_headers(account: Account, spent: float, minutes: int = 0) -> dict[str, str]:
    """`spent` from 0 to 1. Shares are in percent; the time to regain access is in minutes."""
    percent = min(100, round(spent * 100))
    usage = {"call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2}
    headers = {"X-App-Usage": json.dumps(usage), "Facebook-API-Version": "v26.0"}
    if account.role == "brand":
        business = {
            account.id: [
                {
                    "type": "pages" if account.network == FACEBOOK else "instagram",
                    **usage,
                    "estimated_time_to_regain_access": minutes,
                }
            ]
        }
        headers["X-Business-Use-Case-Usage"] = json.dumps(business)
    return headers


def spend(world: World, token: Token, account: Account) -> dict[str, str]:
    limit, window = USER_CALLS if token.kind == "user" else PAGE_CALLS
    remaining, reset = world.spend(account.network, account.id, limit=limit, window=window)
    headers = usage_headers(
        account, 1 - max(remaining, 0) / limit, int((reset - time.time()) / 60) + 1 if remaining < 0 else 0
    )
    if remaining < 0:
        raise ThrottledError(token.kind != "user", headers)
    return headers


class ThrottledError(GraphError):
    """Over the limit; `headers` say until when."""

    def __init__(self, page: bool, headers: dict[str, str]) -> None:  # noqa: FBT001 -- private to this module
        if page:
            super().__init__(
                80_001, "(#80001) There have been too many calls to this Page account. Wait a bit and try again."
            )
        else:
            super().__init__(17, "(#17) User request limit reached", subcode=2_446_079)
        self.headers = headers

    def response(self) -> JSONResponse:
        response = super().response()
        response.headers.update(self.headers)
        return response


Handler = Callable[[Call], Awaitable[Any]]


async def serve(request: Request, choose: Callable[[Call], Handler]) -> Response:
    """Authenticate, count, run the handler that `choose` picks; its answer is JSON, GraphErrors take Meta's shape."""
    world: World = request.app.state.world
    headers: dict[str, str] = {}
    response: Response
    try:
        params = await read_params(request)
        token, account = authenticate(world, request, params)
        headers = spend(world, token, account)
        call = Call(world, request, params, token, account, str(request.path_params.get("id", "")))
        response = JSONResponse(await choose(call)(call))
    except GraphError as error:
        response = error.response()
    except ValueError as error:
        response = GraphError(100, f"(#100) Invalid parameter: {error}").response()
    response.headers.update(headers)
    return response
