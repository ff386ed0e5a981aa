"""The endpoints of reputation: the same selectors and services as the screens."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reputation.api.serializers import (
    MentionChangeSerializer,
    MentionQuerySerializer,
    MentionSerializer,
    NewReplySerializer,
    ReplySerializer,
)
from reputation.errors import MentionConflict
from reputation.filters import MentionFilter
from reputation.selectors.mentions import get_mention, list_mentions
from reputation.services.mentions import correct_sentiment, mark_done, reopen
from reputation.services.moderation import request_action
from reputation.services.replies import write_reply
from socialops.api.pagination import CursorPagination
from socialops.api.problems import Conflict
from socialops.api.views import TenantAPIView
from socialops.networks.ports import Action
from teams.selectors.brands import get_brand
from teams.selectors.channels import get_channel


class NewestFirst(CursorPagination):
    ordering = ("-published_at", "-id")  # type: ignore[assignment]  # DRF takes a tuple too


class Mentions(TenantAPIView):
    serializer_class = MentionSerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[MentionQuerySerializer])
    def get(self, request: Request, **_: Any) -> Response:
        query = MentionQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(query.validated_data)
        if "brand" in asked:
            asked["brand"] = get_brand(self.actor, asked["brand"]).pk
        if "channel" in asked:
            asked["channel"] = get_channel(self.actor, asked["channel"]).pk
        wanted = MentionFilter(zone=self.organization.zone, **asked)
        rows = self.paginate_queryset(list_mentions(self.actor, wanted))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class OneMention(TenantAPIView):
    serializer_class = MentionSerializer

    def get(self, request: Request, pk: int, **_: Any) -> Response:
        return Response(MentionSerializer(get_mention(self.actor, pk)).data)

    @extend_schema(request=MentionChangeSerializer, responses=MentionSerializer)
    def patch(self, request: Request, pk: int, **_: Any) -> Response:
        """Correct the label, mark as done or reopen; both at once or neither."""
        mention = get_mention(self.actor, pk)
        body = MentionChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        with transaction.atomic():
            if "human_sentiment" in asked:
                correct_sentiment(mention=mention, sentiment=asked["human_sentiment"] or "", actor=self.actor)
            if "done" in asked:
                (mark_done if asked["done"] else reopen)(mention=mention, actor=self.actor)
        return Response(MentionSerializer(get_mention(self.actor, pk)).data)


class Replies(TenantAPIView):
    serializer_class = ReplySerializer

    @extend_schema(responses=ReplySerializer(many=True))
    def get(self, request: Request, pk: int, **_: Any) -> Response:
        """What we answered, oldest first."""
        return Response(ReplySerializer(get_mention(self.actor, pk).replies.all(), many=True).data)

    @extend_schema(request=NewReplySerializer, responses={202: ReplySerializer})
    def post(self, request: Request, pk: int, **_: Any) -> Response:
        """Answer; a worker sends it at once. 409 when the network takes no answer there."""
        mention = get_mention(self.actor, pk)
        body = NewReplySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            reply = write_reply(mention=mention, actor=self.actor, **body.validated_data)
        except MentionConflict as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(ReplySerializer(reply).data, status=202)


class Act(TenantAPIView):
    serializer_class = MentionSerializer

    @extend_schema(request=None, responses={202: MentionSerializer})
    def post(self, request: Request, pk: int, action: str, **_: Any) -> Response:
        """A worker does it on the network at once. 409 when the network has no such action there."""
        mention = get_mention(self.actor, pk)
        try:
            request_action(mention=mention, action=Action(action), actor=self.actor)
        except MentionConflict as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(MentionSerializer(mention).data, status=202)
