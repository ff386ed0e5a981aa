"""The accounts everybody finds: three brands of one group on each network, with fixed tokens."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from socialops.sandbox.models import BLUESKY, FACEBOOK, MASTODON, NETWORKS, Account, App
from socialops.sandbox.world import World

BLUESKY_PASSWORD: Final = "sandbox-app-pass"  # noqa: S105 -- documented; opens nothing but this sandbox
FACEBOOK_APP: Final = "sandbox-app"
FACEBOOK_SECRET: Final = "sandbox-secret"  # noqa: S105 -- documented; opens nothing but this sandbox
FACEBOOK_PERSON: Final = "100000000000001"
FACEBOOK_USER_TOKEN: Final = "sandbox-facebook-user"  # noqa: S105 -- documented; opens nothing but this sandbox
FACEBOOK_SCOPES: Final = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "read_insights",
    "pages_messaging",
    "business_management",
    "public_profile",
)
MASTODON_SCOPES: Final = ("read", "write", "profile", "push")


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    slug: str
    note: str
    followers: int
    category: str


BRANDS: Final = (
    Brand("Maison Lumière", "maison_lumiere", "Luminaires dessinés à Lyon, fabriqués en France.", 4820, "Décoration"),
    Brand(
        "Vélo Citadin", "velo_citadin", "Des vélos de ville qui durent. Atelier à Nantes.", 12650, "Magasin de vélos"
    ),
    Brand("Café Riviera", "cafe_riviera", "Torréfacteur à Nice depuis 1987.", 2310, "Torréfacteur"),
)


def plc_did(handle: str) -> str:
    """A well-formed did:plc that is always the same for a handle."""
    digest = hashlib.sha256(handle.lower().encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def slug(name: str, joint: str = "_") -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", joint, plain).strip(joint) or "account"


def make_account(world: World, network: str, handle: str, name: str, **details: Any) -> Account:
    """Add an account with an id of the network's kind."""
    if network == BLUESKY:
        account_id = plc_did(handle)
    else:
        account_id = world.next_id() if network == MASTODON else "1" + world.next_id()[-14:]
    values = {"role": "brand", "created_at": world.now(), **details}
    return world.add_account(Account(account_id, network, handle, name, **values))


def credentials(world: World, account: Account) -> dict[str, str]:
    """Fixed credentials of an account, made on first asking."""
    if account.network == BLUESKY:
        account.password = account.password or BLUESKY_PASSWORD
        return {"identifier": account.handle, "password": account.password, "did": account.id}
    value = f"sandbox-{account.network}-{account.handle}"
    scopes = MASTODON_SCOPES if account.network == MASTODON else FACEBOOK_SCOPES
    kind = "access" if account.network == MASTODON else "page"
    world.issue(
        account.network,
        kind,
        account.id,
        value=value,
        scopes=list(scopes),
        client_id=FACEBOOK_APP if kind == "page" else "",
        user=account.owner,
    )
    return {"access_token": value}


def create_account(world: World, network: str, handle: str, name: str) -> dict[str, str]:
    """A new brand account for a test or benchmark. ValueError where the handle is taken or impossible."""
    if network not in NETWORKS:
        raise ValueError(f"Unknown network {network!r}; use one of {', '.join(NETWORKS)}.")
    handle = handle.strip().lstrip("@") or slug(name)
    if network == BLUESKY and "." not in handle:
        handle = f"{slug(handle, '-')}.test"
    allowed = r"[a-z0-9-]+(\.[a-z0-9-]+)+" if network == BLUESKY else r"\w+"
    if not re.fullmatch(allowed, handle, re.IGNORECASE):
        raise ValueError(f"{handle!r} can't be a {network} handle.")
    if world.find_account(network, handle):
        raise ValueError(f"The handle {handle!r} is already taken on {network}.")
    owner = FACEBOOK_PERSON if network == FACEBOOK else ""
    account = make_account(world, network, handle, name or handle, owner=owner, followers=150)
    found = {
        "network": network,
        "id": account.id,
        "handle": handle,
        "name": account.name,
        "base_url": world.base_url(network),
        **credentials(world, account),
    }
    world.accounts.put(account)
    return found


def seed(world: World) -> None:
    """Bring the three brands of each network into an empty world; a world that has them is left alone."""
    if any(account.role == "brand" for account in world.accounts):
        return
    born = time.time() - 900 * 86400
    world.apps.put(App(FACEBOOK_APP, FACEBOOK, FACEBOOK_SECRET, "SocialOps", [], list(FACEBOOK_SCOPES)))
    world.add_account(Account(FACEBOOK_PERSON, FACEBOOK, "camille.martin", "Camille Martin", "person", born))
    for order, brand in enumerate(BRANDS):
        for network in NETWORKS:
            handle = brand.slug if network != BLUESKY else brand.slug.replace("_", "-") + ".test"
            # Fixed ids on Facebook and Mastodon too, so that a restart with another port or folder keeps connected channels.
            fixed = {MASTODON: str(109_000_000_000_000_001 + order), FACEBOOK: str(106_700_000_000_001 + order)}
            account = Account(
                id=fixed.get(network) or plc_did(handle),
                network=network,
                handle=handle,
                name=brand.name,
                role="brand",
                created_at=born + order * 86400,
                note=brand.note if network != FACEBOOK else brand.category,
                owner=FACEBOOK_PERSON if network == FACEBOOK else "",
                followers=brand.followers + 137 * NETWORKS.index(network),
                following=120 + order,
            )
            world.add_account(account)
            credentials(world, account)
    world.issue(
        FACEBOOK,
        "user",
        FACEBOOK_PERSON,
        value=FACEBOOK_USER_TOKEN,
        client_id=FACEBOOK_APP,
        scopes=list(FACEBOOK_SCOPES),
    )
