"""Looking a place up on a channel's network, for the setting that says where a post is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from publishing.errors import sentence_for
from publishing.services.tokens import fresh_target
from socialops.http import TenantRequest
from socialops.networks.errors import NetworkError
from socialops.networks.ports import Place
from socialops.networks.registry import connector_for
from socialops.permissions.rights import Right
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.option_words import PLACES
from teams.selectors.channels import get_channel

LONGEST = 100  # characters of a search


@require_safe
@without_request_transaction
def places(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """What the network finds for what stands in the channel's field; asked for by a button, because networks count each search. Waits for the network."""
    with tenant(request.organization):
        channel = get_channel(request.actor, pk)
        request.actor.require(Right.WRITE, channel)
    fields = [f"option-{channel.pk}-{name}" for name in PLACES]
    field = next((field for field in fields if field in request.GET), fields[0])
    found: tuple[Place, ...] = ()
    problem = ""
    if query := _query(request.GET.get(field, "")):
        try:
            found = tuple(connector_for(channel.network).find_places(fresh_target(channel), query=query))
        except NetworkError as error:
            problem = sentence_for(error.kind, error.code, error.detail)
    else:
        problem = _("Write the name of a place first.")
    return render(request, "editorial/places.html", {"places": found, "problem": problem, "field": field})


def _query(written: str) -> str:
    """Words to look for; of a place that was chosen before, its name."""
    number, _space, name = written.strip().partition(" ")
    return (name if number.isdecimal() and name else written.strip())[:LONGEST]
