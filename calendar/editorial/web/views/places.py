"""Looking a place up on a channel's network, for the setting that says where a post is."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from editorial.errors import PlacesNotFound
from editorial.services.places import find_places
from socialops.http import TenantRequest
from socialops.networks.ports import Place
from socialops.permissions.rights import Right
from socialops.tenancy.middleware import without_request_transaction
from socialops.tenancy.scope import tenant
from socialops.ui.option_words import PLACES
from teams.selectors.channels import get_channel


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
    try:
        found = find_places(channel=channel, written=request.GET.get(field, ""))
    except ValidationError as error:
        problem = error.messages[0]
    except PlacesNotFound as error:
        problem = error.message
    return render(request, "editorial/places.html", {"places": found, "problem": problem, "field": field})
