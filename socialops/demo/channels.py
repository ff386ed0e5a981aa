"""The brands' channels: their accounts on the sandbox networks, connected as anybody would connect theirs."""

from __future__ import annotations

from typing import Any, Final

import httpx
from django.conf import settings

from socialops.demo.cast import BRANDS, Cast
from socialops.demo.content import script, typeset
from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import Account
from socialops.networks.registry import connector_for, networks
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.services.channels import connect_channel, set_ownership

Places = dict[tuple[str, str], Account]
"""(brand slug, network) → the account as its network described it, with its credentials."""

# Who answers for a brand's accounts, and how they are recovered. One channel has nobody: somebody has to notice.
_OWNERS: Final = {"maison-lumiere": "claire", "velo-citadin": "theo", "cafe-riviera": "claire"}
_RECOVERY: Final = typeset("Coffre de la DSI, fiche « réseaux sociaux » ; second facteur sur le téléphone du standard.")
_SUBSCRIBER: Final = "maison_lumiere"  # whose account on X may write articles, and correct its posts
_NOBODYS: Final = ("cafe-riviera", "bluesky")


def base_url(network: str) -> str:
    """Where the sandbox's stand-in of this network answers."""
    url: str = settings.NETWORKS[network]["base_url"]
    return url.rstrip("/")


def ask_sandbox(network: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Through doors that only the sandbox has: GET, or POST with a body. OutageError."""
    try:
        with httpx.Client(base_url=base_url(network), timeout=60, trust_env=False) as http:
            answer = http.get(path) if body is None else http.post(path, json=body)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
    except httpx.HTTPError as error:
        raise OutageError(Code.UNREACHABLE, detail={"host": base_url(network)}) from error
    return found


def find_accounts() -> Places:
    """Ask the networks for the brands' accounts. NetworkError where the sandbox doesn't answer."""
    places: Places = {}
    ask_sandbox("x", "/_subscription", {"account": _SUBSCRIBER, "type": "Premium"})
    for network in networks():
        told = {account["name"]: account for account in ask_sandbox(network, "/_accounts")["accounts"]}
        for brand in BRANDS:
            if network in script(brand.slug).networks:
                places[brand.slug, network] = connector_for(network).connect_with_token(
                    base_url=base_url(network), values=told[brand.name]
                )
    return places


def connect_all(cast: Cast, places: Places) -> dict[tuple[str, str], Channel]:
    """The channels by (brand slug, network), connected by Claire."""
    channels: dict[tuple[str, str], Channel] = {}
    with tenant(cast.organization):
        for (slug, network), account in places.items():
            channel = connect_channel(
                brand=cast.brands[slug],
                network=network,
                base_url=base_url(network),
                account=account,
                actor=cast.actors["claire"],
            )
            if (slug, network) != _NOBODYS:
                owner = cast.actors[_OWNERS[slug]].member
                set_ownership(channel=channel, owner=owner, recovery=_RECOVERY, actor=cast.actors["claire"])
            channels[slug, network] = channel
    return channels
