"""The person who owns the pages, and the fixed tokens of both."""

from __future__ import annotations

import time

from socialops.sandbox.graph.call import PERSONS, SCOPES
from socialops.sandbox.models import Account, App
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.sandbox.world import World


def page_credentials(world: World, account: Account) -> dict[str, str]:
    """The token of a page, or of the page that an Instagram account is linked to."""
    value = f"sandbox-{account.network}-{account.handle}"
    scopes = list(SCOPES)
    world.issue(
        account.network, "page", account.id, value=value, scopes=scopes, client_id=CLIENT_ID, user=account.owner
    )
    return {"access_token": value}


def seed_person(world: World, network: str) -> None:
    """Camille Martin with `sandbox-<network>-user`, and the app, under its id on each network."""
    person = PERSONS[network]
    world.apps.put(App(CLIENT_ID, network, CLIENT_SECRET, "SocialOps", [], list(SCOPES)))
    born = time.time() - 900 * 86400
    world.add_account(Account(person, network, "camille.martin", "Camille Martin", "person", born))
    world.issue(network, "user", person, value=f"sandbox-{network}-user", client_id=CLIENT_ID, scopes=list(SCOPES))
