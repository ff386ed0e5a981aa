"""Bodies of the endpoints of publishing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from publishing.errors import sentence_for
from publishing.models import Attempt, Delivery, Part, Suspension
from publishing.services.suspensions import Decision


class PartSerializer(serializers.ModelSerializer[Part]):
    class Meta:
        model = Part
        fields = [
            "id",
            "position",
            "kind",
            "text",
            "state",
            "external_id",
            "external_url",
            "published_at",
            "error_code",
        ]


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    part: Any = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Attempt
        fields = [
            "number",
            "step",
            "part",
            "started_at",
            "ended_at",
            "outcome",
            "error_code",
            "error_detail",
            "raw",
            "note",
        ]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """`error` is the reason as a sentence in the request's language; `candidates` come with `asks_person`."""

    brand = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    post = serializers.IntegerField(source="post_key", read_only=True)
    campaign = serializers.IntegerField(source="campaign_key", read_only=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = [
            "id",
            "post",
            "campaign",
            "brand",
            "channel",
            "label",
            "state",
            "due_at",
            "next_try_at",
            "tries",
            "published_at",
            "external_id",
            "external_url",
            "deleted_at",
            "error_kind",
            "error_code",
            "error",
            "asks_person",
            "candidates",
            "suspension",
        ]

    @extend_schema_field(serializers.CharField())
    def get_error(self, row: Delivery) -> str:
        return sentence_for(row.error_kind, row.error_code, row.error_detail) if row.error_code else ""


class DeliveryDetailSerializer(DeliverySerializer):
    """`earlier_ids`: what `external_id` was before corrections that made a new version. `correction`: one that is not known to be made."""

    payload = serializers.JSONField(read_only=True)
    earlier_ids = serializers.ListField(child=serializers.CharField(), read_only=True)
    correction = serializers.JSONField(read_only=True, allow_null=True)
    parts = PartSerializer(many=True, read_only=True)
    attempts = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "payload", "earlier_ids", "correction", "parts", "attempts"]

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, row: Delivery) -> Any:
        return AttemptSerializer(row.attempts.order_by("id")[:200], many=True).data


class ResolveSerializer(serializers.Serializer[Any]):
    """`is_live` false sends it again."""

    is_live = serializers.BooleanField()
    external_id = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    external_url = serializers.URLField(max_length=1000, required=False, default="", allow_blank=True)


class CorrectSerializer(serializers.Serializer[Any]):
    """`price`: the most it may cost, in US dollars, where the network bills a correction."""

    text = serializers.CharField(max_length=100_000, trim_whitespace=False)
    price = serializers.DecimalField(max_digits=9, decimal_places=4, min_value=Decimal(0), default=Decimal(0))


class SuspensionSerializer(serializers.ModelSerializer[Suspension]):
    brand = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    campaign = serializers.IntegerField(source="campaign_key", read_only=True)

    class Meta:
        model = Suspension
        fields = ["id", "scope", "brand", "channel", "campaign", "reason", "started_at", "lifted_at"]


class NewSuspensionSerializer(serializers.Serializer[Any]):
    """At most one of brand, channel, campaign; none means the whole organization."""

    reason = serializers.CharField(max_length=500)
    brand = serializers.SlugField(required=False)
    channel = serializers.IntegerField(required=False)
    campaign = serializers.IntegerField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("brand", "channel", "campaign")) > 1:
            raise serializers.ValidationError("Name one of brand, channel and campaign, or none.")
        return attrs


class DecisionSerializer(serializers.Serializer[Any]):
    delivery = serializers.IntegerField()
    decision = serializers.ChoiceField(choices=[(decision.value, decision.value) for decision in Decision])
    due_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class ReviewSerializer(serializers.Serializer[Any]):
    reviews = DecisionSerializer(many=True, allow_empty=False)


class ReviewedSerializer(serializers.Serializer[Any]):
    decided = serializers.IntegerField()
    held = serializers.IntegerField()


class QuotaSerializer(serializers.Serializer[Any]):
    """One bucket of a network's quotas, by our own count. `planned`: units of what is due within 24 hours; `shared`: by all channels of our application."""

    bucket = serializers.CharField(source="room.bucket")
    limit = serializers.IntegerField(source="room.limit")
    used = serializers.IntegerField(source="room.used")
    left = serializers.IntegerField(source="room.left")
    resets_at = serializers.DateTimeField(source="room.resets_at")
    shared = serializers.BooleanField(source="room.shared")
    planned = serializers.IntegerField()


class ChannelCostSerializer(serializers.Serializer[Any]):
    channel = serializers.IntegerField(source="channel.pk")
    cost = serializers.DecimalField(max_digits=12, decimal_places=4)
    planned_cost = serializers.DecimalField(max_digits=12, decimal_places=4)
    quotas = QuotaSerializer(source="lines", many=True)


class NetworkCostSerializer(serializers.Serializer[Any]):
    """Money in US dollars, as the networks bill; `budget` null: no ceiling."""

    network = serializers.CharField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=4)
    planned_cost = serializers.DecimalField(max_digits=12, decimal_places=4)
    budget = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    channels = ChannelCostSerializer(many=True)


class BudgetSerializer(serializers.Serializer[Any]):
    monthly = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, allow_null=True)
