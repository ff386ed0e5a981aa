"""What a guide to a network's developer app is made of."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from django.utils.functional import Promise


class Shows(enum.StrEnum):
    """What a step gives to copy or to tick off, besides its words."""

    NOTHING = ""
    REDIRECT = "redirect"  # the address people come back to
    WEBHOOK = "webhook"  # the address the network tells us at, and the token it wants beside it
    SCOPES = "scopes"  # the permissions we ask for, each with what it is for


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do at the network, in its own words where it has some."""

    title: Promise
    text: Promise
    shows: Shows = Shows.NOTHING


@dataclass(frozen=True, slots=True)
class Guide:
    """How an administrator gets an app there. `review` is what the network wants before other people's accounts may be connected, and what it
    costs; `id_label` and `secret_label` are its own words. Without steps, nobody has to do anything.
    """

    review: Promise
    portal: str = ""
    id_label: Promise | str = ""
    secret_label: Promise | str = ""
    steps: tuple[Step, ...] = ()
