"""Bodies of the API. Writes are validated here in form, in the services in meaning."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialops.networks.data import disabled_by, network_data
from socialops.permissions.rights import Right
from teams.models import Assignment, Brand, Channel, Invitation, Member, Organization, Role
from teams.signals import ChannelFacts


class BrandSerializer(serializers.ModelSerializer[Brand]):
    languages = serializers.ListField(child=serializers.CharField(max_length=12), required=False)
    colour = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)

    class Meta:
        model = Brand
        fields = (
            "slug",
            "name",
            "time_zone",
            "languages",
            "approval",
            "late_tolerance_minutes",
            "voice",
            "colour",
            "is_active",
        )

    def validate_colour(self, value: str) -> str:
        return value.lower()


class ChannelQuotaSerializer(serializers.Serializer[Any]):
    """What is left of one limit, as the network says; `window` is over what it is counted, "" where nobody says."""

    bucket = serializers.CharField()
    limit = serializers.IntegerField(allow_null=True)
    remaining = serializers.IntegerField(allow_null=True)
    resets_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField()
    window = serializers.CharField()


class OwnerSerializer(serializers.Serializer[Any]):
    """Who answers for an account."""

    member = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")
    is_active = serializers.BooleanField()


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """`disabled`: what the missing scopes make impossible. `cost`: US dollars the network bills this month, null where nobody counts.
    `owner` and `recovery` are null for who may not manage the channel.
    """

    brand = serializers.SlugRelatedField[Brand](slug_field="slug", read_only=True)
    expires_at = serializers.SerializerMethodField()
    missing_scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    disabled = serializers.SerializerMethodField()
    quota = serializers.SerializerMethodField()
    cost = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()
    recovery = serializers.SerializerMethodField()

    class Meta:
        model = Channel
        fields = (
            "id",
            "brand",
            "network",
            "base_url",
            "handle",
            "name",
            "url",
            "avatar_url",
            "status",
            "status_reason",
            "missing_scopes",
            "disabled",
            "last_success_at",
            "last_webhook_at",
            "connected_at",
            "expires_at",
            "quota",
            "cost",
            "waiting",
            "owner",
            "recovery",
        )

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_expires_at(self, channel: Channel) -> str | None:
        expiry = self.context.get("expiry", {}).get(channel.pk)
        return expiry.isoformat() if expiry else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_disabled(self, channel: Channel) -> list[str]:
        return list(disabled_by(channel.network, channel.missing_scopes))

    @extend_schema_field(ChannelQuotaSerializer(many=True))
    def get_quota(self, channel: Channel) -> Any:
        windows = network_data(channel.network).get("quotas", {})
        quotas = [
            {**asdict(quota), "window": windows.get(quota.bucket, {}).get("window", "")}
            for quota in self._facts(channel).quotas
        ]
        return ChannelQuotaSerializer(quotas, many=True).data

    @extend_schema_field(serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True))
    def get_cost(self, channel: Channel) -> str | None:
        cost = self._facts(channel).cost
        return None if cost is None else str(cost)

    @extend_schema_field(serializers.IntegerField())
    def get_waiting(self, channel: Channel) -> int:
        """Publications that count on it."""
        return self._facts(channel).dependents

    @extend_schema_field(OwnerSerializer(allow_null=True))
    def get_owner(self, channel: Channel) -> Any:
        seen = self._manages(channel) and channel.owner is not None
        return OwnerSerializer(channel.owner).data if seen else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_recovery(self, channel: Channel) -> str | None:
        return channel.recovery if self._manages(channel) else None

    def _facts(self, channel: Channel) -> ChannelFacts:
        known: dict[int, ChannelFacts] = self.context.get("facts", {})
        return known.get(channel.pk, ChannelFacts())

    def _manages(self, channel: Channel) -> bool:
        actor = self.context.get("actor")
        return bool(actor and actor.can(Right.MANAGE_CHANNEL, channel))


class ChannelWrite(serializers.Serializer[Any]):
    """`owner`: a member's id, null for nobody."""

    owner = serializers.IntegerField(required=False, allow_null=True)
    recovery = serializers.CharField(max_length=300, required=False, allow_blank=True)


class RoleSerializer(serializers.ModelSerializer[Role]):
    rights = serializers.ListField(child=serializers.ChoiceField(choices=Right.choices), allow_empty=False)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # the stub's Field has an attribute of that name

    class Meta:
        model = Role
        fields = (
            "id",
            "name",
            "label",
            "mission",
            "rights",
            "persona",
            "needs_end_date",
            "catalogue_key",
            "is_archived",
        )
        read_only_fields = ("catalogue_key", "is_archived")
        validators = ()  # the service checks names, within the organization in scope


class MemberSerializer(serializers.ModelSerializer[Member]):
    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)

    class Meta:
        model = Member
        fields = ("id", "name", "email", "title", "persona", "is_active", "joined_at")
        read_only_fields = ("joined_at",)


@extend_schema_field({"type": "object", "properties": {"brand": {"type": "string"}, "channel": {"type": "integer"}}})
class ScopeField(serializers.Field[Any, dict[str, Any], dict[str, Any], Any]):
    """`{"brand": "slug"}`, `{"channel": 7}` or `{}` for the whole organization. What isn't ours is 404."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or len(data) > 1 or not data.keys() <= {"brand", "channel"}:
            raise serializers.ValidationError('Give {"brand": slug}, {"channel": id}, or {} for the organization.')
        if not data:
            return self.context["organization"]
        kind, key = next(iter(data.items()))
        rows: Any = Brand.objects.filter(is_active=True) if kind == "brand" else Channel.objects.select_related("brand")
        try:
            found = rows.filter(slug=str(key)).first() if kind == "brand" else rows.filter(pk=int(key)).first()
        except (TypeError, ValueError, OverflowError):
            found = None
        if found is None:
            raise Http404
        return found

    def to_representation(self, value: Organization | Brand | Channel) -> dict[str, Any]:
        if isinstance(value, Channel):
            return {"channel": value.pk}
        return {"brand": value.slug} if isinstance(value, Brand) else {}


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    scope = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = ("id", "member", "role", "scope", "starts_at", "ends_at", "created_at")

    @extend_schema_field({"type": "object"})
    def get_scope(self, assignment: Assignment) -> dict[str, Any]:
        return ScopeField().to_representation(assignment.channel or assignment.brand or self.context["organization"])


class GrantSerializer(serializers.Serializer[Any]):
    role = serializers.IntegerField()
    scope = ScopeField(default=dict)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["scope"] == {}:
            attrs["scope"] = self.context["organization"]
        role = Role.objects.filter(pk=attrs["role"]).first()
        if role is None:
            raise Http404
        return {**attrs, "role": role}


class AssignmentWrite(GrantSerializer):
    member = serializers.IntegerField()


class DatesWrite(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class InvitationWrite(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=150, required=False, default="")
    language = serializers.ChoiceField(choices=["fr", "en"], default="fr")
    grants = GrantSerializer(many=True, allow_empty=False)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = ("id", "email", "name", "language", "created_at", "expires_at", "accepted_at", "revoked_at")


class MemberWrite(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    persona = serializers.ChoiceField(choices=Member.Persona.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class MeSerializer(serializers.Serializer[Any]):
    """Who the token speaks for, and what they may do."""

    member = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    organization = serializers.SlugField()
    language = serializers.CharField()
    persona = serializers.CharField()
    rights = serializers.ListField(child=serializers.DictField())
