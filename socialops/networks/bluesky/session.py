"""Connecting with an app password: a session of two rotating tokens. The password itself is never kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialops.networks import http
from socialops.networks.bluesky.answers import NETWORK, call, origin, pds, refuse
from socialops.networks.bluesky.identity import did_document, handle_of, pds_of
from socialops.networks.bluesky.read import get_record
from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Account, Credentials, Target

SESSION = "com.atproto.server"


def _expiry(jwt: str) -> datetime | None:
    """When a token says it ends; not verified, only planned by."""
    try:
        payload = jwt.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _credentials(answer: http.Answer, kept: Mapping[str, Any]) -> Credentials:
    token = answer.text("accessJwt")
    refresh_token = answer.object().get("refreshJwt") or kept.get("refresh_token", "")
    return Credentials({**kept, "access_token": token, "refresh_token": refresh_token}, _expiry(token))


def connect(*, base_url: str, identifier: str, password: str) -> Account:
    base = origin(base_url)
    body = {"identifier": identifier.strip().lstrip("@"), "password": password.strip()}
    answer = http.call("POST", f"{base}/xrpc/{SESSION}.createSession", json=body, secrets=(body["password"],))
    if not answer.ok:
        error = answer.error_object().get("error")
        if error == "AuthFactorTokenRequired":
            raise AuthError(Code.SECOND_FACTOR_NEEDED, raw=answer.raw())
        if error in ("AuthenticationRequired", "InvalidRequest") or answer.status == 401:
            raise AuthError(Code.WRONG_PASSWORD, raw=answer.raw())
        refuse(answer)
    did = answer.text("did")
    document = answer.object().get("didDoc")
    server = pds_of(document) if isinstance(document, dict) else pds_of(did_document(did))
    credentials = _credentials(answer, {"mode": "session", "did": did, "pds": server})
    return account_of(Target(NETWORK, base, did, answer.text("handle"), credentials))


def account_of(target: Target) -> Account:
    """The account with its profile, read from its own server: the AppView need not know it yet."""
    server, handle = pds(target), target.handle
    profile = get_record(target, f"at://{target.external_id}/app.bsky.actor.profile/self")
    value = (profile or {}).get("value") or {}
    picture = ((value.get("avatar") or {}).get("ref") or {}).get("$link")
    app = server if server.startswith("http://") else network_data(NETWORK)["hosts"]["app"]
    return Account(
        external_id=target.external_id,
        handle=handle,
        name=str(value.get("displayName") or handle),
        url=f"{app}/profile/{handle or target.external_id}",
        avatar_url=f"{server}/xrpc/com.atproto.sync.getBlob?did={target.external_id}&cid={picture}" if picture else "",
        credentials=target.credentials,
        missing_scopes=_missing(target.credentials.scopes),
    )


def _missing(granted: tuple[str, ...]) -> tuple[str, ...]:
    """() for a session by app password, which doesn't tell what it may do."""
    wanted = network_data(NETWORK)["oauth"]["scope"].split()
    return tuple(scope for scope in wanted if scope not in granted) if granted else ()


def refresh(target: Target) -> Credentials:
    """Both tokens rotate. The old refresh token is still good for two hours, so that a lost answer loses nothing."""
    values = target.credentials.values
    token = str(values.get("refresh_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    answer = http.call(
        "POST",
        f"{pds(target)}/xrpc/{SESSION}.refreshSession",
        headers={"Authorization": f"Bearer {token}"},
        secrets=(token,),
    )
    if not answer.ok:
        if answer.error_object().get("error") in ("ExpiredToken", "InvalidToken") or answer.status == 401:
            raise AuthError(Code.TOKEN_REVOKED, raw=answer.raw())
        refuse(answer)
    return _credentials(answer, values)


def revoke(target: Target) -> None:
    token = str(target.credentials.values.get("refresh_token") or "")
    if not token:
        return
    url = f"{pds(target)}/xrpc/{SESSION}.deleteSession"
    answer = http.call("POST", url, headers={"Authorization": f"Bearer {token}"}, secrets=(token,))
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)


def verify(target: Target) -> Account:
    """Works in both modes."""
    answer = call(target, "GET", f"{SESSION}.getSession")
    if answer.text("did") != target.external_id:
        answer.unexpected()
    if answer.object().get("active") is False:
        raise AuthError(Code.ACCOUNT_DISABLED, raw=answer.raw())
    handle = str(answer.object().get("handle") or "") or handle_of(did_document(target.external_id))
    return account_of(Target(NETWORK, target.base_url, target.external_id, handle, target.credentials))
