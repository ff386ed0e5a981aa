"""Threads' own login: the page where permissions may be declined, the short token, the long one and its renewal."""

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
from socialops.sandbox.models import THREADS, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.threads.call import SCOPES, Call, ThreadsError, expired
from socialops.sandbox.world import World

CODE_SECONDS: Final = 3600
SHORT_SECONDS: Final = 3600
LONG_SECONDS: Final = 60 * 86_400
RENEWABLE_AFTER: Final = 86_400
KEPT: Final = ("client_id", "redirect_uri", "state", "scope", "response_type")
APP_TOKEN: Final = f"TH|{CLIENT_ID}|{secrets.token_urlsafe(12)}"


async def authorize(request: Request) -> Response:
    """GET shows the page, POST takes the decision. The way back ends in `#_`."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    redirect_uri = params.text("redirect_uri")
    if params.text("client_id") != CLIENT_ID:
        return problem(request, network=THREADS, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=THREADS, text=word(lang, "bad_redirect"))
    scopes = [scope for scope in params.text("scope").replace(" ", ",").split(",") if scope]
    if SCOPES[0] not in scopes or set(scopes) - set(SCOPES) or params.text("response_type") != "code":
        return problem(request, network=THREADS, text=word(lang, "bad_request"))
    state, brands = params.text("state"), world.brands(THREADS)
    if request.method == "GET":
        return consent_page(
            request,
            network=THREADS,
            app="SocialOps",
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=brands,
            handles=[f"@{brand.handle}" for brand in brands],
            redirect_uri=redirect_uri,
            declinable=True,
        )
    if params.text("decision") != "allow":
        denial = {
            "error": "access_denied",
            "error_reason": "user_denied",
            "error_description": "The user denied your request.",
        }
        return send_back(redirect_uri, {**denial, "state": state})
    ticked = (await request.form()).getlist("scopes")
    account = world.accounts.get(params.text("account")) or brands[0]
    code = world.issue(
        THREADS,
        "code",
        account.id,
        value="AQB" + secrets.token_urlsafe(48),
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=[scope for scope in scopes if scope in ticked or scope == SCOPES[0]],
        redirect_uri=redirect_uri,
    )
    answer = send_back(redirect_uri, {"code": code.id, "state": state})
    answer.headers["location"] += "#_"
    return answer


def _flat(message: str, status: int = 400) -> JSONResponse:
    """The exchange of a code says no in its own shape."""
    return JSONResponse({"error_type": "OAuthException", "code": status, "error_message": message}, status)


def _known_app(params: Params) -> bool:
    secret = hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode())
    return params.text("client_id") == CLIENT_ID and secret


async def access_token(request: Request) -> Response:
    """POST a code for the short token; GET client_credentials for the app's."""
    world: World = request.app.state.world
    params = await read_params(request)
    grant = params.text("grant_type")
    if not _known_app(params):
        if grant == "client_credentials":
            return ThreadsError(101, "Error validating application. Invalid application ID.").response()
        return _flat("Invalid client_id or client_secret")
    if grant == "client_credentials":
        return JSONResponse({"access_token": APP_TOKEN, "token_type": "bearer"})
    if grant != "authorization_code" or request.method != "POST":
        return _flat("Invalid grant_type")
    code = world.take_token(params.text("code"), THREADS, "code")
    if code is None:
        return _flat("Matching code was not found or was already used")
    if code.facts["redirect_uri"] != params.text("redirect_uri"):
        return _flat("Error validating verification code. The redirect_uri must be identical to the one used before")
    token = _issue(world, code, "short", SHORT_SECONDS)
    return JSONResponse({"access_token": token.id, "user_id": int(code.account_id)})


def _issue(world: World, source: Token, kind: str, lifetime: int) -> Token:
    value = "TH" + secrets.token_urlsafe(60).replace("-", "A").replace("_", "B")
    return world.issue(
        THREADS,
        kind,
        source.account_id,
        value=value,
        lifetime=lifetime,
        client_id=CLIENT_ID,
        scopes=source.scopes,
    )


def _token_of(world: World, request: Request, params: Params, *kinds: str) -> Token:
    """In the query, or in the header as Meta's own collection of requests sends it."""
    value = params.text("access_token") or request.headers.get("authorization", "").removeprefix("Bearer ")
    token = world.read_token(value, THREADS, *kinds)
    if token is None:
        raise ThreadsError(190, "Invalid OAuth access token - Cannot parse access token")
    if token.expires_at and token.expires_at < time.time():
        raise expired()
    return token


async def exchange(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    try:
        if params.text("grant_type") != "th_exchange_token":
            raise ThreadsError(100, "Invalid grant_type")
        if not hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode()):
            raise ThreadsError(1, "Error validating client secret.")
        short = _token_of(world, request, params, "short")
        return JSONResponse(_long(_issue(world, short, "long", LONG_SECONDS)))
    except ThreadsError as error:
        return error.response()


async def renew(request: Request) -> Response:
    """Only of a token that is a day old; what it renews goes on until its own end."""
    world: World = request.app.state.world
    params = await read_params(request)
    try:
        if params.text("grant_type") != "th_refresh_token":
            raise ThreadsError(100, "Invalid grant_type")
        old = _token_of(world, request, params, "long")
        if time.time() - old.created_at < RENEWABLE_AFTER:
            raise ThreadsError(100, "Tokens can only be refreshed if they are at least 24 hours old.")
        return JSONResponse(_long(_issue(world, old, "long", LONG_SECONDS)))
    except ThreadsError as error:
        return error.response()


def _long(token: Token) -> dict[str, Any]:
    return {"access_token": token.id, "token_type": "bearer", "expires_in": LONG_SECONDS}


async def debug_token(call: Call) -> dict[str, Any]:
    token = call.world.read_token(call.params.text("input_token"), THREADS, "short", "long")
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    return {
        "data": {
            "type": "USER",
            "application": "SocialOps",
            "expires_at": int(token.expires_at),
            "is_valid": not token.expires_at or token.expires_at > time.time(),
            "issued_at": int(token.created_at),
            "scopes": token.scopes,
            "user_id": int(token.account_id),
        }
    }


routes: list[BaseRoute] = [
    Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
    Route("/oauth/access_token", access_token, methods=["GET", "POST"]),
    Route("/access_token", exchange, methods=["GET"]),
    Route("/refresh_access_token", renew, methods=["GET"]),
]
