"""Connecting Instagram accounts: by Facebook Login (those linked to a Page, several at once), or by Instagram's own login (one, without a Page).

An app's `login` ("facebook" or "instagram") says which, `[oauth] login` of the data file where it doesn't. How an account was connected is kept in its credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data
from socialops.networks.errors import AuthError, Code, ValidationError
from socialops.networks.instagram.answers import FACEBOOK_LOGIN, INSTAGRAM_LOGIN, NETWORK, profile_url
from socialops.networks.meta import login as facebook_login
from socialops.networks.meta.graph import by_instagram_login, call, origin, refuse, token_of
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target

USER_FIELDS = "id,username,name,profile_picture_url"
PAGE_FIELDS = f"id,name,access_token,tasks,instagram_business_account{{{USER_FIELDS}}}"
OWN_FIELDS = "user_id,username,name,profile_picture_url"
TOKEN_PREFIX = "IG"  # noqa: S105 -- how tokens of Instagram's own login begin


def login_of(app: Mapping[str, Any]) -> str:
    return str(app.get("login") or network_data(NETWORK)["oauth"]["login"])


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    if login_of(app) != INSTAGRAM_LOGIN:
        started = facebook_login.authorization(NETWORK, base_url=base_url, redirect_uri=redirect_uri, app=app)
        return Authorization(started.url, started.state, {**started.pending, "login": FACEBOOK_LOGIN})
    client_id, _secret = app_credentials(NETWORK, app)
    state = new_state()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": ",".join(network_data(NETWORK)["oauth"]["instagram_scopes"]),
        "state": state,
        "enable_fb_login": "0",
        "force_reauth": "true",
    }
    url = f"{origin(NETWORK, base_url, 'instagram_dialog')}/oauth/authorize?{urlencode(query)}"
    return Authorization(url, state, {"state": state, "base_url": base_url, "login": INSTAGRAM_LOGIN})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    if pending.get("login") == INSTAGRAM_LOGIN:
        return (_complete_own(query=query, pending=pending, redirect_uri=redirect_uri, app=app),)
    person = facebook_login.complete(NETWORK, query=query, pending=pending, redirect_uri=redirect_uri, app=app)
    return tuple(
        _linked(page, person.page_credentials(page))
        for page in facebook_login.list_pages(person, PAGE_FIELDS)
        if _of(page)
    )


def _of(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The professional account linked to a Page. `connected_instagram_account` is a weaker link, which can't publish."""
    found = page.get("instagram_business_account")
    return found if isinstance(found, dict) and found.get("id") else None


def _linked(page: Mapping[str, Any], credentials: Credentials) -> Account:
    user = _of(page)
    if user is None:
        raise AuthError(Code.ACCOUNT_NOT_FOUND)
    values = {**credentials.values, "login": FACEBOOK_LOGIN, "page_id": str(page["id"])}
    whole = Credentials(values, credentials.expires_at, credentials.scopes)
    return _account(str(user["id"]), user, whole)


def _account(external_id: str, user: Mapping[str, Any], credentials: Credentials) -> Account:
    handle = str(user.get("username") or external_id)
    return Account(
        external_id=external_id,
        handle=handle,
        name=str(user.get("name") or handle),
        url=profile_url(handle),
        avatar_url=str(user.get("profile_picture_url") or ""),
        credentials=credentials,
        missing_scopes=_missing(credentials),
    )


def _missing(credentials: Credentials) -> tuple[str, ...]:
    if credentials.values.get("login") != INSTAGRAM_LOGIN:
        return facebook_login.missing_scopes(NETWORK, credentials.scopes)
    wanted = network_data(NETWORK)["oauth"]["instagram_scopes"]
    return tuple(scope for scope in wanted if scope not in credentials.scopes) if credentials.scopes else ()


# ---------------------------------------------------------------- Instagram's own login


def _complete_own(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> Account:
    code = returned_code(query, pending).removesuffix("#_")
    client_id, secret = app_credentials(NETWORK, app)
    base_url = str(pending.get("base_url") or "")
    form = {
        "client_id": client_id,
        "client_secret": secret,
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
        "code": code,
    }
    url = f"{origin(NETWORK, base_url, 'instagram_login')}/oauth/access_token"
    answer = http.call("POST", url, form=form, secrets=(secret, code))
    if not answer.ok:
        _refuse_code(answer)
    short, scopes = _short_token(answer)
    asked = {"grant_type": "ig_exchange_token", "client_secret": secret, "access_token": short}
    credentials = _long(base_url, "access_token", asked, scopes)
    return verify(Target(NETWORK, base_url, "me", "", credentials))


def _short_token(answer: http.Answer) -> tuple[str, tuple[str, ...]]:
    """(token, scopes): the documentation wraps them in a list, what is really answered often doesn't; the scopes come as a list or with commas."""
    wrapped = answer.object().get("data")
    found = wrapped[0] if isinstance(wrapped, list) and wrapped and isinstance(wrapped[0], dict) else answer.object()
    token, permissions = found.get("access_token"), found.get("permissions") or ()
    if not isinstance(token, str) or not token:
        answer.unexpected()
    names = permissions.split(",") if isinstance(permissions, str) else permissions
    return token, tuple(str(name).strip() for name in names)


def _refuse_code(answer: http.Answer) -> None:
    """`{"error_type", "code", "error_message"}`, a shape of its own."""
    message = str(answer.error_object().get("error_message") or "")
    if answer.status in (400, 401, 403) and "client" in message.lower():
        raise AuthError(Code.APP_REJECTED, detail={"message": message}, raw=answer.raw())
    if 400 <= answer.status < 500 and answer.status != 429:
        raise AuthError(Code.CODE_EXPIRED, detail={"message": message}, raw=answer.raw())
    refuse(answer)


def _long(base_url: str, path: str, asked: Mapping[str, str], scopes: tuple[str, ...]) -> Credentials:
    """A token of 60 days. Meta wants the one before in the address: it is redacted in all we keep of the call."""
    secrets = (asked["access_token"], asked.get("client_secret", ""))
    url = f"{origin(NETWORK, base_url, 'instagram_graph')}/{path}"
    answer = http.call("GET", url, params=asked, secrets=secrets)
    if not answer.ok:
        refuse(answer)
    now = datetime.now(UTC)
    lifetime = answer.object().get("expires_in")
    expires_at = now + timedelta(seconds=lifetime) if isinstance(lifetime, int) else None
    values = {"access_token": answer.text("access_token"), "login": INSTAGRAM_LOGIN, "issued_at": now.isoformat()}
    return Credentials(values, expires_at, scopes)


def refresh(target: Target) -> Credentials | None:
    """A new token of 60 days for one of Instagram's own login that is a day old; one that has expired needs a person. A Page's token has no end."""
    if not by_instagram_login(target):
        return None
    kept, rule = target.credentials, network_data(NETWORK)["oauth"]
    issued = kept.values.get("issued_at")
    young = timedelta(hours=rule["refresh_after_hours"])
    if isinstance(issued, str) and datetime.fromisoformat(issued) + young > datetime.now(UTC):
        return None
    asked = {"grant_type": "ig_refresh_token", "access_token": token_of(target)}
    try:
        fresh = _long(target.base_url, "refresh_access_token", asked, kept.scopes)
    except ValidationError:
        return None  # too young after all: it lives on
    return Credentials({**kept.values, **fresh.values}, fresh.expires_at, kept.scopes)


# ---------------------------------------------------------------- both


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A Page's token (a system user's, for example), or one of Instagram's own login, told apart by how it begins or by `login`."""
    token = values.get("access_token", "").strip()
    own = values.get("login") == INSTAGRAM_LOGIN or token.startswith(TOKEN_PREFIX)
    login = INSTAGRAM_LOGIN if own else FACEBOOK_LOGIN
    return verify(Target(NETWORK, base_url, "me", "", Credentials({"access_token": token, "login": login})))


def verify(target: Target) -> Account:
    """The account as it is now. With Facebook Login it is asked through its Page while its own id isn't known."""
    if by_instagram_login(target):
        answer = call(target, "GET", "me", params={"fields": OWN_FIELDS})
        return _account(answer.text("user_id"), answer.object(), target.credentials)
    if target.external_id != "me":
        answer = call(target, "GET", target.external_id, params={"fields": USER_FIELDS})
        return _account(answer.text("id"), answer.object(), target.credentials)
    answer = call(target, "GET", "me", params={"fields": f"id,instagram_business_account{{{USER_FIELDS}}}"})
    answer.text("id")
    return _linked(answer.object(), target.credentials)


def check_app(app: Mapping[str, str]) -> None:
    """Instagram's own login has no way to ask before somebody logs in."""
    if login_of(app) == INSTAGRAM_LOGIN:
        app_credentials(NETWORK, app)
    else:
        facebook_login.check_app(NETWORK, app)
