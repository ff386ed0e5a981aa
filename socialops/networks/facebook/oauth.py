"""Connecting Facebook Pages: Facebook Login, then the Pages, each with a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialops.networks.facebook.answers import NETWORK, web_url
from socialops.networks.meta import login
from socialops.networks.meta.graph import call
from socialops.networks.ports import Account, Credentials, Target

PAGE_FIELDS = "id,name,username,link,access_token,tasks,picture.type(large)"


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str, app: Mapping[str, Any]
) -> tuple[Account, ...]:
    person = login.complete(NETWORK, query=query, pending=pending, redirect_uri=redirect_uri, app=app)
    return tuple(_account(page, person.page_credentials(page)) for page in login.list_pages(person, PAGE_FIELDS))


def _account(row: Mapping[str, Any], credentials: Credentials) -> Account:
    page_id = str(row["id"])
    picture = (row.get("picture") or {}).get("data") or {}
    return Account(
        external_id=page_id,
        handle=str(row.get("username") or row.get("name") or page_id),
        name=str(row.get("name") or page_id),
        url=str(row.get("link") or web_url(page_id)),
        avatar_url=str(picture.get("url") or ""),
        credentials=credentials,
        missing_scopes=login.missing_scopes(NETWORK, credentials.scopes),
    )


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    """A Page token made elsewhere (a system user's, for example)."""
    token = values.get("access_token", "").strip()
    return verify(Target(NETWORK, base_url, "me", "", Credentials({"access_token": token})))


def verify(target: Target) -> Account:
    fields = {"fields": "id,name,username,link,picture.type(large)"}
    answer = call(target, "GET", target.external_id, params=fields)
    answer.text("id")
    return _account(answer.object(), target.credentials)
