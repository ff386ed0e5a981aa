"""Looking a place up on a channel's network, for the setting that says where a post is. Waits for the network: never inside a transaction."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from editorial.errors import PlacesNotFound
from publishing.errors import sentence_for
from publishing.services.tokens import fresh_target
from socialops.networks.errors import NetworkError
from socialops.networks.ports import Place
from socialops.networks.registry import connector_for
from teams.models import Channel

LONGEST = 100  # characters of a search


def find_places(*, channel: Channel, written: str) -> tuple[Place, ...]:
    """What the network knows by that name or address, the likeliest first. ValidationError for no words, PlacesNotFound where the network has no search or refuses it."""
    connector = connector_for(channel.network)
    if not connector.finds_places:
        raise PlacesNotFound(_("This network lets nobody search for places."))
    query = _query(written)
    if not query:
        raise ValidationError({"q": ValidationError(_("Write the name of a place first."), code="required")})
    try:
        return tuple(connector.find_places(fresh_target(channel), query=query))
    except NetworkError as error:
        raise PlacesNotFound(sentence_for(error.kind, error.code, error.detail)) from error


def _query(written: str) -> str:
    """Words to look for; of a place that was chosen before, its name."""
    number, _space, name = written.strip().partition(" ")
    return (name if number.isdecimal() and name else written.strip())[:LONGEST]
