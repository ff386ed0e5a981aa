"""Facebook Login, by which Pages and the Instagram accounts linked to them are connected: code → short token → long-lived token → the Pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from socialops.networks import http
from socialops.networks.data import app_credentials, network_data
from socialops.networks.errors import AuthError, Code
from socialops.networks.meta.graph import GONE, META, error_code, next_page, refuse, root, rows, send
from socialops.networks.pkce import new_state, returned_code
from socialops.networks.ports import Authorization, Credentials, Target

DEAD_TOKEN = ((190, 0), (190, 458), (190, 460), (190, 463), (190, 467), GONE)
BUSINESSES = "business_management"


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who logged in: their long-lived token (60 days), their id, and what they granted."""

    network: str
    root: str
    secret: str
    token: str
    person: str
    granted: tuple[str, ...]

    def get(self, path: str, **params: Any) -> http.Answer:
        return send(self.network, self.token, "GET", f"{self.root}/{path}", params=params, secret=self.secret)

    def page_credentials(self, page: Mapping[str, Any]) -> Credentials:
        """A Page's own token: made with a long-lived token it has no end."""
        values = {"access_token": str(page["access_token"]), "user_token": self.token, "user_id": self.person}
        return Credentials(values, None, self.granted)


def authorization(network: str, *, base_url: str, redirect_uri: str, app: Mapping[str, Any]) -> Authorization:
    client_id, _secret = app_credentials(network, app)
    state = new_state()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": ",".join(network_data(network)["oauth"]["scopes"]),
        "response_type": "code",
        "auth_type": "rerequest",  # asks again for what was declined the last time
    }
    url = f"{root(network, base_url, 'dialog')}/dialog/oauth?{urlencode(query)}"
    return Authorization(url=url, state=state, pending={"state": state, "base_url": base_url})


def complete(
    network: str, *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> Login:
    code = returned_code(query, pending)
    client_id, secret = app_credentials(network, app)
    api = root(network, str(pending.get("base_url") or ""))
    us = {"client_id": client_id, "client_secret": secret}
    short = _token(api, {**us, "redirect_uri": redirect_uri, "code": code}, (secret, code))
    exchange = {**us, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
    token = _token(api, exchange, (secret, short))
    person = send(network, token, "GET", f"{api}/me", params={"fields": "id"}, secret=secret).text("id")
    permissions = rows(send(network, token, "GET", f"{api}/me/permissions", secret=secret))
    granted = tuple(str(row.get("permission")) for row in permissions if row.get("status") == "granted")
    return Login(network, api, secret, token, person, granted)


def _token(api: str, form: Mapping[str, str], secrets: tuple[str, ...]) -> str:
    answer = http.call("POST", f"{api}/oauth/access_token", form=form, secrets=secrets)
    code, _subcode = error_code(answer)
    if _app_is_wrong(answer):
        raise AuthError(Code.APP_REJECTED, raw=answer.raw())
    if code == 100 or (not answer.ok and 400 <= answer.status < 500 and answer.status != 429 and not code):
        raise AuthError(Code.CODE_EXPIRED, raw=answer.raw())
    if not answer.ok:
        refuse(answer)
    return answer.text("access_token")


def _app_is_wrong(answer: http.Answer) -> bool:
    """101 for an unknown app; a wrong secret comes as 1, the code of anything unknown."""
    code, _subcode = error_code(answer)
    said = str((answer.error_object().get("error") or {}).get("message") or "") if code else ""
    return code == 101 or (code == 1 and "client secret" in said)


def check_app(network: str, app: Mapping[str, str]) -> None:
    """An app's own token is given to whoever knows its secret. AuthError app_rejected."""
    client_id, secret = app_credentials(network, app)
    form = {"client_id": client_id, "client_secret": secret, "grant_type": "client_credentials"}
    _token(root(network), form, (secret,))


def missing_scopes(network: str, granted: tuple[str, ...]) -> tuple[str, ...]:
    """What we asked for and didn't get; () where nobody told what was granted."""
    wanted = network_data(network)["oauth"]["scopes"]
    return tuple(scope for scope in wanted if scope not in granted) if granted else ()


def list_pages(login: Login, fields: str) -> Iterator[Mapping[str, Any]]:
    """Every Page the person may publish on, once; those they reach only through a business too, where they let us look there."""
    edges = ["me/accounts"]
    if BUSINESSES in login.granted:
        edges += [
            f"{business['id']}/{edge}"
            for business in _every(login, "me/businesses", "id")
            for edge in ("owned_pages", "client_pages")
        ]
    known: set[str] = set()
    may_publish = set(network_data(META)["login"]["tasks"])
    for edge in edges:
        for row in _every(login, edge, fields):
            if (
                row["id"] not in known
                and row.get("access_token")
                and may_publish & set(row.get("tasks") or may_publish)
            ):
                known.add(str(row["id"]))
                yield row


def _every(login: Login, edge: str, fields: str) -> Iterator[Mapping[str, Any]]:
    """An empty page of results may still have a next one."""
    rule = network_data(META)["login"]
    params: dict[str, Any] = {"fields": fields, "limit": rule["pages_page_size"]}
    for _page in range(rule["pages_limit"]):
        answer = login.get(edge, **params)
        yield from rows(answer)
        after = next_page(answer)
        if not after or after == params.get("after"):
            return
        params["after"] = after


def consent(credentials: Credentials) -> str:
    """The person's, for all their Pages and the Instagram accounts of these; Instagram's own login knows none."""
    person = str(credentials.values.get("user_id") or "")
    return f"meta {person}" if person else ""


def revoke(target: Target) -> None:
    """Takes the app's permissions from the person who connected, which ends all their Pages' tokens."""
    token = str(target.credentials.values.get("user_token") or "")
    person = str(target.credentials.values.get("user_id") or "")
    if token and person:
        url = f"{root(target.network, target.base_url)}/{person}/permissions"
        send(target.network, token, "DELETE", url, secret=target.app.get("client_secret"), accept=DEAD_TOKEN)
