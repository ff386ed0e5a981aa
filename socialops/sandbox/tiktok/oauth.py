"""Login Kit: the page where scopes may be declined one by one, tokens and their refresh, revocation."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.models import TIKTOK, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.tiktok.call import SCOPES, log_id
from socialops.sandbox.tiktok.webhooks import tell
from socialops.sandbox.world import World

CODE_SECONDS: Final = 600
ACCESS_SECONDS: Final = 86_400
REFRESH_SECONDS: Final = 31_536_000
KEPT: Final = ("client_key", "redirect_uri", "state", "scope", "response_type")
FORM: Final = "application/x-www-form-urlencoded"
REVOKED_BY_US: Final = 5


class GrantError(Exception):
    """Flat, unlike every other error of TikTok."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status

    def response(self) -> JSONResponse:
        body = {"error": self.error, "error_description": self.description, "log_id": log_id()}
        return JSONResponse(body, self.status)


async def authorize(request: Request) -> Response:
    """GET shows the page, POST takes the decision."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    redirect_uri = params.text("redirect_uri")
    if params.text("client_key") != CLIENT_ID:
        return problem(request, network=TIKTOK, text=word(lang, "bad_client"))
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        return problem(request, network=TIKTOK, text=word(lang, "bad_redirect"))
    scopes = [scope for scope in params.text("scope").split(",") if scope]
    if params.text("response_type") != "code" or not scopes or set(scopes) - set(SCOPES):
        return problem(request, network=TIKTOK, text=word(lang, "bad_request"))
    state, brands = params.text("state"), world.brands(TIKTOK)
    if request.method == "GET":
        return consent_page(
            request,
            network=TIKTOK,
            app="SocialOps",
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=brands,
            handles=[f"@{brand.handle}" for brand in brands],
            redirect_uri=redirect_uri,
            declinable=True,
        )
    if params.text("decision") != "allow":
        denial = {"error": "access_denied", "error_description": "User cancelled the authorization"}
        return send_back(redirect_uri, {**denial, "state": state})
    ticked = (await request.form()).getlist("scopes")
    granted = [scope for scope in scopes if scope in ticked or scope == SCOPES[0]]
    account = world.accounts.get(params.text("account")) or brands[0]
    code = world.issue(
        TIKTOK,
        "code",
        account.id,
        value=secrets.token_urlsafe(40) + "*v!6254.e1",
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=granted,
        redirect_uri=redirect_uri,
    )
    return send_back(redirect_uri, {"code": code.id, "scopes": ",".join(granted), "state": state})


async def _form(request: Request) -> Params:
    if request.headers.get("content-type", "").split(";")[0].strip() != FORM:
        raise GrantError("invalid_request", "Only the content type application/x-www-form-urlencoded is accepted.")
    params = await read_params(request)
    right = hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode())
    if params.text("client_key") != CLIENT_ID or not right:
        raise GrantError("invalid_client", "Client key or secret is incorrect.", 401)
    return params


async def token(request: Request) -> Response:
    world: World = request.app.state.world
    try:
        params = await _form(request)
        grant = params.text("grant_type")
        if grant == "refresh_token":
            source = world.take_token(params.text("refresh_token"), TIKTOK, "refresh")
            if source is None:
                raise GrantError("invalid_grant", "Refresh token is invalid or expired.")
        elif grant == "authorization_code":
            source = world.take_token(params.text("code"), TIKTOK, "code")
            if source is None or source.facts["redirect_uri"] != params.text("redirect_uri"):
                raise GrantError("invalid_grant", "Authorization code is expired.")
        else:
            raise GrantError("unsupported_grant_type", "The grant type is not supported.")
        return JSONResponse(_issued(world, source))
    except GrantError as error:
        return error.response()


def _issued(world: World, source: Token) -> dict[str, Any]:
    """Both tokens; the refresh token is another one each time."""
    login = source.facts.get("login") or secrets.token_hex(8)

    def issue(kind: str, prefix: str, lifetime: int) -> str:
        value = f"{prefix}.{secrets.token_urlsafe(48)}"
        made = world.issue(
            TIKTOK,
            kind,
            source.account_id,
            value=value,
            lifetime=lifetime,
            client_id=CLIENT_ID,
            scopes=source.scopes,
            login=login,
        )
        return made.id

    return {
        "access_token": issue("access", "act", ACCESS_SECONDS),
        "expires_in": ACCESS_SECONDS,
        "open_id": source.account_id,
        "refresh_expires_in": REFRESH_SECONDS,
        "refresh_token": issue("refresh", "rft", REFRESH_SECONDS),
        "scope": ",".join(source.scopes),
        "token_type": "Bearer",
    }


async def revoke(request: Request) -> Response:
    """An empty answer; all tokens of the login end, and the app's webhook is told."""
    world: World = request.app.state.world
    try:
        params = await _form(request)
    except GrantError as error:
        return error.response()
    found = world.read_token(params.text("token"), TIKTOK, "access")
    if found is None or (found.expires_at and found.expires_at < time.time()):
        return GrantError("invalid_request", "The token is invalid.").response()
    login = found.facts.get("login")
    for other in [
        t for t in world.tokens if t.network == TIKTOK and (t.id == found.id or login == t.facts.get("login", ""))
    ]:
        world.tokens.remove(other.id)
    tell(world, "authorization.removed", found.account_id, {"reason": REVOKED_BY_US})
    return Response(status_code=200)


routes: list[BaseRoute] = [
    Route("/v2/auth/authorize/", authorize, methods=["GET", "POST"]),
    Route("/v2/oauth/token/", token, methods=["POST"]),
    Route("/v2/oauth/revoke/", revoke, methods=["POST"]),
]
