"""The accounts everybody finds: three brands of one group on each network, with fixed tokens."""

from __future__ import annotations

import re
import time
import unicodedata
from typing import Any, Final

from socialops.sandbox.models import NETWORKS, Account, Brand
from socialops.sandbox.stand_in import stand_ins
from socialops.sandbox.world import World

CLIENT_ID: Final = "sandbox-app"  # every network that wants a registered app knows this one
CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105 -- documented; opens nothing but this sandbox

BRANDS: Final = (
    Brand("Maison Lumière", "maison_lumiere", "Luminaires dessinés à Lyon, fabriqués en France.", 4820, "Décoration"),
    Brand(
        "Vélo Citadin", "velo_citadin", "Des vélos de ville qui durent. Atelier à Nantes.", 12650, "Magasin de vélos"
    ),
    Brand("Café Riviera", "cafe_riviera", "Torréfacteur à Nice depuis 1987.", 2310, "Torréfacteur"),
)


def slug(name: str, joint: str = "_") -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", joint, plain).strip(joint) or "account"


def make_account(world: World, network: str, handle: str, name: str, **details: Any) -> Account:
    """Add an account with an id of the network's kind."""
    values = {"role": "brand", "created_at": world.now(), **details}
    account_id = stand_ins()[network].account_id(world, handle)
    return world.add_account(Account(account_id, network, handle, name, **values))


def create_account(world: World, network: str, handle: str, name: str) -> dict[str, str]:
    """A new brand account for a test or benchmark. ValueError where the handle is taken or impossible."""
    if network not in NETWORKS:
        raise ValueError(f"Unknown network {network!r}; use one of {', '.join(NETWORKS)}.")
    stand_in = stand_ins()[network]
    handle = stand_in.handle(handle.strip().lstrip("@") or slug(name))
    if not re.fullmatch(stand_in.handle_pattern, handle, re.IGNORECASE):
        raise ValueError(f"{handle!r} can't be a {network} handle.")
    if world.find_account(network, handle):
        raise ValueError(f"The handle {handle!r} is already taken on {network}.")
    account = make_account(world, network, handle, name or handle, followers=150, **stand_in.account_details)
    found = describe(world, account)
    world.accounts.put(account)
    return found


def describe(world: World, account: Account) -> dict[str, str]:
    """Who and where it is, and its fixed credentials."""
    network = account.network
    about = {"network": network, "id": account.id, "handle": account.handle, "name": account.name}
    about["base_url"] = world.base_url(network)
    return {**about, **stand_ins()[network].credentials(world, account)}


def seed(world: World) -> None:
    """Bring the three brands to each network that doesn't have them yet: a world made before a network was added gets it."""
    born = time.time() - 900 * 86400
    for index, (network, stand_in) in enumerate(stand_ins().items()):
        if world.brands(network):
            continue
        stand_in.seed(world)
        for order, brand in enumerate(BRANDS):
            handle = stand_in.handle(brand.slug)
            account = Account(
                id=stand_in.brand_id(order, handle),
                network=network,
                handle=handle,
                name=brand.name,
                role="brand",
                created_at=born + order * 86400,
                note=stand_in.note(brand),
                followers=brand.followers + 137 * index,
                following=120 + order,
                **stand_in.account_details,
            )
            world.add_account(account)
            stand_in.credentials(world, account)
