"""App-password sessions: access tokens of two hours, refresh tokens that rotate with two hours of grace."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.responses import Response
from starlette.routing import BaseRoute

from socialops.sandbox.bluesky.call import LOGINS, Call, XrpcError, answer, invalid, spend, xrpc
from socialops.sandbox.bluesky.identity import did_document
from socialops.sandbox.models import BLUESKY, Account, Token
from socialops.sandbox.world import World

ACCESS_SECONDS: Final = 7200
REFRESH_SECONDS: Final = 90 * 86400
GRACE_SECONDS: Final = 7200
SERVICE_SECONDS: Final = 60


def _sign(world: World, account: Account, scope: str, lifetime: int) -> str:
    """A JWT, because clients read its `exp`; what counts is that we remember it."""
    key = OctKey.import_key(world.setting("session_key", secrets.token_hex(32)))
    now = int(time.time())
    audience = "did:web:127.0.0.1"
    claims = {
        "scope": scope,
        "sub": account.id,
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_hex(8),
    }
    return jwt.encode({"alg": "HS256", "typ": "refresh+jwt" if "refresh" in scope else "at+jwt"}, claims, key)


def _pair(world: World, account: Account, refresh: str = "") -> dict[str, str]:
    access = _sign(world, account, "com.atproto.appPass", ACCESS_SECONDS)
    if not refresh:
        refresh = _sign(world, account, "com.atproto.refresh", REFRESH_SECONDS)
        world.issue(BLUESKY, "refresh", account.id, value=refresh, lifetime=REFRESH_SECONDS)
    # the seeded password is one that was allowed to read messages
    scopes = ["transition:generic", "transition:chat.bsky"]
    world.issue(BLUESKY, "access", account.id, value=access, lifetime=ACCESS_SECONDS, scopes=scopes)
    return {"accessJwt": access, "refreshJwt": refresh}


def _about(world: World, account: Account) -> dict[str, Any]:
    return {
        "did": account.id,
        "handle": account.handle,
        "didDoc": did_document(world, account),
        "email": f"{account.handle.split('.')[0]}@example.com",
        "emailConfirmed": True,
        "emailAuthFactor": False,
        "active": True,
    }


async def create_session(call: Call) -> Response:
    name, password = call.body.get("identifier"), call.body.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise invalid('Input must have the properties "identifier" and "password"')
    host = call.request.client.host if call.request.client else ""
    headers = spend(call.world, "login", f"{name.lower()}-{host}", LOGINS)
    account = call.world.find_account(BLUESKY, name.removeprefix("@"))
    if account is None or not account.password or not hmac.compare_digest(account.password.encode(), password.encode()):
        raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password", headers)
    response = answer({**_about(call.world, account), **_pair(call.world, account)})
    response.headers.update(headers)
    return response


async def refresh_session(call: Call) -> Response:
    assert call.token is not None
    token: Token = call.token
    after = token.facts.get("next", "")
    if after and time.time() > token.facts["rotated_at"] + GRACE_SECONDS:
        raise invalid("Token has been revoked", "ExpiredToken")
    pair = _pair(call.world, call.me, after)
    if not after:
        token.facts.update(next=pair["refreshJwt"], rotated_at=time.time())
        call.world.tokens.put(token)
    return answer({**_about(call.world, call.me), **pair})


async def delete_session(call: Call) -> Response:
    assert call.token is not None
    call.world.tokens.remove(call.token.id)
    return Response(status_code=200)


async def get_session(call: Call) -> Response:
    return answer(_about(call.world, call.me))


async def service_auth(call: Call) -> Response:
    """A token for another service: for one named method up to an hour, for all of them a minute."""
    audience, method = call.required("aud"), call.query("lxm")
    text, now = call.query("exp"), int(time.time())
    if text and not text.isdecimal():
        raise invalid("Error: exp must be an integer")
    lifetime = int(text) - now if text else SERVICE_SECONDS
    if lifetime <= 0 or lifetime > (3600 if method else SERVICE_SECONDS):
        raise invalid("expiration is in past or too far in future", "BadExpiration")
    value = _sign(call.world, call.me, f"service:{audience}", lifetime)
    call.world.issue(BLUESKY, "service", call.me.id, value=value, lifetime=lifetime, aud=audience, lxm=method)
    return answer({"token": value})


routes: list[BaseRoute] = [
    xrpc("com.atproto.server.createSession", create_session, "POST"),
    xrpc("com.atproto.server.refreshSession", refresh_session, "POST", auth="refresh"),
    xrpc("com.atproto.server.deleteSession", delete_session, "POST", auth="refresh"),
    xrpc("com.atproto.server.getSession", get_session, auth="access"),
    xrpc("com.atproto.server.getServiceAuth", service_auth, auth="access"),
]
