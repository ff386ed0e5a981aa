"""Facebook Login, for Pages and for the Instagram accounts linked to them: the dialog with page picking, code and long-lived exchanges, debug_token, permissions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from socialops.sandbox.consent import consent_page, send_back
from socialops.sandbox.graph.call import PERSONS, SCOPES, Call, GraphError, Handler, is_app_token, missing, token_value
from socialops.sandbox.graph.fields import Field, paged, parse_fields
from socialops.sandbox.html import language, problem, word
from socialops.sandbox.models import Account, Token
from socialops.sandbox.params import Params, read_params
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World

CODE_SECONDS: Final = 600
SHORT_SECONDS: Final = 5400
LONG_SECONDS: Final = 60 * 86400
DATA_ACCESS_SECONDS: Final = 90 * 86400
TASKS: Final = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
BUSINESS: Final = "200000000000001"
BY_BUSINESS: Final = "biz"  # a handle that begins so is reached only through the business
KEPT: Final = ("client_id", "redirect_uri", "state", "scope", "response_type")


def pages_of(world: World, person_id: str) -> list[Account]:
    return [a for a in world.brands(world.accounts.objects[person_id].network) if a.owner == person_id]


async def dialog(request: Request) -> Response:
    """GET shows the consent page, POST takes the decision."""
    world: World = request.app.state.world
    network = str(request.app.state.network)
    params = await read_params(request)
    lang = language(request)
    redirect_uri = params.text("redirect_uri")
    if params.text("client_id") != CLIENT_ID:
        return problem(request, network=network, text=word(lang, "bad_client"))
    if urlsplit(redirect_uri).scheme not in {"http", "https"} or not urlsplit(redirect_uri).netloc:
        return problem(request, network=network, text=word(lang, "bad_redirect"))
    scopes = [s for s in params.text("scope").replace(" ", ",").split(",") if s] or ["public_profile"]
    if unknown := [s for s in scopes if s not in SCOPES]:
        return problem(request, network=network, text=f"Invalid Scopes: {', '.join(unknown)}")
    state = params.text("state")
    if request.method == "GET":
        person = world.accounts.objects[PERSONS[network]]
        return consent_page(
            request,
            network=network,
            app="SocialOps",
            scopes=scopes,
            fields={name: params.text(name) for name in KEPT if name in params},
            accounts=[person],
            handles=[""],
            redirect_uri=redirect_uri,
            pages=pages_of(world, person.id),
            declinable=True,
        )
    if params.text("decision") != "allow":
        denial = {
            "error": "access_denied",
            "error_code": "200",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
        }
        return send_back(redirect_uri, {**denial, "state": state})
    person = world.accounts.get(params.text("account")) or world.accounts.objects[PERSONS[network]]
    form = await request.form()
    ticked, kept = set(form.getlist("pages")), form.getlist("scopes")
    scopes = [scope for scope in scopes if not kept or scope in kept]
    code = world.issue(
        network,
        "code",
        person.id,
        value="AQ" + secrets.token_urlsafe(48),
        lifetime=CODE_SECONDS,
        client_id=CLIENT_ID,
        scopes=[*dict.fromkeys(["public_profile", *scopes])],
        redirect_uri=redirect_uri,
        pages=[p.id for p in pages_of(world, person.id) if p.id in ticked],
        declined=[s for s in params.text("scope").replace(" ", ",").split(",") if s and s not in scopes],
    )
    return send_back(redirect_uri, {"code": code.id, "state": state})


async def access_token(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    try:
        return JSONResponse(_exchange(world, str(request.app.state.network), params))
    except GraphError as error:
        return error.response()


def _exchange(world: World, network: str, params: Params) -> dict[str, Any]:
    if params.text("client_id") != CLIENT_ID:
        raise GraphError(101, "Error validating application. Cannot get application info due to a system error.")
    if not hmac.compare_digest(params.text("client_secret").encode(), CLIENT_SECRET.encode()):
        raise GraphError(1, "Error validating client secret.")
    grant = params.text("grant_type")
    if grant == "client_credentials":
        return {"access_token": f"{CLIENT_ID}|{CLIENT_SECRET}", "token_type": "bearer"}
    if grant == "fb_exchange_token":
        short = world.read_token(params.text("fb_exchange_token"), network, "user")
        if short is None or (short.expires_at and short.expires_at < time.time()):
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        return _user_token(world, short, LONG_SECONDS)
    code = world.take_token(params.text("code"), network, "code")
    if code is None:
        raise GraphError(100, "This authorization code has been used or has expired.", subcode=36_009)
    if code.facts["redirect_uri"] != params.text("redirect_uri"):
        raise GraphError(
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
            subcode=36_008,
        )
    return _user_token(world, code, SHORT_SECONDS)


def _user_token(world: World, source: Token, lifetime: int) -> dict[str, Any]:
    token = world.issue(
        source.network,
        "user",
        source.account_id,
        value="EAA" + secrets.token_urlsafe(60).replace("-", "A").replace("_", "B"),
        lifetime=lifetime,
        client_id=CLIENT_ID,
        scopes=source.scopes,
        pages=source.facts.get("pages"),
        declined=source.facts.get("declined", []),
        consent=True,
        long_lived=lifetime == LONG_SECONDS,
    )
    return {"access_token": token.id, "token_type": "bearer", "expires_in": lifetime}


def granted_pages(call: Call) -> list[Account]:
    chosen = call.token.facts.get("pages")
    return [p for p in pages_of(call.world, call.account.id) if chosen is None or p.id in chosen]


def list_pages(show: Callable[[Call, Account, list[Field]], dict[str, Any]]) -> dict[tuple[str, str], Handler]:
    """The edges by which a person finds their pages: their own, and those of the business they work for. `show` makes a page's JSON."""

    def pages(call: Call, accounts: list[Account]) -> dict[str, Any]:
        fields = parse_fields(call.params.text("fields") or "access_token,category,name,tasks")
        return paged(call, accounts, lambda account: show(call, account, fields))

    async def own(call: Call) -> dict[str, Any]:
        if call.token.kind != "user":
            raise GraphError(100, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)")
        if "pages_show_list" not in call.token.scopes:
            return {"data": []}
        return pages(call, [a for a in granted_pages(call) if not a.handle.startswith(BY_BUSINESS)])

    async def businesses(call: Call) -> dict[str, Any]:
        call.need("business_management")
        return {"data": [{"id": BUSINESS, "name": "Groupe Lumière"}]}

    async def owned(call: Call) -> dict[str, Any]:
        call.need("business_management")
        if call.id != BUSINESS:
            raise missing(call.id)
        return pages(call, granted_pages(call))

    async def clients(call: Call) -> dict[str, Any]:
        call.need("business_management")
        return {"data": []}

    return {
        ("accounts", "GET"): own,
        ("businesses", "GET"): businesses,
        ("owned_pages", "GET"): owned,
        ("client_pages", "GET"): clients,
    }


def page_token(world: World, user: Token, page: Account) -> str:
    """The same token for the same login and page. From a long-lived user token it doesn't expire."""
    if not user.facts.get("consent"):
        return f"sandbox-{page.network}-{page.handle}"
    value = "EAA" + hashlib.sha256(f"{user.id}:{page.id}".encode()).hexdigest()
    if value not in world.tokens:
        lifetime = 0.0 if user.facts["long_lived"] else user.expires_at - time.time()
        world.issue(
            page.network,
            "page",
            page.id,
            value=value,
            lifetime=lifetime,
            client_id=CLIENT_ID,
            scopes=user.scopes,
            user=user.account_id,
            consent=True,
        )
    return value


async def debug_token(request: Request) -> Response:
    world: World = request.app.state.world
    params = await read_params(request)
    value, network = token_value(request, params), str(request.app.state.network)
    if not is_app_token(value) and world.read_token(value, network, "user") is None:
        return GraphError(190, "Invalid OAuth access token - Cannot parse access token").response()
    token = world.read_token(params.text("input_token"), network, "user", "page", "revoked")
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return JSONResponse({"data": {"error": error, "is_valid": False, "scopes": []}})
    valid = token.kind != "revoked" and (not token.expires_at or token.expires_at > time.time())
    pages = (
        [token.account_id]
        if token.kind == "page"
        else token.facts.get("pages") or [p.id for p in pages_of(world, token.account_id)]
    )
    data: dict[str, Any] = {
        "app_id": CLIENT_ID,
        "type": "PAGE" if token.kind == "page" else "USER",
        "application": "SocialOps",
        "expires_at": int(token.expires_at),
        "data_access_expires_at": int(token.created_at + DATA_ACCESS_SECONDS),
        "is_valid": valid,
        "issued_at": int(token.created_at),
        "scopes": token.scopes,
        "granular_scopes": [
            {"scope": s, "target_ids": pages} if s.startswith(("pages_", "read_", "instagram_")) else {"scope": s}
            for s in token.scopes
        ],
        "user_id": token.facts.get("user") or token.account_id,
    }
    if token.kind == "page":
        data["profile_id"] = token.account_id
    if not valid:
        data["error"] = {"code": 190, "message": "Error validating access token: Session has expired.", "subcode": 463}
    return JSONResponse({"data": data})


async def permissions(call: Call) -> dict[str, Any]:
    if call.token.kind == "page":
        raise GraphError(100, "(#100) Tried accessing nonexisting field (permissions) on node type (Page)")
    if call.id not in {"me", call.account.id}:
        raise missing(call.id, call.verb)
    declined = [s for s in call.token.facts.get("declined", []) if s not in call.token.scopes]
    states = [(s, "granted") for s in call.token.scopes] + [(s, "declined") for s in declined]
    return {"data": [{"permission": s, "status": status} for s, status in states]}


async def revoke(call: Call) -> dict[str, Any]:
    """All or one permission; the tokens of the seeded accounts, which no consent made, live on."""
    person = call.token.facts.get("user") or call.account.id
    gone = call.params.text("permission")
    for token in [
        t
        for t in call.world.tokens
        if t.network == call.network and t.facts.get("consent") and person in {t.account_id, t.facts.get("user")}
    ]:
        if gone:
            token.scopes = [s for s in token.scopes if s != gone]
        else:
            token.kind = "revoked"
        call.world.tokens.put(token)
    return {"success": True}


routes: list[BaseRoute] = [
    Route("/dialog/oauth", dialog, methods=["GET", "POST"]),
    Route("/oauth/access_token", access_token, methods=["GET", "POST"]),
    Route("/debug_token", debug_token),
]
