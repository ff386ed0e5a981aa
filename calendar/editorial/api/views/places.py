"""channels/{id}/places."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from editorial.api.serializers import PlaceOut
from editorial.api.views.base import EditorialAPIView
from editorial.services.places import LONGEST, find_places
from socialops.permissions.rights import Right
from teams.selectors.channels import get_channel

_WORDS = f"A name or an address; the first {LONGEST} characters count."


class Places(EditorialAPIView):
    serializer_class = PlaceOut
    pagination_class = None
    without_request_transaction = True  # waits for the network

    @extend_schema(
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, required=True, description=_WORDS)],
        responses=PlaceOut(many=True),
    )
    def get(self, request: Request, pk: int, **_: Any) -> Response:
        """Places that the channel's network knows, the likeliest first: `option` is what its setting `location` takes. Networks count each search; 409 with why where there is none."""
        with self.scope():
            channel = get_channel(self.actor, pk)
            self.actor.require(Right.WRITE, channel)
        found = find_places(channel=channel, written=request.query_params.get("q", ""))
        return Response(PlaceOut(found, many=True).data)
