"""Applications, authorization with consent and PKCE, tokens that live until revoked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.html import language, page, problem, render, word
from socialops.sandbox.mastodon.call import SCOPES, ApiError, Call, allows, answer, endpoint
from socialops.sandbox.models import MASTODON, App
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.world import World

CODE_SECONDS: Final = 600
OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
KEPT: Final = (
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_type",
    "code_challenge",
    "code_challenge_method",
)


async def metadata(call: Call) -> Response:
    base = call.world.base_url(MASTODON)
    return answer(
        {
            "issuer": f"{base}/",
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "app_registration_endpoint": f"{base}/api/v1/apps",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


async def register(call: Call) -> Response:
    name = call.params.text("client_name").strip()
    uris = [uri for value in call.params.many("redirect_uris") for uri in str(value).split()]
    if not name:
        raise ApiError(422, "Validation failed: Application name can't be blank")
    if not uris:
        raise ApiError(422, "Validation failed: Redirect URI can't be blank")
    scopes = call.params.text("scopes", "read").split() or ["read"]
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ApiError(422, f"Validation failed: Scopes doesn't match configured on the server: {' '.join(unknown)}")
    app = App(
        secrets.token_urlsafe(32), MASTODON, secrets.token_urlsafe(32), name, uris, scopes, call.params.text("website")
    )
    call.world.apps.put(app)
    return answer(
        {
            **_app_json(app),
            "id": str(len(call.world.apps)),
            "client_id": app.id,
            "client_secret": app.secret,
            "client_secret_expires_at": 0,
        }
    )


def _app_json(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "website": app.website or None,
        "scopes": app.scopes,
        "redirect_uris": app.redirect_uris,
        "redirect_uri": "\n".join(app.redirect_uris),
        "vapid_key": "",
    }


async def verify_app(call: Call) -> Response:
    app = call.world.apps.get(call.token.client_id) if call.token else None
    if app is None:
        raise ApiError(401, "The access token is invalid")
    return answer({"id": "1", **_app_json(app)})


async def authorize(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision."""
    world: World = request.app.state.world
    params = await read_params(request)
    lang = language(request)
    app = world.apps.get(params.text("client_id"))
    redirect_uri = params.text("redirect_uri")
    if app is None or app.network != MASTODON:
        return problem(request, network=MASTODON, text=word(lang, "bad_client"))
    if redirect_uri not in app.redirect_uris:
        return problem(request, network=MASTODON, text=word(lang, "bad_redirect"))
    state = params.text("state")
    scopes = (params.text("scope") or "read").split()
    if refusal := _refusal(params, app, scopes):
        return send_back(redirect_uri, {**refusal, "state": state})
    if request.method == "GET":
        accounts = world.brands(MASTODON)
        return consent_page(
            request,
            network=MASTODON,
            app=app.name,
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=accounts,
            handles=[f"@{a.handle}" for a in accounts],
            redirect_uri=redirect_uri,
        )
    if params.text("decision") != "allow":
        denial = "The resource owner or authorization server denied the request."
        return send_back(redirect_uri, {"error": "access_denied", "error_description": denial, "state": state})
    account = world.accounts.get(params.text("account"))
    if account is None or account.network != MASTODON or account.role != "brand":
        return problem(request, network=MASTODON, text=word(lang, "pick_account"))
    code = world.issue(
        MASTODON,
        "code",
        account.id,
        lifetime=CODE_SECONDS,
        client_id=app.id,
        scopes=scopes,
        redirect_uri=redirect_uri,
        challenge=params.text("code_challenge"),
    )
    if redirect_uri == OUT_OF_BAND:
        return _show_code(request, code.id)
    return send_back(redirect_uri, {"code": code.id, "state": state})


def _refusal(params: Params, app: App, scopes: list[str]) -> dict[str, str]:
    if params.text("response_type") != "code":
        return {"error": "unsupported_response_type"}
    if not all(allows(app.scopes, scope) for scope in scopes):
        text = "The requested scope is invalid, unknown, or malformed."
        return {"error": "invalid_scope", "error_description": text}
    if params.text("code_challenge") and params.text("code_challenge_method") != "S256":
        return {"error": "invalid_request", "error_description": "The code_challenge_method must be S256."}
    return {}


def _show_code(request: Request, code: str) -> HTMLResponse:
    return page(request, network=MASTODON, title="OAuth", body=render("problem.html", title="OAuth", text=code))


def _client(call: Call) -> App:
    client_id, secret = call.params.text("client_id"), call.params.text("client_secret")
    header = call.request.headers.get("authorization", "")
    if not client_id and header.lower().startswith("basic "):
        client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    app = call.world.apps.get(client_id)
    if app is None or app.network != MASTODON or not hmac.compare_digest(app.secret.encode(), secret.encode()):
        text = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
        raise ApiError(401, "invalid_client", text)
    return app


async def token(call: Call) -> Response:
    app = _client(call)
    grant = call.params.text("grant_type")
    if grant == "client_credentials":
        scopes = (call.params.text("scope") or "read").split()
        if not all(allows(app.scopes, scope) for scope in scopes):
            raise ApiError(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
        issued = call.world.issue(MASTODON, "app", "", client_id=app.id, scopes=scopes)
    elif grant == "authorization_code":
        invalid = ApiError(
            400,
            "invalid_grant",
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
        )
        code = call.world.take_token(call.params.text("code"), MASTODON, "code")
        if code is None or code.client_id != app.id or code.facts["redirect_uri"] != call.params.text("redirect_uri"):
            raise invalid
        if code.facts["challenge"] and code.facts["challenge"] != s256(call.params.text("code_verifier")):
            raise invalid
        issued = call.world.issue(MASTODON, "access", code.account_id, client_id=app.id, scopes=code.scopes)
    else:
        raise ApiError(
            400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server."
        )
    return answer(
        {
            "access_token": issued.id,
            "token_type": "Bearer",
            "scope": " ".join(issued.scopes),
            "created_at": int(issued.created_at),
        }
    )


def s256(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def revoke(call: Call) -> Response:
    app = _client(call)
    found = call.world.read_token(call.params.text("token"), MASTODON, "access", "app")
    if found is not None:
        if found.client_id != app.id:
            raise ApiError(403, "unauthorized_client", "You are not authorized to revoke this token")
        call.world.tokens.remove(found.id)
    return answer({})


routes: list[BaseRoute] = [
    endpoint("/.well-known/oauth-authorization-server", metadata, "GET"),
    endpoint("/api/v1/apps", register, "POST"),
    endpoint("/api/v1/apps/verify_credentials", verify_app, "GET", scope="read:me"),
    Route("/oauth/authorize", authorize, methods=["GET", "POST"]),
    endpoint("/oauth/token", token, "POST"),
    endpoint("/oauth/revoke", revoke, "POST"),
]
