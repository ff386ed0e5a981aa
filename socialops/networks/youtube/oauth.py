"""Connecting a YouTube channel: Google's code flow with PKCE, a refresh token that is never lost, scopes that people may untick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.pkce import new_state, new_verifier, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target
from socialops.networks.youtube import categories, playlists
from socialops.networks.youtube.answers import NETWORK, call, host, refuse

DEAD = ("invalid_grant", "invalid_token")
UNKNOWN_APP = ("invalid_client", "unauthorized_client", "deleted_client")


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str) -> Authorization:
    client_id, _secret = app_credentials(NETWORK, app)
    facts = network_data(NETWORK)["oauth"]
    state = new_state()
    verifier, challenge = new_verifier()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(facts["prefix"] + scope for scope in facts["scopes"]),
        "state": state,
        "access_type": "offline",
        "prompt": "consent",  # Google gives a refresh token with a consent only
        "include_granted_scopes": "true",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if login_hint:
        query["login_hint"] = login_hint
    url = f"{host('consent', base_url)}/o/oauth2/v2/auth?{urlencode(query)}"
    return Authorization(url, state, {"state": state, "verifier": verifier, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    """One token is one channel: the one chosen on Google's screen."""
    code, base_url = returned_code(query, pending), str(pending.get("base_url") or "")
    client_id, secret = app_credentials(NETWORK, app)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uri": redirect_uri,
        "code_verifier": str(pending["verifier"]),
    }
    answer = _token(base_url, form, (code, secret, form["code_verifier"]))
    if answer.error_object().get("error") in DEAD:
        raise AuthError(Code.CODE_EXPIRED, raw=answer.raw())
    credentials = _credentials(answer, {})
    return (verify(Target(NETWORK, base_url, "", "", credentials)),)


def _token(base_url: str, form: Mapping[str, str], secrets: tuple[str, ...]) -> http.Answer:
    """The token endpoint's answer, or one of `DEAD` for the caller to read."""
    answer = http.call("POST", f"{host('oauth', base_url)}/token", form=form, secrets=secrets)
    error = answer.error_object().get("error")
    if error in UNKNOWN_APP or error == "redirect_uri_mismatch":
        raise AuthError(Code.APP_REJECTED, raw=answer.raw())
    if not answer.ok and error not in DEAD:
        refuse(answer)
    return answer


def _credentials(answer: http.Answer, kept: Mapping[str, Any]) -> Credentials:
    data, token = answer.object(), answer.text("access_token")
    seconds = data.get("expires_in")
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    values = {**kept, "access_token": token}
    if data.get("refresh_token"):
        values["refresh_token"] = data["refresh_token"]
    return Credentials(values, expires_at, tuple(str(data.get("scope") or "").split()))


def refresh(target: Target) -> Credentials | None:
    """A new access token; the answer mostly brings no refresh token, and then the kept one stays. None for a token made elsewhere without one."""
    values = target.credentials.values
    token = str(values.get("refresh_token") or "")
    if not token:
        return None
    client_id, secret = app_credentials(NETWORK, target.app)
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client_id, "client_secret": secret}
    answer = _token(target.base_url, form, (token, secret))
    if answer.error_object().get("error") in DEAD:
        raise AuthError(Code.TOKEN_REVOKED, raw=answer.raw())
    fresh = _credentials(answer, values)
    return fresh if fresh.scopes else replace(fresh, scopes=target.credentials.scopes)


def revoke(target: Target) -> None:
    """The refresh token, which takes every access token with it."""
    values = target.credentials.values
    token = str(values.get("refresh_token") or values.get("access_token") or "")
    if not token:
        return
    answer = http.call("POST", f"{host('oauth', target.base_url)}/revoke", form={"token": token}, secrets=(token,))
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)


def check_app(*, app: Mapping[str, str], redirect_uri: str) -> None:
    """A made-up code: an app that Google knows is told that the code is wrong, an unknown one that it is unknown."""
    client_id, secret = app_credentials(NETWORK, app)
    form = {
        "grant_type": "authorization_code",
        "code": "none",
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uri": redirect_uri,
    }
    _token("", form, (secret,))


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A token made elsewhere; with a refresh token it lives on."""
    kept = {name: text for name in ("access_token", "refresh_token") if (text := values.get(name, "").strip())}
    return verify(Target(NETWORK, base_url, "", "", Credentials(kept)))


def missing_scopes(granted: tuple[str, ...]) -> tuple[str, ...]:
    """What was unticked, by the short names of the data file; () where the scopes aren't known."""
    facts = network_data(NETWORK)["oauth"]
    have = {scope.removeprefix(facts["prefix"]) for scope in granted}
    covered = {small for scope in have for small in facts["covers"].get(scope, ())} | have
    return tuple(scope for scope in facts["scopes"] if scope not in covered) if granted else ()


def verify(target: Target) -> Account:
    """The token's channel. AuthError no_channel where the Google account has none, scope_missing where we may not even read its name."""
    params = {"part": "snippet", "mine": "true"}
    answer = call(target, "GET", "channels.list", params=params)
    items = answer.object().get("items") or []
    if not items:
        raise AuthError(Code.NO_CHANNEL, raw=answer.raw())
    channel = items[0]
    snippet = channel.get("snippet") or {}
    external_id, title = str(channel["id"]), str(snippet.get("title") or channel["id"])
    picture = (snippet.get("thumbnails") or {}).get("default") or {}
    return Account(
        external_id=external_id,
        handle=str(snippet.get("customUrl") or title),
        name=title,
        url=f"{host('app', target.base_url)}/channel/{external_id}",
        avatar_url=str(picture.get("url") or ""),
        credentials=target.credentials,
        missing_scopes=missing_scopes(target.credentials.scopes),
    )


def fetch_limits(target: Target) -> dict[str, dict[str, Any]]:
    """How long this channel's videos may be: 15 minutes until it is verified. And the categories of its country and its own playlists, see `categories.fetch` and `playlists.fetch`."""
    answer = call(target, "GET", "channels.list", params={"part": "snippet,status", "mine": "true"})
    items = answer.object().get("items") or [{}]
    country = str((items[0].get("snippet") or {}).get("country") or "")
    own: dict[str, dict[str, Any]] = {
        "categories": dict(categories.fetch(target, country)),
        "playlists": playlists.fetch(target),
    }
    allowed = (items[0].get("status") or {}).get("longUploadsStatus", "allowed")
    seconds = network_data(NETWORK)["account"]["unverified_seconds"]
    return own if allowed == "allowed" else {**own, "video": {"max_seconds": seconds}}
