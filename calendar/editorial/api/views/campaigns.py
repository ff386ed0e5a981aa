"""campaigns, campaigns/{id}."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from editorial.api.serializers import CampaignBody
from editorial.api.views.base import EditorialAPIView
from editorial.selectors.campaigns import get_campaign, visible_campaigns
from editorial.services.campaigns import create_campaign, update_campaign
from teams.selectors.brands import get_brand


class Campaigns(EditorialAPIView):
    serializer_class = CampaignBody

    def get(self, request: Request, **_: Any) -> Response:
        """Visible campaigns, newest first; `brand` filters."""
        campaigns = visible_campaigns(self.actor)
        if request.query_params.get("brand"):
            campaigns = campaigns.filter(brand__slug=request.query_params["brand"])
        page = self.paginate_queryset(campaigns)
        return self.get_paginated_response(CampaignBody(page, many=True).data)

    def post(self, request: Request, **_: Any) -> Response:
        body = self.body(CampaignBody)
        brand = get_brand(self.actor, body.pop("brand")["slug"])
        campaign = create_campaign(brand=brand, fields=body, actor=self.actor)  # type: ignore[arg-type]  # validated to these fields
        return Response(CampaignBody(campaign).data, status=201)


class OneCampaign(EditorialAPIView):
    serializer_class = CampaignBody

    def get(self, request: Request, pk: str, **_: Any) -> Response:
        return Response(CampaignBody(get_campaign(self.actor, pk)).data)

    def patch(self, request: Request, pk: str, **_: Any) -> Response:
        """Change what the body names; a campaign stays with its brand."""
        campaign = get_campaign(self.actor, pk)
        filled = CampaignBody(campaign, data=request.data, partial=True)
        filled.is_valid(raise_exception=True)
        fields = {name: value for name, value in filled.validated_data.items() if name != "brand"}
        campaign = update_campaign(campaign=campaign, fields=fields, actor=self.actor)  # type: ignore[arg-type]  # as above
        return Response(CampaignBody(campaign).data)
