"""The demo from beginning to end: first everything is asked of the networks, then everything is written in one transaction."""

from __future__ import annotations

from django.db import transaction

from socialops.demo.cast import create_group, create_neighbour
from socialops.demo.channels import connect_all, find_accounts


def load() -> None:
    """All or nothing. NetworkError where the sandbox doesn't answer."""
    places = find_accounts()
    with transaction.atomic():
        cast = create_group()
        connect_all(cast, places)
        create_neighbour()
