"""Instagram's own login: one account, no Page; a token of an hour, one of 60 days, and its renewal."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.graph import oauth
from socialops.sandbox.graph.call import GraphError
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.instagram.access import LOGIN_SCOPES, OWN_LOGIN
from socialops.sandbox.models import INSTAGRAM, Account
from socialops.sandbox.params import read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World

CODE_SECONDS: Final = 3_600
SHORT_SECONDS: Final = 3_600
LONG_SECONDS: Final = 60 * 86_400
RENEWABLE_AFTER_SECONDS: Final = 86_400
KEPT: Final = ("client_id", "redirect_uri", "state", "scope", "response_type")


async def dialog(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang, redirect_uri, state = language(request), params.text("redirect_uri"), params.text("state")
    if params.text("client_id") != CLIENT_ID:
        return problem(request, network=INSTAGRAM, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=INSTAGRAM, text=word(lang, "bad_redirect"))
    scopes = [s for s in params.text("scope").replace(" ", ",").split(",") if s]
    if unknown := [s for s in scopes if s not in LOGIN_SCOPES]:
        return problem(request, network=INSTAGRAM, text=f"Invalid scopes: {', '.join(unknown)}")
    accounts = world.brands(INSTAGRAM)
    if request.method == "GET":
        return consent_page(
            request,
            network=INSTAGRAM,
            app="SocialOps",
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=accounts,
            handles=[f"@{a.handle}" for a in accounts],
            redirect_uri=redirect_uri,
            declinable=True,
        )
    if params.text("decision") != "allow":
        denial = {
            "error": "access_denied",
            "error_reason": "user_denied",
            "error_description": "The user denied your request",
        }
        return send_back(redirect_uri, {**denial, "state": state})
    kept = (await request.form()).getlist("scopes")
    account = world.accounts.get(params.text("account")) or accounts[0]
    code = world.issue(
        INSTAGRAM,
        "code",
        account.id,
        value="AQB" + secrets.token_urlsafe(48),
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=[s for s in scopes if not kept or s in kept],
        redirect_uri=redirect_uri,
        login=OWN_LOGIN,
    )
    back = send_back(redirect_uri, {"code": code.id, "state": state})
    return RedirectResponse(f"{back.headers['location']}#_", 302)  # as Instagram does


def _refused(message: str) -> Response:
    return JSONResponse({"error_type": "OAuthException", "code": 400, "error_message": message}, 400)


async def exchange(request: Request) -> Response:
    """`POST /oauth/access_token`, with Instagram's grant; everything else there is Facebook Login's."""
    world: World = request.app.state.world
    params = await read_params(request)
    if params.text("grant_type") != "authorization_code":
        return await oauth.access_token(request)
    if request.headers.get("content-type", "").startswith("application/json"):
        return _refused("Missing required field client_id")  # a form, not JSON
    if params.text("client_id") != CLIENT_ID or not _is_secret(params.text("client_secret")):
        return _refused("Error validating application. Invalid client_id or client_secret")
    code = world.take_token(params.text("code"), INSTAGRAM, "code")
    if code is None or code.facts.get("login") != OWN_LOGIN:
        return _refused("Matching code was not found or was already used")
    if code.facts["redirect_uri"] != params.text("redirect_uri"):
        return _refused("Error validating verification code. Please make sure your redirect_uri is identical")
    token = _issue(world, code.account_id, code.scopes, SHORT_SECONDS)
    found = {"access_token": token, "user_id": code.account_id, "permissions": ",".join(code.scopes)}
    return JSONResponse({"data": [found]})


def _is_secret(text: str) -> bool:
    return hmac.compare_digest(text.encode(), CLIENT_SECRET.encode())


def _issue(world: World, account_id: str, scopes: list[str], lifetime: float, **more: Any) -> str:
    value = "IGAA" + secrets.token_urlsafe(48).replace("-", "A").replace("_", "B")
    token = world.issue(
        INSTAGRAM, OWN_LOGIN, account_id, value=value, lifetime=lifetime, client_id=CLIENT_ID, scopes=scopes, **more
    )
    return token.id


async def prolong(request: Request) -> Response:
    """`GET /access_token` makes a long token of a short one, `GET /refresh_access_token` a new one of a long one that is a day old."""
    world: World = request.app.state.world
    params = await read_params(request)
    refresh = request.url.path.endswith("/refresh_access_token")
    token = world.read_token(params.text("access_token"), INSTAGRAM, OWN_LOGIN)
    if params.text("grant_type") != ("ig_refresh_token" if refresh else "ig_exchange_token"):
        return GraphError(100, "(#100) Invalid parameter: grant_type").response()
    if token is None or (token.expires_at and token.expires_at < time.time()):
        return GraphError(190, "Error validating access token: Session has expired.", subcode=463).response()
    if not refresh and not _is_secret(params.text("client_secret")):
        return GraphError(101, "Error validating client secret.").response()
    if refresh and token.created_at > time.time() - RENEWABLE_AFTER_SECONDS:
        return GraphError(100, "(#100) The access token must be at least 24 hours old.").response()
    value = _issue(world, token.account_id, token.scopes, LONG_SECONDS)
    return JSONResponse({"access_token": value, "token_type": "bearer", "expires_in": LONG_SECONDS})


def seed_token(world: World, account: Account) -> str:
    """A long token of two days ago, so that it can be renewed."""
    value = f"IGsandbox-{account.handle}"
    token = world.issue(
        INSTAGRAM,
        OWN_LOGIN,
        account.id,
        value=value,
        lifetime=LONG_SECONDS,
        client_id=CLIENT_ID,
        scopes=list(LOGIN_SCOPES),
    )
    token.created_at -= 2 * 86_400
    return value


routes: list[BaseRoute] = [
    Route("/oauth/authorize", dialog, methods=["GET", "POST"]),
    Route("/oauth/access_token", exchange, methods=["GET", "POST"]),
    Route("/access_token", prolong),
    Route("/refresh_access_token", prolong),
]
