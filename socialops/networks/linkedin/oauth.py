"""Connecting LinkedIn: one consent of a member gives their own profile and every Page they may publish on.

All of them act with the member's token. It lives 60 days; where LinkedIn approved the app for it, a refresh token renews it until 365 days after the consent, an end that
refreshing never moves: then the person consents anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.linkedin.answers import NETWORK, call, call_with, elements, host, is_organization, refuse
from socialops.networks.linkedin.people import name_of
from socialops.networks.linkedin.restli import address
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target


def scopes_asked() -> tuple[str, ...]:
    """The one set we ever ask for: LINKEDIN_SCOPES where the app isn't one for Community Management, else the data file's."""
    own = network_settings(NETWORK).get("scopes", "").replace(",", " ").split()
    return tuple(own or network_data(NETWORK)["oauth"]["scopes"])


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_id, _secret = app_credentials(NETWORK, app)
    state = new_state()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(scopes_asked()),
    }
    url = f"{host(base_url, 'web')}/oauth/v2/authorization?{urlencode(query, quote_via=quote)}"
    return Authorization(url=url, state=state, pending={"state": state, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    if query.get("error") == "unauthorized_scope_error":
        raise AuthError(Code.APP_NOT_APPROVED, detail={"message": query.get("error_description", "")})
    code = returned_code(query, pending)
    base_url = str(pending.get("base_url") or "")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    answer = _token_call(base_url, app, form, (code,))
    credentials = _credentials(answer, {})
    return _accounts(base_url, credentials)


def _token_call(
    base_url: str, app: Mapping[str, Any], form: Mapping[str, str], secrets: tuple[str, ...], path: str = "accessToken"
) -> http.Answer:
    """A call on behalf of our app. AuthError app_rejected when it isn't known there, code_expired when what was presented is."""
    client_id, secret = app_credentials(NETWORK, app)
    answer = http.call(
        "POST",
        f"{host(base_url, 'web')}/oauth/v2/{path}",
        form={**form, "client_id": client_id, "client_secret": secret},
        secrets=(secret, *secrets),
    )
    if answer.ok or answer.status >= 500 or answer.status == 429:
        return answer if answer.ok else refuse(answer)
    said = str(answer.error_object().get("error") or "")
    code = Code.APP_REJECTED if said == "invalid_client" or answer.status == 401 else Code.CODE_EXPIRED
    raise AuthError(code, detail={"message": answer.error_object().get("error_description", "")}, raw=answer.raw())


def _credentials(answer: http.Answer, kept: Mapping[str, Any], *, scopes: Sequence[str] = ()) -> Credentials:
    """`kept` are the values known before: a refresh token stays when none comes, and its end always does."""
    said, now = answer.object(), datetime.now(UTC)
    values: dict[str, Any] = {**kept, "access_token": answer.text("access_token")}
    if said.get("refresh_token"):
        values["refresh_token"] = str(said["refresh_token"])
    if seconds := _seconds(said, "refresh_token_expires_in"):
        told = (now + timedelta(seconds=seconds)).isoformat()
        values["refresh_expires_at"] = min(str(kept.get("refresh_expires_at") or told), told)
    seconds = _seconds(said, "expires_in")
    # The scope is asked with spaces and comes back with commas.
    granted = tuple(str(said.get("scope") or "").replace(",", " ").split()) or tuple(scopes)
    return Credentials(values, now + timedelta(seconds=seconds) if seconds else None, granted)


def _seconds(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) and value > 0 else 0


# ---------------------------------------------------------------- who can be connected


def _accounts(base_url: str, credentials: Credentials) -> tuple[Account, ...]:
    token = str(credentials.values["access_token"])
    root = host(base_url, "api")
    person = _member(token, root, credentials.scopes)
    kept = {**credentials.values, "member": person["urn"]}
    pages = _pages(token, root) or {}
    known = _described(token, root, list(pages))
    found = []
    for urn, roles in pages.items():
        own = Credentials({**kept, "roles": roles}, credentials.expires_at, credentials.scopes)
        found.append(_page(_target(base_url, urn, own), known.get(urn)))
    if "w_member_social" in credentials.scopes:
        found.append(_profile(base_url, person, Credentials(kept, credentials.expires_at, credentials.scopes)))
    return tuple(found)


def _target(base_url: str, urn: str, credentials: Credentials) -> Target:
    return Target(NETWORK, base_url, urn, "", credentials)


def _member(token: str, root: str, scopes: Sequence[str]) -> dict[str, str]:
    """Who consented: by their basic profile, else by OpenID where the app has that instead."""
    if "openid" not in scopes:
        answer = call_with(token, "GET", f"{root}/v2/me", accept=(403,))
        if answer.ok:
            said = answer.object()
            urn, handle = f"urn:li:person:{answer.text('id')}", str(said.get("vanityName") or "")
            return {"urn": urn, "name": name_of(said), "handle": handle, "picture": ""}
    answer = call_with(token, "GET", f"{root}/v2/userinfo")
    said = answer.object()
    urn, picture = f"urn:li:person:{answer.text('sub')}", str(said.get("picture") or "")
    return {"urn": urn, "name": name_of(said), "handle": "", "picture": picture}


def _pages(token: str, root: str) -> dict[str, list[str]] | None:
    """The Pages the member may publish on, with their roles there. None without rw_organization_admin, as for an app that only shares for members."""
    rule, allowed = network_data(NETWORK)["oauth"], set(network_data(NETWORK)["roles"]["publish"])
    size = rule["acls_page_size"]
    roles: dict[str, list[str]] = {}
    for page in range(rule["acls_pages"]):
        where = address("organizationAcls", q="roleAssignee", state="APPROVED", count=size, start=page * size)
        answer = call_with(token, "GET", f"{root}/rest/{where}", accept=(403,))
        if answer.status == 403:
            return None
        rows = elements(answer)
        for row in rows:
            urn = str(row.get("organization") or row.get("organizationTarget") or "")
            if urn.startswith("urn:li:organization:") and row.get("state", "APPROVED") == "APPROVED":
                roles.setdefault(urn, []).append(str(row.get("role") or ""))
        if len(rows) < size:
            break
    return {urn: held for urn, held in roles.items() if allowed & set(held)}


def _described(token: str, root: str, urns: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What Pages are called, many a call. A development-tier app may not: {} then, and each is asked for by itself."""
    size = network_data(NETWORK)["oauth"]["lookup_size"]
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(urns), size):
        numbers = [urn.rpartition(":")[2] for urn in urns[start : start + size]]
        url = f"{root}/rest/{address('organizationsLookup', ids=numbers)}"
        answer = call_with(token, "GET", url, accept=(400, 403))
        results = answer.object().get("results") if answer.ok else None
        for number, row in (results or {}).items():
            found[f"urn:li:organization:{number}"] = row
    return found


def _page(target: Target, known: Mapping[str, Any] | None = None) -> Account:
    number = target.external_id.rpartition(":")[2]
    said = known or call(target, "GET", address("organizations", number)).object()
    vanity = str(said.get("vanityName") or "")
    return Account(
        external_id=target.external_id,
        handle=vanity or number,
        name=name_of(said) or vanity or number,
        url=f"{host(target.base_url, 'web')}/company/{vanity or number}",
        credentials=target.credentials,
        missing_scopes=_missing("organization", target.credentials.scopes),
    )


def _profile(base_url: str, person: Mapping[str, str], credentials: Credentials) -> Account:
    urn, handle = person["urn"], person["handle"]
    web = host(base_url, "web")
    return Account(
        external_id=urn,
        handle=handle or person["name"] or urn,
        name=person["name"] or urn,
        url=f"{web}/in/{handle}" if handle else web,
        avatar_url=person["picture"],
        credentials=credentials,
        missing_scopes=_missing("member", credentials.scopes),
    )


def _missing(kind: str, granted: Sequence[str]) -> tuple[str, ...]:
    """What this kind of account needs, was asked for, and was not granted. () where the token doesn't tell its scopes."""
    wanted = set(network_data(NETWORK)["oauth"][kind])
    return tuple(scope for scope in scopes_asked() if scope in wanted and scope not in granted) if granted else ()


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A token made elsewhere: for the Page named by `organization` (its URN), else for the only Page it may publish on, else for its member."""
    token, wanted = values.get("access_token", "").strip(), values.get("organization", "")
    scopes = tuple(values.get("scopes", "").replace(",", " ").split())
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    root = host(base_url, "api")
    pages = _pages(token, root) or {}
    if wanted and wanted not in pages:
        raise AuthError(Code.ROLE_LOST)
    person = _member(token, root, scopes)
    kept = {"access_token": token, "member": person["urn"]}
    chosen = wanted or (next(iter(pages)) if len(pages) == 1 else "")
    if not chosen:
        return _profile(base_url, person, Credentials(kept, None, scopes))
    return _page(_target(base_url, chosen, Credentials({**kept, "roles": pages[chosen]}, None, scopes)))


def verify(target: Target) -> Account:
    """Who it is now; for a Page also whether its person may still publish there. AuthError role_lost when not."""
    token = str(target.credentials.values.get("access_token") or "")
    root = host(target.base_url, "api")
    if not is_organization(target):
        person = _member(token, root, target.credentials.scopes)
        if person["urn"] != target.external_id:
            raise AuthError(Code.ACCOUNT_NOT_FOUND)
        return _profile(target.base_url, person, target.credentials)
    pages = _pages(token, root)
    if pages is not None and target.external_id not in pages:
        raise AuthError(Code.ROLE_LOST)
    return _page(target)


# ---------------------------------------------------------------- the life of a token


def refresh(target: Target) -> Credentials | None:
    """A new access token. The refresh token's end was fixed at the consent: once the access token lasts about as long, refreshing gains nothing, and None lets the
    person be asked to reconnect in time; past that end AuthError token_expired.
    """
    values, now = target.credentials.values, datetime.now(UTC)
    ends_at, refresh_ends_at = target.credentials.expires_at, _refresh_end(values)
    over = ends_at is not None and ends_at <= now
    if not values.get("refresh_token") or (refresh_ends_at is not None and refresh_ends_at <= now):
        if over:
            raise AuthError(Code.TOKEN_EXPIRED)
        return None
    least = timedelta(seconds=network_data(NETWORK)["oauth"]["refresh_gain_seconds"])
    if not over and refresh_ends_at is not None and ends_at is not None and refresh_ends_at - ends_at < least:
        return None
    token = str(values["refresh_token"])
    form = {"grant_type": "refresh_token", "refresh_token": token}
    try:
        answer = _token_call(target.base_url, target.app, form, (token,))
    except AuthError as error:
        if error.code == Code.CODE_EXPIRED:  # LinkedIn may end a refresh token before its time
            raise AuthError(Code.TOKEN_EXPIRED, detail=error.detail, raw=error.raw) from error
        raise
    fresh = _credentials(answer, values, scopes=target.credentials.scopes)
    end = _refresh_end(fresh.values)
    if end is not None and fresh.expires_at is not None:
        return Credentials(fresh.values, min(fresh.expires_at, end), fresh.scopes)
    return fresh


def _refresh_end(values: Mapping[str, Any]) -> datetime | None:
    told = values.get("refresh_expires_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def consent(credentials: Credentials) -> str:
    """The member's, for all the Pages they connected."""
    return str(credentials.values.get("member") or "")


def revoke(target: Target, *, app: Mapping[str, Any]) -> None:
    """Gives the member's token back, which all accounts connected in the same consent share. One that is already dead is success."""
    token = str(target.credentials.values.get("access_token") or "")
    if not token:
        return
    try:
        _token_call(target.base_url, app or target.app, {"token": token}, (token,), "revoke")
    except AuthError as error:
        if error.code != Code.CODE_EXPIRED:
            raise


def check_app(*, app: Mapping[str, str]) -> None:
    """LinkedIn has no call for it: whoever asks about a made-up token with the wrong secret is told so before anything else."""
    try:
        _token_call("", app, {"token": "none"}, (), "introspectToken")
    except AuthError as error:
        if error.code != Code.CODE_EXPIRED:
            raise
