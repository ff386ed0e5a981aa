"""Letting an application in: consent with PKCE, codes of 30 seconds, access of two hours, refresh tokens that serve once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.models import Token, X
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World
from socialops.sandbox.x.call import SCOPES

CODE_SECONDS: Final = 30
ACCESS_SECONDS: Final = 7200
REFRESH_SECONDS: Final = 180 * 86_400
KEPT: Final = (
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "response_type",
    "code_challenge",
    "code_challenge_method",
)
STATE_LENGTH: Final = 500
APP: Final = "SocialOps"
CLIENTS: Final = {CLIENT_ID: CLIENT_SECRET, "sandbox-public": ""}  # a public client has no secret


class Refusal(Exception):
    """Answered as OAuth's {"error", "error_description"}."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.answer = JSONResponse({"error": error, "error_description": description}, status)


async def authorize(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision: all that was asked for, or nothing."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang, redirect_uri, state = language(request), params.text("redirect_uri"), params.text("state")
    client = params.text("client_id")
    if client not in CLIENTS:
        return problem(request, network=X, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=X, text=word(lang, "bad_redirect"))
    scopes = params.text("scope").split()
    unknown = [scope for scope in scopes if scope not in SCOPES]
    method = params.text("code_challenge_method")
    wrong = (
        params.text("response_type") != "code" or not params.text("code_challenge") or method not in {"S256", "plain"}
    )
    if unknown or not scopes or wrong or not 0 < len(state) <= STATE_LENGTH:
        return problem(
            request,
            network=X,
            text=f"Something went wrong: {', '.join(unknown) or 'You weren’t able to give access to the App.'}",
        )
    if request.method == "GET":
        accounts = world.brands(X)
        return consent_page(
            request,
            network=X,
            app=APP,
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=accounts,
            handles=[f"@{account.handle}" for account in accounts],
            redirect_uri=redirect_uri,
        )
    if params.text("decision") != "allow":
        return send_back(redirect_uri, {"error": "access_denied", "state": state})
    account = world.accounts.get(params.text("account"))
    if account is None:
        return problem(request, network=X, text=word(lang, "pick_account"))
    facts = {"redirect_uri": redirect_uri, "challenge": params.text("code_challenge"), "method": method}
    code = world.issue(X, "code", account.id, lifetime=CODE_SECONDS, client_id=client, scopes=scopes, **facts)
    return send_back(redirect_uri, {"state": state, "code": code.id})


def _client(request: Request, params: Params) -> str:
    """A confidential client by its secret in the header, a public one by its name in the body. → its id"""
    header = request.headers.get("authorization", "")
    name, secret = params.text("client_id"), ""
    if header.startswith("Basic "):
        try:
            name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = ""
    name, expected = unquote(name), CLIENTS.get(unquote(name))
    if expected is None or not hmac.compare_digest(expected.encode(), unquote(secret).encode()):
        raise Refusal(401, "unauthorized_client", "Missing valid authorization header")
    return name


async def token(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    try:
        client = _client(request, params)
        grant = params.text("grant_type")
        if grant == "authorization_code":
            source = _code(world, params, client)
        elif grant == "refresh_token":
            found = world.take_token(params.text("refresh_token"), X, "refresh")
            if found is None or found.client_id != client:
                raise Refusal(400, "invalid_request", "Value passed for the token was invalid.")
            world.tokens.remove(str(found.facts["access"]))
            source = found
        else:
            raise Refusal(400, "unsupported_grant_type", "Missing required parameter [grant_type].")
        return JSONResponse(_tokens(world, source, client))
    except Refusal as refusal:
        return refusal.answer


def _code(world: World, params: Params, client: str) -> Token:
    code = world.take_token(params.text("code"), X, "code")
    if code is None or code.client_id != client or code.facts["redirect_uri"] != params.text("redirect_uri"):
        raise Refusal(400, "invalid_request", "Value passed for the authorization code was invalid.")
    verifier = params.text("code_verifier")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    shown = digest if code.facts["method"] == "S256" else verifier
    if not hmac.compare_digest(shown.encode(), str(code.facts["challenge"]).encode()):
        raise Refusal(400, "invalid_request", "Value passed for the code verifier did not match the code challenge.")
    return code


def _tokens(world: World, source: Token, client: str) -> dict[str, Any]:
    access = world.issue(
        X, "access", source.account_id, lifetime=ACCESS_SECONDS, client_id=client, scopes=source.scopes, consent=True
    )
    body = {
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "access_token": access.id,
        "scope": " ".join(source.scopes),
    }
    if "offline.access" in source.scopes:
        refresh = world.issue(
            X,
            "refresh",
            source.account_id,
            lifetime=REFRESH_SECONDS,
            client_id=client,
            scopes=source.scopes,
            access=access.id,
        )
        body["refresh_token"] = refresh.id
    return body


async def revoke(request: Request) -> Response:
    """An access token, or a refresh token with the access it gave; the tokens of the seeded accounts, which no consent made, live on."""
    world: World = request.app.state.world
    params = await read_params(request)
    try:
        _client(request, params)
    except Refusal as refusal:
        return refusal.answer
    found = world.read_token(params.text("token"), X, "access", "refresh")
    if found is not None and (found.kind == "refresh" or found.facts.get("consent")):
        world.tokens.remove(found.id)
        if found.kind == "refresh":
            world.tokens.remove(str(found.facts["access"]))
    return JSONResponse({"revoked": True})


async def app_token(request: Request) -> Response:
    """The app's own token, by its consumer key and secret."""
    world: World = request.app.state.world
    try:
        client = _client(request, Params({}))
    except Refusal:
        errors = [{"code": 99, "label": "authenticity_token_error", "message": "Unable to verify your credentials"}]
        return JSONResponse({"errors": errors}, 403)
    value = world.issue(X, "app", "", value=f"AAAA{secrets.token_urlsafe(40)}", client_id=client)
    return JSONResponse({"token_type": "bearer", "access_token": value.id})


routes: list[BaseRoute] = [
    Route("/i/oauth2/authorize", authorize, methods=["GET", "POST"]),
    Route("/2/oauth2/token", token, methods=["POST"]),
    Route("/2/oauth2/revoke", revoke, methods=["POST"]),
    Route("/oauth2/token", app_token, methods=["POST"]),
]
