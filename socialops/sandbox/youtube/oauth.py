"""Google's OAuth: consent where scopes may be unticked, codes with PKCE, refresh tokens that come only with a consent, revoking."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.models import YOUTUBE, Account, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World
from socialops.sandbox.youtube.call import SCOPES

ACCESS_SECONDS: Final = 3599
CODE_SECONDS: Final = 600
KEPT: Final = (
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "response_type",
    "access_type",
    "prompt",
    "code_challenge",
    "code_challenge_method",
    "include_granted_scopes",
    "login_hint",
)


class OAuthError(Exception):
    """Answered as `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> JSONResponse:
        return JSONResponse({"error": self.error, "error_description": self.description}, self.status)


def _people(world: World) -> list[Account]:
    """The channels of brand accounts, and a Google account without a channel."""
    return [*world.brands(YOUTUBE), *(a for a in world.accounts if a.network == YOUTUBE and a.role == "person")]


async def authorize(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision: each scope may be unticked."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    redirect_uri = params.text("redirect_uri")
    if params.text("client_id") != CLIENT_ID:
        return problem(request, network=YOUTUBE, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=YOUTUBE, text=word(lang, "bad_redirect"))
    scopes = params.text("scope").split()
    if params.text("response_type") != "code" or not scopes or (unknown := set(scopes) - set(SCOPES)):
        reason = f"invalid_scope: {', '.join(sorted(unknown))}" if scopes and unknown else "invalid_request"
        return problem(request, network=YOUTUBE, text=reason)
    if params.text("code_challenge") and params.text("code_challenge_method") != "S256":
        return problem(request, network=YOUTUBE, text="invalid_request: code_challenge_method")
    state = params.text("state")
    if request.method == "GET":
        people = _people(world)
        return consent_page(
            request,
            network=YOUTUBE,
            app="SocialOps",
            scopes=scopes,
            declinable=True,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=people,
            handles=[f"@{a.handle}" if a.role == "brand" else "" for a in people],
            redirect_uri=redirect_uri,
        )
    account = world.accounts.get(params.text("account"))
    if params.text("decision") != "allow" or account is None:
        return send_back(redirect_uri, {"error": "access_denied", "state": state})
    ticked = set((await request.form()).getlist("scopes"))
    offline = params.text("access_type") == "offline"
    code = world.issue(
        YOUTUBE,
        "code",
        account.id,
        value="4/0A" + secrets.token_urlsafe(40),
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=[scope for scope in scopes if scope in ticked],
        redirect_uri=redirect_uri,
        challenge=params.text("code_challenge"),
        # a second consent gives no refresh token unless it is asked for
        refresh=offline and (params.text("prompt") == "consent" or not _grants(world, account.id)),
    )
    return send_back(redirect_uri, {"code": code.id, "scope": " ".join(code.scopes), "state": state})


def _grants(world: World, account_id: str) -> list[Token]:
    """The refresh tokens that a person's consents gave."""
    return [
        t
        for t in world.tokens
        if t.network == YOUTUBE and t.kind == "refresh" and t.account_id == account_id and t.facts.get("consent")
    ]


async def token(request: Request) -> Response:
    try:
        params = await read_params(request)
        return JSONResponse(_exchange(request.app.state.world, params), headers={"Cache-Control": "no-store"})
    except OAuthError as error:
        return error.response()
    except ValueError as error:
        return OAuthError("invalid_request", str(error)).response()


def _exchange(world: World, params: Params) -> dict[str, Any]:
    if params.text("client_id") != CLIENT_ID:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode()):
        raise OAuthError("invalid_client", "Unauthorized", 401)
    grant = params.text("grant_type")
    if grant == "refresh_token":
        kept = world.read_token(params.text("refresh_token"), YOUTUBE, "refresh")
        if kept is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        return _tokens(world, kept.account_id, kept.scopes, kept.id)
    if grant != "authorization_code":
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant}")
    code = world.take_token(params.text("code"), YOUTUBE, "code")
    if code is None:
        raise OAuthError("invalid_grant", "Malformed auth code.")
    if code.facts["redirect_uri"] != params.text("redirect_uri"):
        raise OAuthError("redirect_uri_mismatch", "Bad Request")
    if code.facts["challenge"] and code.facts["challenge"] != _s256(params.text("code_verifier")):
        raise OAuthError("invalid_grant", "Invalid code verifier.")
    refresh = ""
    if code.facts["refresh"]:
        value = "1//0" + secrets.token_urlsafe(60)
        refresh = world.issue(
            YOUTUBE, "refresh", code.account_id, value=value, client_id=CLIENT_ID, scopes=code.scopes, consent=True
        ).id
    body = _tokens(world, code.account_id, code.scopes, refresh)
    return {**body, "refresh_token": refresh} if refresh else body


def _tokens(world: World, account_id: str, scopes: list[str], refresh: str) -> dict[str, Any]:
    access = world.issue(
        YOUTUBE,
        "access",
        account_id,
        value="ya29." + secrets.token_urlsafe(60),
        lifetime=ACCESS_SECONDS,
        client_id=CLIENT_ID,
        scopes=scopes,
        refresh=refresh,
    )
    return {
        "access_token": access.id,
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def revoke(request: Request) -> Response:
    """An access token takes the refresh token it came from with it, and the other way round."""
    world: World = request.app.state.world
    params = await read_params(request)
    found = world.read_token(params.text("token"), YOUTUBE, "access", "refresh")
    if found is None:
        return OAuthError("invalid_token", "Token expired or revoked").response()
    root = found.id if found.kind == "refresh" else found.facts.get("refresh", "")
    doomed = [t.id for t in world.tokens if t.network == YOUTUBE and root and t.facts.get("refresh") == root]
    for key in {found.id, root, *doomed} - {""}:
        world.tokens.remove(key)
    return JSONResponse({})


routes: list[BaseRoute] = [
    Route("/o/oauth2/v2/auth", authorize, methods=["GET", "POST"]),
    Route("/token", token, methods=["POST"]),
    Route("/revoke", revoke, methods=["POST"]),
]
