"""Connecting Facebook Pages: code → short token → long-lived token → the Pages, each with a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data, network_settings
from socialops.networks.errors import AuthError, Code
from socialops.networks.facebook.answers import GONE, NETWORK, call, call_with, error_code, graph, refuse
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, Target

PAGE_FIELDS = "id,name,username,link,access_token,tasks,picture.type(large)"
DEAD_TOKEN = ((190, 0), (190, 458), (190, 460), (190, 463), (190, 467), GONE)


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_id, _secret = app_credentials(NETWORK, app)
    facts = network_data(NETWORK)
    state = new_state()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": ",".join(facts["oauth"]["scopes"]),
        "response_type": "code",
        "auth_type": "rerequest",  # asks again for what was declined the last time
    }
    dialog = http.origin_of(base_url or network_settings(NETWORK)["base_url"] or facts["hosts"]["dialog"])
    url = f"{dialog}/{facts['hosts']['version']}/dialog/oauth?{urlencode(query)}"
    return Authorization(url=url, state=state, pending={"state": state, "base_url": base_url})


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    code = returned_code(query, pending)
    client_id, secret = app_credentials(NETWORK, app)
    root = graph(str(pending.get("base_url") or ""))
    us = {"client_id": client_id, "client_secret": secret}
    short = _token(root, {**us, "redirect_uri": redirect_uri, "code": code}, (secret, code))
    exchange = {**us, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
    token = _token(root, exchange, (secret, short))
    person = call_with(token, "GET", f"{root}/me", params={"fields": "id"}, secret=secret).text("id")
    granted = _granted(root, token, secret)
    return tuple(_pages(root, token, secret, person, granted))


def _token(root: str, form: Mapping[str, str], secrets: tuple[str, ...]) -> str:
    answer = http.call("POST", f"{root}/oauth/access_token", form=form, secrets=secrets)
    code, _subcode = error_code(answer)
    if code == 101:
        raise AuthError(Code.APP_REJECTED, raw=answer.raw())
    if code == 100 or (not answer.ok and 400 <= answer.status < 500 and answer.status != 429 and not code):
        raise AuthError(Code.CODE_EXPIRED, raw=answer.raw())
    if not answer.ok:
        refuse(answer)
    return answer.text("access_token")


def _granted(root: str, token: str, secret: str) -> tuple[str, ...]:
    answer = call_with(token, "GET", f"{root}/me/permissions", secret=secret)
    rows = answer.object().get("data")
    return tuple(
        str(row.get("permission"))
        for row in (rows if isinstance(rows, list) else answer.unexpected())
        if row.get("status") == "granted"
    )


def _pages(root: str, token: str, secret: str, person: str, granted: tuple[str, ...]) -> list[Account]:
    """Every Page the person may publish on; an empty page of results may still have a next one."""
    rule = network_data(NETWORK)["oauth"]
    params: dict[str, Any] = {"fields": PAGE_FIELDS, "limit": rule["pages_page_size"]}
    missing = tuple(scope for scope in rule["scopes"] if scope not in granted)
    accounts: list[Account] = []
    for _page in range(rule["pages_limit"]):
        answer = call_with(token, "GET", f"{root}/me/accounts", params=params, secret=secret)
        rows = answer.object().get("data")
        for row in rows if isinstance(rows, list) else answer.unexpected():
            tasks = row.get("tasks")
            may_publish = not isinstance(tasks, list) or bool(set(tasks) & set(rule["tasks"]))
            if row.get("access_token") and may_publish:
                values = {"access_token": row["access_token"], "user_token": token, "user_id": person}
                accounts.append(_account(row, Credentials(values, None, granted), missing))
        paging = answer.object().get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        # The next address is built here: the one in the answer carries the token and could lead anywhere.
        if not paging.get("next") or not after or after == params.get("after"):
            break
        params["after"] = after
    return accounts


def _account(row: Mapping[str, Any], credentials: Credentials, missing: tuple[str, ...]) -> Account:
    page_id = str(row["id"])
    picture = (row.get("picture") or {}).get("data") or {}
    return Account(
        external_id=page_id,
        handle=str(row.get("username") or row.get("name") or page_id),
        name=str(row.get("name") or page_id),
        url=str(row.get("link") or f"{network_data(NETWORK)['hosts']['app']}/{page_id}"),
        avatar_url=str(picture.get("url") or ""),
        credentials=credentials,
        missing_scopes=missing,
    )


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A Page token made elsewhere (a system user's, for example)."""
    token = values.get("access_token", "").strip()
    return verify(Target(NETWORK, base_url, "me", "", Credentials({"access_token": token})))


def verify(target: Target) -> Account:
    fields = {"fields": "id,name,username,link,picture.type(large)"}
    answer = call(target, "GET", target.external_id, params=fields)
    answer.text("id")
    granted = target.credentials.scopes
    wanted = network_data(NETWORK)["oauth"]["scopes"]
    missing = tuple(scope for scope in wanted if scope not in granted) if granted else ()
    return _account(answer.object(), target.credentials, missing)


def revoke(target: Target) -> None:
    """Takes the app's permissions from the person who connected, which ends all their Pages' tokens."""
    token = str(target.credentials.values.get("user_token") or "")
    person = str(target.credentials.values.get("user_id") or "")
    if token and person:
        url = f"{graph(target.base_url)}/{person}/permissions"
        call_with(token, "DELETE", url, accept=DEAD_TOKEN)
