"""Connecting a Threads profile: code → token of an hour → token of sixty days, renewed while it lives and is a day old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target
from socialops.networks.threads.answers import NETWORK, call, error_code, message_of, refuse, root

PROFILE_FIELDS = "id,username,name,threads_profile_picture_url"
APP_UNKNOWN = 101


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_id, _secret = app_credentials(NETWORK, app)
    facts = network_data(NETWORK)
    state = new_state()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": ",".join(facts["oauth"]["scopes"]),
        "response_type": "code",
        "state": state,
    }
    dialog = http.origin_of(base_url or network_settings(NETWORK)["base_url"] or facts["hosts"]["dialog"])
    url = f"{dialog}/oauth/authorize?{urlencode(query, safe=',')}"
    return Authorization(url=url, state=state, pending={"state": state, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    code = returned_code(query, pending).removesuffix("#_")  # Meta ends its address so, and some browsers send it along
    client_id, secret = app_credentials(NETWORK, app)
    base_url = str(pending.get("base_url") or "")
    form = {
        "client_id": client_id,
        "client_secret": secret,
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
        "code": code,
    }
    answer = http.call("POST", f"{root(base_url)}/oauth/access_token", form=form, secrets=(secret, code))
    if not answer.ok:
        _refuse_grant(answer)
    short = answer.text("access_token")
    exchange = {"grant_type": "th_exchange_token", "client_secret": secret, "access_token": short}
    answer = http.call("GET", f"{root(base_url)}/access_token", params=exchange, secrets=(secret, short))
    credentials = _inspected(base_url, _long_lived(answer))
    return (verify(Target(NETWORK, base_url, "me", "", credentials)),)


def _refuse_grant(answer: http.Answer) -> None:
    """{"error_type", "code", "error_message"}, or Graph's shape where the app is unknown."""
    code, _subcode = error_code(answer)
    detail = {"message": message_of(answer)}
    if code == APP_UNKNOWN or "client" in detail["message"].lower():
        raise AuthError(Code.APP_REJECTED, detail=detail, raw=answer.raw())
    if 400 <= answer.status < 500 and answer.status != 429 and not code:
        raise AuthError(Code.CODE_EXPIRED, detail=detail, raw=answer.raw())
    refuse(answer)


def _long_lived(answer: http.Answer) -> Credentials:
    if not answer.ok or "error" in answer.error_object():
        refuse(answer)
    seconds, now = answer.object().get("expires_in"), datetime.now(UTC)
    ends_at = now + timedelta(seconds=seconds) if isinstance(seconds, int) else None
    return Credentials({"access_token": answer.text("access_token"), "renewed_at": now.isoformat()}, ends_at)


def _inspected(base_url: str, credentials: Credentials) -> Credentials:
    """With what debug_token tells of it: the scopes that were granted, and when it was made where we don't know."""
    token = str(credentials.values["access_token"])
    target = Target(NETWORK, base_url, "me", "", credentials)
    answer = call(target, "GET", "debug_token", params={"input_token": token})
    data = answer.object().get("data")
    told = data if isinstance(data, dict) else answer.unexpected()
    scopes = told.get("scopes")
    issued, ends = told.get("issued_at"), told.get("expires_at")
    values = dict(credentials.values)
    if "renewed_at" not in values and isinstance(issued, int) and issued > 0:
        values["renewed_at"] = datetime.fromtimestamp(issued, UTC).isoformat()
    ends_at = datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and ends > 0 else None
    granted = tuple(map(str, scopes)) if isinstance(scopes, list) else ()
    return replace(credentials, values=values, expires_at=credentials.expires_at or ends_at, scopes=granted)


def refresh(target: Target) -> Credentials | None:
    """None for a token of less than a day, which Meta doesn't renew, and for one without an end."""
    kept = target.credentials
    token, since = str(kept.values.get("access_token") or ""), kept.values.get("renewed_at")
    now = datetime.now(UTC)
    youngest = now - timedelta(seconds=network_data(NETWORK)["oauth"]["refresh_after_seconds"])
    if kept.expires_at is not None and kept.expires_at <= now:
        raise AuthError(Code.TOKEN_EXPIRED)
    if kept.expires_at is None or (isinstance(since, str) and datetime.fromisoformat(since) > youngest):
        return None
    query = {"grant_type": "th_refresh_token", "access_token": token}
    answer = http.call("GET", f"{root(target.base_url)}/refresh_access_token", params=query, secrets=(token,))
    return replace(_long_lived(answer), scopes=kept.scopes)


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A long-lived token made elsewhere."""
    credentials = Credentials({"access_token": values.get("access_token", "").strip()})
    if not credentials.values["access_token"]:
        raise AuthError(Code.TOKEN_MISSING)
    return verify(Target(NETWORK, base_url, "me", "", _inspected(base_url, credentials)))


def verify(target: Target) -> Account:
    answer = call(target, "GET", "me", params={"fields": PROFILE_FIELDS})
    profile, profile_id = answer.object(), answer.text("id")
    username = str(profile.get("username") or "")
    granted = target.credentials.scopes
    wanted = network_data(NETWORK)["oauth"]["scopes"]
    return Account(
        external_id=profile_id,
        handle=f"@{username}" if username else profile_id,
        name=str(profile.get("name") or username or profile_id),
        url=profile_url(target.base_url, username),
        avatar_url=str(profile.get("threads_profile_picture_url") or ""),
        credentials=target.credentials,
        missing_scopes=tuple(scope for scope in wanted if granted and scope not in granted),
    )


def profile_url(base_url: str, username: str) -> str:
    app = http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["app"])
    return f"{app}/@{username}" if username else app


def check_app(*, app: Mapping[str, str]) -> None:
    """An app's own token costs nothing and is given to nobody else."""
    client_id, secret = app_credentials(NETWORK, app)
    query = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = http.call("GET", f"{root()}/oauth/access_token", params=query, secrets=(secret,))
    if 400 <= answer.status < 500 and answer.status != 429:
        raise AuthError(Code.APP_REJECTED, detail={"message": message_of(answer)}, raw=answer.raw())
    if not answer.ok:
        refuse(answer)
