"""The nine channels: each brand's accounts on the sandbox networks, connected as anybody would connect theirs."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from socialops.demo.cast import BRANDS, BrandPlan, Cast
from socialops.networks.ports import Account
from socialops.networks.registry import connector_for
from socialops.tenancy.scope import tenant
from teams.models import Channel
from teams.services.channels import connect_channel

NETWORKS: Final = ("mastodon", "bluesky", "facebook")
_BLUESKY_PASSWORD: Final = "sandbox-app-pass"  # noqa: S105 -- the sandbox's own, documented there

Places = dict[tuple[str, str], Account]
"""(brand slug, network) → the account as its network described it, with its credentials."""


def base_url(network: str) -> str:
    """Where the sandbox's stand-in of this network answers."""
    url: str = settings.NETWORKS[network]["base_url"]
    return url.rstrip("/")


def find_accounts() -> Places:
    """Ask the networks for the brands' accounts. NetworkError where the sandbox doesn't answer."""
    return {
        (brand.slug, network): connector_for(network).connect_with_token(
            base_url=base_url(network), values=_credentials(brand, network)
        )
        for brand in BRANDS
        for network in NETWORKS
    }


def _credentials(brand: BrandPlan, network: str) -> dict[str, str]:
    if network == "bluesky":
        return {"identifier": f"{brand.slug}.test", "password": _BLUESKY_PASSWORD}
    return {"access_token": f"sandbox-{network}-{brand.account}"}


def connect_all(cast: Cast, places: Places) -> dict[tuple[str, str], Channel]:
    """The channels by (brand slug, network), connected by Claire."""
    with tenant(cast.organization):
        return {
            (slug, network): connect_channel(
                brand=cast.brands[slug],
                network=network,
                base_url=base_url(network),
                account=account,
                actor=cast.actors["claire"],
            )
            for (slug, network), account in places.items()
        }
