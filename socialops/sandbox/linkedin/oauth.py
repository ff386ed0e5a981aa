"""Signing in with LinkedIn: the consent page, tokens that live 60 days, refresh tokens whose end never moves, revoking, and who is who."""

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
from socialops.sandbox.linkedin.call import PERSON, SCOPES, LinkedInError, authenticate, denied
from socialops.sandbox.linkedin.organizations import person_json
from socialops.sandbox.models import LINKEDIN, Account, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World

CODE_SECONDS: Final = 1_800
ACCESS_SECONDS: Final = 60 * 86_400
REFRESH_SECONDS: Final = 365 * 86_400
KEPT: Final = ("client_id", "redirect_uri", "state", "scope", "response_type")


async def authorization(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision. It is all or nothing: LinkedIn lets nobody decline a single scope."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    redirect_uri = params.text("redirect_uri")
    if params.text("client_id") != CLIENT_ID:
        return problem(request, network=LINKEDIN, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=LINKEDIN, text=word(lang, "bad_redirect"))
    scopes, state = params.text("scope").split(), params.text("state")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes or params.text("response_type") != "code":
        text = f'Scope "{" ".join(unknown)}" is not authorized for your application'
        return send_back(redirect_uri, {"error": "unauthorized_scope_error", "error_description": text, "state": state})
    people = [a for a in world.accounts if a.network == LINKEDIN and a.role == "person"]
    if request.method == "GET":
        return consent_page(
            request,
            network=LINKEDIN,
            app="SocialOps",
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=people,
            handles=["" for _ in people],
            redirect_uri=redirect_uri,
        )
    if params.text("decision") != "allow":
        text = "The user cancelled the authorization"
        return send_back(redirect_uri, {"error": "user_cancelled_authorize", "error_description": text, "state": state})
    person = world.accounts.get(params.text("account")) or world.accounts.objects[PERSON]
    code = world.issue(
        LINKEDIN,
        "code",
        person.id,
        value="AQ" + secrets.token_urlsafe(60),
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=scopes,
        redirect_uri=redirect_uri,
    )
    return send_back(redirect_uri, {"code": code.id, "state": state})


def _refused(status: int, error: str, text: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": text}, status)


def _known_app(params: Params) -> bool:
    right = params.text("client_id") == CLIENT_ID
    return right and hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode())


async def access_token(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    if not _known_app(params):
        return _refused(401, "invalid_client", "Client authentication failed")
    if params.text("grant_type") == "refresh_token":
        return _refreshed(world, params.text("refresh_token"))
    if params.text("grant_type") != "authorization_code":
        return _refused(400, "unsupported_grant_type", "Not supported")
    code = world.take_token(params.text("code"), LINKEDIN, "code")
    if code is None:
        text = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired."
        return _refused(400, "invalid_request", text)
    if code.facts["redirect_uri"] != params.text("redirect_uri"):
        return _refused(400, "invalid_redirect_uri", "Unable to retrieve access token: redirect uri does not match")
    _end_other_sets(world, code)
    refresh = world.issue(
        LINKEDIN,
        "refresh",
        code.account_id,
        value="AQ" + secrets.token_urlsafe(180),
        lifetime=REFRESH_SECONDS,
        client_id=CLIENT_ID,
        scopes=code.scopes,
        consent=True,
    )
    return JSONResponse(_tokens(world, refresh))


def _end_other_sets(world: World, code: Token) -> None:
    """Asking for another set of scopes ends all the member's tokens of the app; those that no consent made live on."""
    for token in list(world.tokens):
        same_member = token.network == LINKEDIN and token.account_id == code.account_id and token.facts.get("consent")
        if same_member and token.kind in {"access", "refresh"} and set(token.scopes) != set(code.scopes):
            token.kind = "revoked"
            world.tokens.put(token)


def _tokens(world: World, refresh: Token) -> dict[str, Any]:
    """The refresh token comes along unchanged, and no access token outlives it."""
    left = int(refresh.expires_at - time.time())
    seconds = min(ACCESS_SECONDS, left)
    access = world.issue(
        LINKEDIN,
        "access",
        refresh.account_id,
        value="AQ" + secrets.token_urlsafe(240),
        lifetime=seconds,
        client_id=CLIENT_ID,
        scopes=refresh.scopes,
        consent=True,
    )
    return {
        "access_token": access.id,
        "expires_in": seconds,
        "refresh_token": refresh.id,
        "refresh_token_expires_in": left,
        "scope": ",".join(refresh.scopes),
        "token_type": "Bearer",
    }


def _refreshed(world: World, value: str) -> Response:
    refresh = world.read_token(value, LINKEDIN, "refresh")
    if refresh is None or refresh.expires_at < time.time():
        return _refused(
            400, "invalid_request", "The provided authorization grant or refresh token is invalid, expired or revoked"
        )
    return JSONResponse(_tokens(world, refresh))


async def introspect(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    if not _known_app(params):
        return _refused(401, "invalid_client", "Client authentication failed")
    token = world.read_token(params.text("token"), LINKEDIN, "access", "revoked")
    if token is None:
        return JSONResponse({"active": False})
    over = bool(token.expires_at) and token.expires_at < time.time()
    status = "revoked" if token.kind == "revoked" else "expired" if over else "active"
    return JSONResponse(
        {
            "active": status == "active",
            "status": status,
            "client_id": CLIENT_ID,
            "auth_type": "3L",
            "authorized_at": int(token.created_at),
            "created_at": int(token.created_at),
            "expires_at": int(token.expires_at),
            "scope": ",".join(token.scopes),
        }
    )


async def revoke(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    if not _known_app(params):
        return _refused(401, "invalid_client", "Client authentication failed")
    token = world.read_token(params.text("token"), LINKEDIN, "access")
    if token is None:
        return _refused(400, "invalid_request", "The token is unknown or revoked already")
    token.kind = "revoked"
    world.tokens.put(token)
    return Response(status_code=200)


# ---------------------------------------------------------------- who am I


def _who(request: Request, scope: str, resource: str) -> Account:
    token, member = authenticate(request.app.state.world, request)
    if scope not in token.scopes:
        raise denied(resource)
    return member


async def userinfo(request: Request) -> Response:
    try:
        member = _who(request, "openid", "userinfo.GET.NO_VERSION")
    except LinkedInError as error:
        return error.response()
    first, _, last = member.name.partition(" ")
    picture = f"{request.app.state.world.base_url(LINKEDIN)}/avatar/{member.id}.svg"
    sub = member.id.rpartition(":")[2]
    about = {"sub": sub, "name": member.name, "given_name": first, "family_name": last, "picture": picture}
    return JSONResponse({**about, "locale": {"country": "FR", "language": "fr"}})


async def me(request: Request) -> Response:
    try:
        member = _who(request, "r_basicprofile", "me.GET.NO_VERSION")
    except LinkedInError as error:
        return error.response()
    return JSONResponse(person_json(member))


routes: Final[list[BaseRoute]] = [
    Route("/oauth/v2/authorization", authorization, methods=["GET", "POST"]),
    Route("/oauth/v2/accessToken", access_token, methods=["POST"]),
    Route("/oauth/v2/introspectToken", introspect, methods=["POST"]),
    Route("/oauth/v2/revoke", revoke, methods=["POST"]),
    Route("/v2/userinfo", userinfo),
    Route("/v2/me", me),
]
