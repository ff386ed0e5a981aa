"""Our developer apps at the networks: the organization's own, else the installation's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from socialops.networks.data import network_data, network_settings
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import system
from teams.models import NetworkApp, Organization

SIGNERS_AT_MOST = 500  # organizations whose own app is tried on one webhook delivery
logger = structlog.get_logger(__name__)


def installation_app(network: str) -> Mapping[str, str]:
    """Client id and secret from the environment, with what else this network's apps have; {} where it has none."""
    configured = network_settings(network)
    if not configured["client_id"]:
        return {}
    return {name: value for name, value in configured.items() if name != "base_url" and value}


def further_fields(network: str) -> list[Mapping[str, Any]]:
    """What this network's apps have besides id and secret, all optional: {"name", "secret"?, "choices"?}."""
    return list(network_data(network).get("app", {}).get("fields", ()))


def own_app(network: str) -> NetworkApp | None:
    """The app the organization in scope uses instead of the installation's. One query."""
    found: NetworkApp | None = (
        NetworkApp.objects.filter(network=network, removed_at=None).select_related("set_by").first()
    )
    return found


def app_of(organization: Organization, network: str) -> Mapping[str, str]:
    """{"client_id", "client_secret"} to connect through; {} where the connector registers itself. Needs tenant(organization); at most one query."""
    if connector_for(network).needs_app:
        own = NetworkApp.objects.filter(organization=organization, network=network, removed_at=None).first()
        if own is not None:
            return dict(own.secret)
    return installation_app(network)


def app_behind(network: str, client_id: str, own: Mapping[str, str] | None) -> Mapping[str, str]:
    """The app that an access was given to. Where that is unknown, the installation's, which was the only one once; where it is declared here no more,
    the one we would connect through now. No query.
    """
    installed = installation_app(network)
    apps = [app for app in ((own, installed) if client_id else (installed, own)) if app]
    return next((app for app in apps if app["client_id"] == client_id), apps[0] if apps else {})


def networks_with_own_app() -> frozenset[str]:
    """Where the organization in scope uses an app of its own. One query, no secret loaded."""
    return frozenset(NetworkApp.objects.filter(removed_at=None).values_list("network", flat=True))


@dataclass(frozen=True, slots=True)
class Signer:
    """An app that may have signed a webhook delivery; `organization_id` None for the installation's, which speaks for every organization."""

    app: Mapping[str, str]
    organization_id: int | None = None


def possible_signers(network: str) -> Iterator[Signer]:
    """The installation's app, then the organizations' own: an own app speaks for its organization alone. One query, once the first did not do."""
    installed = installation_app(network)
    if installed:
        yield Signer(installed)
    with system("whose app signed a webhook delivery"):
        rows = list(NetworkApp.objects.filter(network=network, removed_at=None).order_by("pk")[: SIGNERS_AT_MOST + 1])
    if len(rows) > SIGNERS_AT_MOST:
        logger.warning("too_many_apps_to_try", network=network, tried=SIGNERS_AT_MOST)
    for row in rows[:SIGNERS_AT_MOST]:
        yield Signer(row.secret, row.organization_id)
