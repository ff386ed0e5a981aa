"""AT Protocol OAuth: pushed requests, PKCE, DPoP-bound tokens, refresh tokens for a single use."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.bluesky.clients import Client, OAuthError, check_client, find_client
from socialops.sandbox.bluesky.dpop import ProofError, check_proof, nonce
from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.models import BLUESKY, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.world import World

REQUEST_SECONDS: Final = 300
CODE_SECONDS: Final = 60
ACCESS_SECONDS: Final = 3600
REFRESH_SECONDS: Final = {False: 14 * 86400, True: 90 * 86400}  # by: is the client confidential
PREFIX: Final = "urn:ietf:params:oauth:request_uri:req-"


async def resource(request: Request) -> Response:
    base = request.app.state.world.base_url(BLUESKY)
    return JSONResponse(
        {
            "resource": base,
            "authorization_servers": [base],
            "scopes_supported": [],
            "bearer_methods_supported": ["header"],
            "resource_documentation": "https://atproto.com",
        }
    )


async def metadata(request: Request) -> Response:
    base = request.app.state.world.base_url(BLUESKY)
    return JSONResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "pushed_authorization_request_endpoint": f"{base}/oauth/par",
            "require_pushed_authorization_requests": True,
            "scopes_supported": ["atproto", "transition:email", "transition:generic", "transition:chat.bsky"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
            "protected_resources": [base],
        }
    )


Handler = Callable[[World, Request, Params, Client, str], Awaitable[dict[str, Any]]]


def proven(path: str, handler: Handler, status: int = 200) -> Route:
    """A POST that needs a client and a DPoP proof; the answer always brings the next nonce."""

    async def serve(request: Request) -> Response:
        world: World = request.app.state.world
        response: Response
        try:
            thumbprint = check_proof(world, request, "as")
            params = await read_params(request)
            client = await find_client(params.text("client_id"))
            check_client(world, client, params, world.base_url(BLUESKY))
            response = JSONResponse(await handler(world, request, params, client, thumbprint), status)
        except ProofError as error:
            response = JSONResponse({"error": error.code, "error_description": str(error)}, 400)
        except OAuthError as error:
            response = JSONResponse({"error": error.code, "error_description": str(error)}, error.status)
        except ValueError as error:
            response = JSONResponse({"error": "invalid_request", "error_description": str(error)}, 400)
        response.headers["DPoP-Nonce"] = nonce(world, "as")
        response.headers["Cache-Control"] = "no-store"
        return response

    return Route(path, serve, methods=["POST"])


async def push(world: World, _: Request, params: Params, client: Client, thumbprint: str) -> dict[str, Any]:
    scopes = params.text("scope").split()
    if params.text("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if "atproto" not in scopes or not set(scopes) <= set(client.scopes):
        raise OAuthError("invalid_scope", "scope must contain atproto and only what the client's metadata declares")
    if not params.text("code_challenge") or params.text("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "PKCE with S256 is required")
    if not client.may_return_to(params.text("redirect_uri")):
        raise OAuthError("invalid_request", "Invalid redirect_uri")
    pushed = world.issue(
        BLUESKY,
        "pushed",
        "",
        value=PREFIX + secrets.token_hex(16),
        lifetime=REQUEST_SECONDS,
        client_id=client.id,
        scopes=scopes,
        name=client.name,
        redirect_uri=params.text("redirect_uri"),
        state=params.text("state"),
        challenge=params.text("code_challenge"),
        login_hint=params.text("login_hint"),
        jkt=thumbprint,
    )
    return {"request_uri": pushed.id, "expires_in": REQUEST_SECONDS}


async def authorize(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision; the pushed request is spent by the decision."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    pushed = world.read_token(params.text("request_uri"), BLUESKY, "pushed")
    if pushed is None or pushed.expires_at < time.time() or pushed.client_id != params.text("client_id"):
        return problem(request, network=BLUESKY, text=word(lang, "bad_request"))
    redirect_uri = pushed.facts["redirect_uri"]
    if request.method == "GET":
        accounts = world.brands(BLUESKY)
        hinted = world.find_account(BLUESKY, pushed.facts["login_hint"].removeprefix("@"))
        return consent_page(
            request,
            network=BLUESKY,
            app=pushed.facts["name"],
            scopes=pushed.scopes,
            fields={"client_id": pushed.client_id, "request_uri": pushed.id},
            accounts=accounts,
            handles=[f"@{a.handle}" for a in accounts],
            redirect_uri=redirect_uri,
            chosen=hinted.id if hinted else "",
        )
    back = {"state": pushed.facts["state"], "iss": world.base_url(BLUESKY)}
    account = world.accounts.get(params.text("account"))
    if params.text("decision") != "allow":
        world.tokens.remove(pushed.id)
        return send_back(redirect_uri, {"error": "access_denied", "error_description": "Access denied", **back})
    if account is None or account.network != BLUESKY or account.role != "brand":
        return problem(request, network=BLUESKY, text=word(lang, "pick_account"))
    world.tokens.remove(pushed.id)
    facts = {name: pushed.facts[name] for name in ("redirect_uri", "challenge", "jkt")}
    code = world.issue(
        BLUESKY,
        "code",
        account.id,
        value="cod-" + secrets.token_hex(32),
        lifetime=CODE_SECONDS,
        client_id=pushed.client_id,
        scopes=pushed.scopes,
        **facts,
    )
    return send_back(redirect_uri, {**back, "code": code.id})


async def token(world: World, _: Request, params: Params, client: Client, thumbprint: str) -> dict[str, Any]:
    grant = params.text("grant_type")
    if grant == "authorization_code":
        return _redeem_code(world, params, client, thumbprint)
    if grant == "refresh_token":
        return _refresh(world, params, client, thumbprint)
    raise OAuthError("unsupported_grant_type", f"Grant type {grant!r} is not supported")


def _redeem_code(world: World, params: Params, client: Client, thumbprint: str) -> dict[str, Any]:
    code = world.take_token(params.text("code"), BLUESKY, "code")
    if code is None:
        raise OAuthError("invalid_grant", "Invalid code")
    challenge = (
        base64.urlsafe_b64encode(hashlib.sha256(params.text("code_verifier").encode()).digest()).rstrip(b"=").decode()
    )
    if code.client_id != client.id or code.facts["redirect_uri"] != params.text("redirect_uri"):
        raise OAuthError("invalid_grant", "This code was issued to another client or redirect_uri")
    if code.facts["challenge"] != challenge:
        raise OAuthError("invalid_grant", "Invalid code_verifier")
    if code.facts["jkt"] != thumbprint:
        raise OAuthError("invalid_grant", "Invalid DPoP key")
    return _issue(world, code, client, thumbprint, secrets.token_hex(16))


def _refresh(world: World, params: Params, client: Client, thumbprint: str) -> dict[str, Any]:
    used = world.read_token(params.text("refresh_token"), BLUESKY, "dpop_refresh_used")
    if used is not None:
        _end_session(world, used.facts["session"])
        raise OAuthError("invalid_grant", "Refresh token replayed")
    old = world.read_token(params.text("refresh_token"), BLUESKY, "dpop_refresh")
    if old is None or old.client_id != client.id or old.expires_at < time.time():
        raise OAuthError("invalid_grant", "Invalid refresh token")
    if old.facts["jkt"] != thumbprint:
        raise OAuthError("invalid_grant", "Invalid DPoP key")
    old.kind = "dpop_refresh_used"
    world.tokens.put(old)
    return _issue(world, old, client, thumbprint, old.facts["session"])


def _issue(world: World, source: Token, client: Client, thumbprint: str, session: str) -> dict[str, Any]:
    common: dict[str, Any] = {"client_id": client.id, "scopes": source.scopes, "jkt": thumbprint, "session": session}
    access = world.issue(BLUESKY, "dpop", source.account_id, lifetime=ACCESS_SECONDS, **common)
    refresh = world.issue(
        BLUESKY,
        "dpop_refresh",
        source.account_id,
        value="ref-" + secrets.token_hex(32),
        lifetime=REFRESH_SECONDS[client.keys is not None],
        **common,
    )
    return {
        "access_token": access.id,
        "token_type": "DPoP",
        "refresh_token": refresh.id,
        "scope": " ".join(source.scopes),
        "expires_in": ACCESS_SECONDS,
        "sub": source.account_id,
    }


def _end_session(world: World, session: str) -> None:
    kinds = {"dpop", "dpop_refresh"}
    for found in [t for t in world.tokens if t.kind in kinds and t.facts["session"] == session]:
        world.tokens.remove(found.id)


async def revoke(request: Request) -> Response:
    """The whole session ends with either of its tokens."""
    world: World = request.app.state.world
    params = await read_params(request)
    found = world.read_token(params.text("token"), BLUESKY, "dpop", "dpop_refresh")
    if found is not None:
        _end_session(world, found.facts["session"])
    return JSONResponse({}, headers={"DPoP-Nonce": nonce(world, "as")})


routes: list[BaseRoute] = [
    Route("/.well-known/oauth-protected-resource", resource),
    Route("/.well-known/oauth-authorization-server", metadata),
    proven("/oauth/par", push, 201),
    Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
    proven("/oauth/token", token),
    Route("/oauth/revoke", revoke, methods=["POST"]),
]
