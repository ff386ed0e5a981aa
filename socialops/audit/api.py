"""The audit log over REST: read-only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from socialops.api.views import TenantAPIView
from socialops.audit.models import Event
from socialops.audit.selectors import list_events
from socialops.permissions.rights import Right


class EventSerializer(serializers.ModelSerializer[Event]):
    class Meta:
        model = Event
        fields = (
            "id",
            "at",
            "actor_kind",
            "actor_name",
            "action",
            "target_kind",
            "target_id",
            "target_label",
            "changes",
            "reason",
            "request_id",
        )
        read_only_fields = fields


class EventFilter(serializers.Serializer[Any]):
    actor = serializers.IntegerField(required=False, help_text="id of the person")
    action = serializers.CharField(required=False, default="", help_text="post.approved, or post for the whole family")
    target = serializers.CharField(required=False, default="", help_text="part of a label, or kind:id")
    since = serializers.DateTimeField(required=False, default=None)
    until = serializers.DateTimeField(required=False, default=None)


class Events(TenantAPIView):
    serializer_class = EventSerializer

    @extend_schema(parameters=[EventFilter])
    def get(self, request: Request, **_: Any) -> Response:
        """Newest first."""
        self.actor.require(Right.SEE_AUDIT, self.organization)
        asked = EventFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        filters = dict(asked.validated_data)
        rows = list_events(actor_id=filters.pop("actor", None), **filters)
        return self.get_paginated_response(EventSerializer(self.paginate_queryset(rows), many=True).data)
