"""Connecting a TikTok account: Login Kit's round trip, tokens of a day, refresh tokens of a year that may change at each use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code, OutageError
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target
from socialops.networks.tiktok.answers import NETWORK, api, call, data_of, error_of

APP_UNKNOWN = ("invalid_client", "unauthorized_client", "invalid_client_key")


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_key, _secret = app_credentials(NETWORK, app)
    facts = network_data(NETWORK)
    state = new_state()
    query = {
        "client_key": client_key,
        "response_type": "code",
        "scope": ",".join(facts["oauth"]["scopes"]),
        "redirect_uri": redirect_uri,
        "state": state,
        "disable_auto_auth": "1",  # shows the page again: what was declined can be granted now
    }
    dialog = http.origin_of(base_url or network_settings(NETWORK)["base_url"] or facts["hosts"]["dialog"])
    url = f"{dialog}/v2/auth/authorize/?{urlencode(query, safe=',')}"
    return Authorization(url=url, state=state, pending={"state": state, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    code = returned_code(query, pending)
    base_url = str(pending.get("base_url") or "")
    answer = _token(
        base_url, app, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}, code
    )
    if not answer.ok or error_of(answer)[0]:
        _refuse_grant(answer, Code.CODE_EXPIRED)
    credentials = _credentials(answer, {}, tuple(_listed(query.get("scopes", ""))))
    return (verify(Target(NETWORK, base_url, answer.text("open_id"), "", credentials)),)


def _token(base_url: str, app: Mapping[str, Any], form: Mapping[str, str], *secrets: str) -> http.Answer:
    client_key, client_secret = app_credentials(NETWORK, app)
    form = {"client_key": client_key, "client_secret": client_secret, **form}
    return http.call("POST", f"{api(base_url)}/v2/oauth/token/", form=form, secrets=(client_secret, *secrets))


def _refuse_grant(answer: http.Answer, refused: Code) -> None:
    """The token endpoint's errors are flat, and may come with HTTP 200."""
    name, message = error_of(answer)
    if answer.status >= 500 or answer.status == 429:
        raise OutageError(Code.SERVER_ERROR, detail={"status": answer.status}, raw=answer.raw())
    code = Code.APP_REJECTED if name in APP_UNKNOWN else refused
    raise AuthError(code, detail={"message": message or name}, raw=answer.raw())


def _listed(scopes: str) -> Iterable[str]:
    return (scope.strip() for scope in scopes.split(",") if scope.strip())


def _credentials(answer: http.Answer, kept: Mapping[str, Any], asked: tuple[str, ...]) -> Credentials:
    """An answer without a refresh token keeps the one we have."""
    body = answer.object()
    values = {**kept, "access_token": answer.text("access_token")}
    if body.get("refresh_token"):
        values["refresh_token"] = str(body["refresh_token"])
    seconds = body.get("expires_in")
    ends_at = datetime.now(UTC) + timedelta(seconds=seconds) if isinstance(seconds, int) else None
    return Credentials(values, ends_at, tuple(_listed(str(body.get("scope") or ""))) or asked)


def refresh(target: Target) -> Credentials | None:
    token = str(target.credentials.values.get("refresh_token") or "")
    if not token:
        if target.credentials.expires_at is None:
            return None
        raise AuthError(Code.TOKEN_MISSING)
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = _token(target.base_url, target.app, form, token)
    if not answer.ok or error_of(answer)[0]:
        _refuse_grant(answer, Code.TOKEN_REVOKED)
    return _credentials(answer, target.credentials.values, target.credentials.scopes)


def revoke(target: Target, *, app: Mapping[str, Any]) -> None:
    """Ends both tokens. One that is already dead is refused, which is as good."""
    token = str(target.credentials.values.get("access_token") or "")
    client_key, client_secret = app_credentials(NETWORK, app or target.app)
    form = {"client_key": client_key, "client_secret": client_secret, "token": token}
    answer = http.call("POST", f"{api(target.base_url)}/v2/oauth/revoke/", form=form, secrets=(client_secret, token))
    if answer.status >= 500 or answer.status == 429 or error_of(answer)[0] in APP_UNKNOWN:
        _refuse_grant(answer, Code.TOKEN_REVOKED)


def check_app(*, app: Mapping[str, str], redirect_uri: str) -> None:
    """A code that is none is refused for itself where the app is known, for the app's sake where it isn't."""
    form = {"grant_type": "authorization_code", "code": "check", "redirect_uri": redirect_uri}
    answer = _token("", app, form)
    if error_of(answer)[0] in APP_UNKNOWN or answer.status >= 500:
        _refuse_grant(answer, Code.APP_REJECTED)


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A token made elsewhere, with its refresh token where there is one; `scopes` comma separated, all of ours unless told."""
    known = {name: values[name].strip() for name in ("access_token", "refresh_token") if values.get(name)}
    scopes = tuple(_listed(values.get("scopes", ""))) or tuple(network_data(NETWORK)["oauth"]["scopes"])
    return verify(Target(NETWORK, base_url, "", "", Credentials(known, None, scopes)))


def verify(target: Target) -> Account:
    facts = network_data(NETWORK)
    user = read_user(target)
    open_id = str(user.get("open_id") or target.external_id)
    username, name = str(user.get("username") or ""), str(user.get("display_name") or "")
    granted = target.credentials.scopes
    return Account(
        external_id=open_id,
        handle=f"@{username}" if username else name or open_id,
        name=name or username or open_id,
        url=str(user.get("profile_deep_link") or profile_url(target.base_url, username)),
        avatar_url=str(user.get("avatar_url") or ""),
        credentials=target.credentials,
        missing_scopes=tuple(scope for scope in facts["oauth"]["scopes"] if granted and scope not in granted),
    )


def profile_url(base_url: str, username: str) -> str:
    """By TikTok's convention, which no reference promises."""
    root = http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["app"])
    return f"{root}/@{username}" if username else root


def read_user(target: Target) -> Mapping[str, Any]:
    """user/info with the fields that the granted scopes give."""
    table: Mapping[str, list[str]] = network_data(NETWORK)["oauth"]["fields"]
    granted = target.credentials.scopes or tuple(table)
    fields = [field for scope, names in table.items() if scope in granted for field in names]
    answer = call(target, "GET", "/v2/user/info/", params={"fields": ",".join(fields)})
    user = data_of(answer).get("user")
    return user if isinstance(user, dict) else answer.unexpected()
