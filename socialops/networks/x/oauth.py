"""Connecting an X account: OAuth 2.0 authorization code with PKCE, for confidential and public clients. The code lives 30 seconds, a refresh token serves once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, merge_limits, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.pkce import new_state, new_verifier, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target
from socialops.networks.x.answers import NETWORK, NO_SUBSCRIPTION, call, charge_reads, problem_of, refuse, root, site

USER_FIELDS = "id,name,username,profile_image_url,subscription_type,verified_type"
TOKEN_PATH, REVOKE_PATH = "/2/oauth2/token", "/2/oauth2/revoke"


def app_of(app: Mapping[str, Any]) -> tuple[str, str]:
    """(client_id, client_secret); a public client has no secret. AuthError app_not_configured where there is no client."""
    kept = app if app.get("client_id") else network_settings(NETWORK)
    if kept.get("client_id") and not kept.get("client_secret"):
        return str(kept["client_id"]), ""
    return app_credentials(NETWORK, app)


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_id, _secret = app_of(app)
    state, (verifier, challenge) = new_state(), new_verifier()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(network_data(NETWORK)["oauth"]["scopes"]),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    url = f"{site(base_url)}/i/oauth2/authorize?{urlencode(query, quote_via=quote)}"
    return Authorization(url=url, state=state, pending={"state": state, "verifier": verifier, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    code = returned_code(query, pending)
    base_url, verifier = str(pending.get("base_url") or ""), str(pending["verifier"])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    answer = _ask(base_url, TOKEN_PATH, form, app_of(app), secrets=(code, verifier))
    if not answer.ok:
        _refuse_client(answer)
        if 400 <= answer.status < 500 and answer.status != 429:
            raise AuthError(Code.CODE_EXPIRED, raw=answer.raw())
        refuse(answer)
    credentials = _credentials(answer, {})
    return (verify(Target(NETWORK, base_url, "", "", credentials)),)


def _ask(
    base_url: str, path: str, form: Mapping[str, str], client: tuple[str, str], *, secrets: tuple[str, ...] = ()
) -> http.Answer:
    """A form to the token or revocation endpoint: a confidential client shows its secret in the header, a public one names itself in the body."""
    client_id, secret = client
    headers: dict[str, str] = {}
    if secret:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form = {**form, "client_id": client_id}
    return http.call("POST", root(base_url) + path, form=form, headers=headers, secrets=(*secrets, secret))


def _refuse_client(answer: http.Answer) -> None:
    if answer.status == 401 or answer.error_object().get("error") in ("invalid_client", "unauthorized_client"):
        raise AuthError(Code.APP_REJECTED, raw=answer.raw())


def _credentials(answer: http.Answer, kept: Mapping[str, Any]) -> Credentials:
    """What a token answer gives; an empty refresh token never replaces a kept one."""
    token, data = answer.text("access_token"), answer.object()
    values = {**kept, "access_token": token}
    if data.get("refresh_token"):
        values["refresh_token"] = str(data["refresh_token"])
    seconds = data.get("expires_in")
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return Credentials(values, expires_at, tuple(str(data.get("scope") or "").split()))


def refresh(target: Target) -> Credentials | None:
    """New tokens; the old refresh token is dead from then on, so the caller keeps the new ones before using them."""
    kept = target.credentials.values
    token = str(kept.get("refresh_token") or "")
    if not token:
        if target.credentials.expires_at is not None and target.credentials.expires_at <= datetime.now(UTC):
            raise AuthError(Code.TOKEN_EXPIRED)
        return None
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = _ask(target.base_url, TOKEN_PATH, form, app_of(target.app), secrets=(token,))
    if not answer.ok:
        _refuse_client(answer)
        if 400 <= answer.status < 500 and answer.status != 429:
            raise AuthError(Code.TOKEN_REVOKED, detail={"message": problem_of(answer)[1]}, raw=answer.raw())
        refuse(answer)
    renewed = _credentials(answer, kept)
    return renewed if renewed.scopes else Credentials(renewed.values, renewed.expires_at, target.credentials.scopes)


def revoke(target: Target, *, app: Mapping[str, Any]) -> None:
    """Both tokens are given back. What X no longer knows is success."""
    client = app_of(app or target.app)
    for name in ("refresh_token", "access_token"):
        token = str(target.credentials.values.get(name) or "")
        if not token:
            continue
        answer = _ask(target.base_url, REVOKE_PATH, {"token": token}, client, secrets=(token,))
        if not answer.ok:
            _refuse_client(answer)
            if answer.status == 429 or answer.status >= 500:
                refuse(answer)


def check_app(*, app: Mapping[str, str]) -> None:
    """X judges the client before the grant: a made-up code tells whether it knows us."""
    form = {
        "grant_type": "authorization_code",
        "code": "none",
        "redirect_uri": "https://localhost",
        "code_verifier": "none",
    }
    answer = _ask("", TOKEN_PATH, form, app_of(app))
    _refuse_client(answer)
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """An access token made elsewhere, with its refresh token and scopes ("scope", separated by spaces) where they are known."""
    kept = {name: values[name].strip() for name in ("access_token", "refresh_token") if values.get(name, "").strip()}
    scopes = tuple(values.get("scope", "").split())
    return verify(Target(NETWORK, base_url, "", "", Credentials(kept, None, scopes)))


def _me(target: Target, wanted: str) -> http.Answer:
    answer = call(target, "GET", "/2/users/me", params={"user.fields": wanted}, bucket="users_me")
    charge_reads(target, answer)
    return answer


def verify(target: Target) -> Account:
    answer = _me(target, USER_FIELDS)
    name, data = answer.text("data", "username"), answer.object()["data"]
    granted = target.credentials.scopes
    wanted = network_data(NETWORK)["oauth"]["scopes"]
    return Account(
        external_id=answer.text("data", "id"),
        handle=f"@{name}",
        name=str(data.get("name") or name),
        url=f"{site(target.base_url)}/{name}",
        avatar_url=str(data.get("profile_image_url") or ""),
        credentials=target.credentials,
        missing_scopes=tuple(scope for scope in wanted if scope not in granted) if granted else (),
    )


def fetch_limits(target: Target) -> Mapping[str, Any]:
    """What the account's subscription allows, over the usual limits; `verified` says what an organization without one is."""
    data = _me(target, USER_FIELDS).object().get("data") or {}
    kind = str(data.get("subscription_type") or NO_SUBSCRIPTION)
    own = network_data(NETWORK)["subscriptions"].get(kind, {})
    account = {"subscription": kind, "verified": str(data.get("verified_type") or "none")}
    return merge_limits(NETWORK, {**own, "account": account})
