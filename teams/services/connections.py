"""Talking to a network while connecting or disconnecting, and about our apps there: never inside a transaction.

`start` and `finish` open tenant() around their reads and writes themselves; what must be kept between the two is handed to the caller, who keeps it
encrypted and tied to the person's session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from socialops.networks.errors import AuthError, Code
from socialops.networks.ports import Account, Authorization, Credentials, Target
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant
from teams.models import InstanceApp, Organization
from teams.selectors.apps import app_of


def redirect_uri(network: str) -> str:
    """Where a network sends people back to: one address for all organizations, as networks want it declared."""
    return settings.PUBLIC_URL + reverse("connect_callback", args=[network])


def webhook_url(network: str) -> str:
    """Where a network tells us by itself: one address for all organizations too."""
    return settings.PUBLIC_URL + reverse("webhook", args=[network])


def start(*, organization: Organization, network: str, base_url: str, login_hint: str = "") -> Authorization:
    """Where to send the person. What a federated server registered for us is kept for the next time. NetworkError."""
    connector, back = connector_for(network), redirect_uri(network)
    with tenant(organization):
        app = app_of(organization, network)
    if connector.needs_base_url:
        app = _registered(organization, network, base_url, back) or app
    authorization = connector.authorization(base_url=base_url, redirect_uri=back, app=app, login_hint=login_hint)
    registered = authorization.pending.get("app")
    if registered and dict(registered) != dict(app):
        with tenant(organization):
            InstanceApp.objects.update_or_create(
                network=network,
                base_url=str(authorization.pending["base_url"]),
                redirect_uri=back,
                defaults={"secret": dict(registered)},
            )
    return authorization


def finish(
    *, organization: Organization, network: str, query: Mapping[str, str], pending: Mapping[str, Any]
) -> tuple[tuple[Account, ...], str]:
    """The accounts the person may connect, and the client id of the app they were given to ("" where there is none).
    NetworkError, AuthError(consent_refused) when they declined; never empty.
    """
    with tenant(organization):
        app = app_of(organization, network)
    accounts = connector_for(network).complete_authorization(
        query=query, pending=pending, redirect_uri=redirect_uri(network), app=app
    )
    if not accounts:
        raise AuthError(Code.ACCOUNT_NOT_FOUND)
    return accounts, app.get("client_id", "") if connector_for(network).needs_app else ""


def with_token(*, network: str, base_url: str, values: Mapping[str, str]) -> Account:
    """Connect without a browser round trip (app password, access token). NetworkError."""
    return connector_for(network).connect_with_token(base_url=base_url, values=values)


def revoke_at_network(target: Target) -> None:
    """Give a token back. NetworkError when the network would not answer."""
    connector_for(target.network).revoke(target, app=target.app)


def check_app(*, network: str, app: Mapping[str, str]) -> None:
    """Ask the network whether it knows this app of ours and where we send people back to. NetworkError with what it said."""
    connector_for(network).check_app(app=app, redirect_uri=redirect_uri(network))


def packed(account: Account) -> dict[str, Any]:
    """An account as JSON, secrets included: only ever stored encrypted."""
    credentials = account.credentials
    assert credentials is not None
    expires_at = credentials.expires_at
    return {
        **{key: getattr(account, key) for key in ("external_id", "handle", "name", "url", "avatar_url")},
        "missing_scopes": list(account.missing_scopes),
        "credentials": {
            "values": dict(credentials.values),
            "expires_at": expires_at and expires_at.isoformat(),
            "scopes": list(credentials.scopes),
        },
    }


def unpacked(stored: Mapping[str, Any]) -> Account:
    """The account again."""
    kept = stored["credentials"]
    expires_at = kept["expires_at"] and datetime.fromisoformat(kept["expires_at"])
    credentials = Credentials(values=kept["values"], expires_at=expires_at, scopes=tuple(kept["scopes"]))
    about = {**stored, "credentials": credentials, "missing_scopes": tuple(stored["missing_scopes"])}
    return Account(**about)


def _registered(organization: Organization, network: str, base_url: str, back: str) -> Mapping[str, Any] | None:
    host = base_url.strip().rstrip("/").rpartition("://")[2].rpartition("@")[2]
    with tenant(organization):
        known = InstanceApp.objects.filter(network=network, redirect_uri=back)
        return next((app.secret for app in known if app.base_url.rpartition("://")[2] == host), None)
