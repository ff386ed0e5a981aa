"""Shapes of the API: what comes in, and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from editorial.enums import CampaignState, PostState
from editorial.models import Campaign, MediaAsset, SubtitleTrack
from editorial.services.options import LONGEST
from socialops.networks.ports import Format, MediaKind
from socialops.ui.languages import LANGUAGES

LARGEST_ID = 2**63 - 1
_FORMATS = [str(form) for form in Format]


def id_field(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **options)


@extend_schema_field({"type": "string", "format": "date-time"})
class WhenField(serializers.Field[datetime, Any, str, Any]):
    """ISO 8601. Without an offset it is a wall-clock time in the brand's zone."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            when = parse_datetime(data) if isinstance(data, str) else None
        except ValueError:
            when = None
        if when is None:
            raise serializers.ValidationError(_("Write the date as 2026-11-24T09:30 or 2026-11-24T09:30:00+01:00."))
        return when

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {"type": "object", "properties": {"id": {"type": "integer"}, "alt_text": {"type": "string"}}},
        ]
    }
)
class MediaUseField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """A media id, or {"id", "alt_text"}."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        item = data if isinstance(data, dict) else {"id": data}
        pk, alt_text = item.get("id"), item.get("alt_text", "")
        if isinstance(pk, str) and pk.isdecimal():
            pk = int(pk)
        if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk <= LARGEST_ID or not isinstance(alt_text, str):
            raise serializers.ValidationError(_("Give the id of an uploaded file, or an id and its alt_text."))
        return {"id": pk, "alt_text": alt_text}

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {"type": "boolean"},
            {"type": "integer"},
            {"type": "array", "items": {"type": "string"}},
        ]
    }
)
class OptionValueField(serializers.Field[Any, Any, Any, Any]):
    """A text, true or false, a whole number, or several texts."""

    def to_internal_value(self, data: Any) -> Any:
        text = serializers.CharField(allow_blank=True, max_length=LONGEST)
        if isinstance(data, str):
            return text.run_validation(data)
        if isinstance(data, list) and len(data) <= 100 and all(isinstance(item, str) for item in data):
            return [text.run_validation(item) for item in data]
        if isinstance(data, bool) or (isinstance(data, int) and abs(data) <= LARGEST_ID):
            return data
        raise serializers.ValidationError(_("Give a text, true or false, a whole number, or a list of texts."))

    def to_representation(self, value: Any) -> Any:
        return value


class VariantIn(serializers.Serializer[Any]):
    channel = id_field()
    text = serializers.CharField(allow_blank=True, allow_null=True, required=False, trim_whitespace=False)
    media = serializers.ListField(child=MediaUseField(), allow_null=True, required=False, max_length=40)
    first_comment = serializers.CharField(allow_blank=True, required=False, trim_whitespace=False)
    parts = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False, max_length=50
    )
    format = serializers.ChoiceField(choices=_FORMATS, required=False, help_text="How the network shows it.")
    options = serializers.DictField(
        child=OptionValueField(), required=False, help_text="Settings that only this network has."
    )
    cover = id_field(
        allow_null=True,
        required=False,
        help_text="The picture that stands for the video: an image, or the video itself for its own still picture.",
    )


class PostPatch(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, required=False, trim_whitespace=False)
    title = serializers.CharField(allow_blank=True, required=False, max_length=160)
    link = serializers.CharField(allow_blank=True, required=False, max_length=2000)
    language = serializers.RegexField(r"^[A-Za-z0-9-]{0,12}$", allow_blank=True, required=False)
    channels = serializers.ListField(child=id_field(), required=False, max_length=100)
    scheduled_at = WhenField(allow_null=True, required=False)
    campaign = id_field(allow_null=True, required=False)
    media = serializers.ListField(child=MediaUseField(), required=False, max_length=40)
    variants = VariantIn(many=True, required=False)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="The version you read: 409 if it changed."
    )


class PostIn(PostPatch):
    version = None  # type: ignore[assignment]  # DRF's way to drop an inherited field
    brand = serializers.SlugField()
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    state = serializers.ChoiceField(
        choices=[PostState.IDEA, PostState.DRAFT],
        required=False,
        help_text="Keeps a post with a date a draft or an idea.",
    )


class BulkIn(serializers.Serializer[Any]):
    posts = serializers.ListField(child=PostIn(), allow_empty=False, max_length=1000)


class ScheduleIn(serializers.Serializer[Any]):
    scheduled_at = WhenField(required=False, help_text="Default: the date the post has.")
    now = serializers.BooleanField(required=False, default=False)


class DecisionIn(serializers.Serializer[Any]):
    content_hash = serializers.CharField(required=False, allow_blank=True, max_length=64)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class CancelIn(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class DeliveryOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()
    due_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    external_url = serializers.CharField()
    error_code = serializers.CharField()


class VariantOut(serializers.Serializer[Any]):
    channel = serializers.IntegerField(source="channel_id")
    network = serializers.CharField(source="channel.network")
    text = serializers.CharField(allow_null=True)
    media = serializers.JSONField(allow_null=True)
    first_comment = serializers.CharField()
    parts = serializers.ListField(child=serializers.CharField())
    format = serializers.SerializerMethodField()
    options = serializers.SerializerMethodField()
    cover = serializers.IntegerField(source="cover_id", allow_null=True)
    delivery = DeliveryOut(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=_FORMATS))
    def get_format(self, variant: Any) -> str:
        return str(variant.options.get("format", Format.POST))

    @extend_schema_field(serializers.DictField(child=OptionValueField()))
    def get_options(self, variant: Any) -> dict[str, Any]:
        return {name: value for name, value in variant.options.items() if name != "format"}


class PostOut(serializers.Serializer[Any]):
    """`post.loaded_variants` must be there."""

    id = serializers.IntegerField()
    brand = serializers.SlugField(source="brand.slug")
    title = serializers.CharField()
    text = serializers.CharField()
    link = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(choices=PostState.choices)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    time_zone = serializers.CharField(source="brand.time_zone")
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    media = serializers.JSONField()
    channels = serializers.SerializerMethodField()
    variants = VariantOut(many=True, source="loaded_variants")
    author = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    content_hash = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    notices = serializers.SerializerMethodField(
        help_text="What was changed on the way, for example a time that does not exist."
    )

    def get_channels(self, post: Any) -> list[int]:
        return [variant.channel_id for variant in post.loaded_variants]

    def get_author(self, post: Any) -> str | None:
        return str(post.author) if post.author else None

    def get_notices(self, post: Any) -> list[str]:
        notices: list[str] = getattr(post, "notices", [])
        return notices


class CampaignBody(serializers.ModelSerializer[Campaign]):
    brand = serializers.SlugField(source="brand.slug")
    state = serializers.ChoiceField(choices=CampaignState.choices, required=False)

    class Meta:
        model = Campaign
        fields = ["id", "brand", "name", "objective", "starts_on", "ends_on", "colour", "state", "created_at"]
        read_only_fields = ["id", "created_at"]
        validators: list[Any] = []


class SubtitlesOut(serializers.ModelSerializer[SubtitleTrack]):
    class Meta:
        model = SubtitleTrack
        fields = ["language", "size", "sha256", "created_at"]
        extra_kwargs = {"size": {"help_text": "Bytes, as WebVTT."}}


class SubtitlesText(serializers.ModelSerializer[SubtitleTrack]):
    class Meta:
        model = SubtitleTrack
        fields = ["language", "size", "sha256", "created_at", "webvtt"]


class SubtitlesIn(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=LANGUAGES, help_text="By BCP 47.")
    file = serializers.FileField(help_text="SRT or WebVTT, in UTF-8; judged by its content.")


class MediaOut(serializers.ModelSerializer[MediaAsset]):
    brand = serializers.SlugField(source="brand.slug")
    kind = serializers.ChoiceField(choices=[str(kind) for kind in MediaKind])
    duration = serializers.FloatField(allow_null=True, help_text="Seconds of a video.")
    subtitles = SubtitlesOut(source="current_tracks", many=True, read_only=True, help_text="Of a video.")
    facts = serializers.SerializerMethodField(help_text="Of a video its codecs and rates, of a document its pages.")

    class Meta:
        model = MediaAsset
        fields = [
            "id",
            "brand",
            "filename",
            "kind",
            "content_type",
            "size",
            "width",
            "height",
            "duration",
            "facts",
            "sha256",
            "alt_text",
            "subtitles",
            "created_at",
        ]

    @extend_schema_field(serializers.DictField())
    def get_facts(self, asset: MediaAsset) -> dict[str, Any]:
        return {name: value for name, value in asset.facts.items() if name != "poster"}


class MediaIn(serializers.Serializer[Any]):
    brand = serializers.SlugField()
    file = serializers.FileField()
    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class MediaPatch(serializers.Serializer[Any]):
    alt_text = serializers.CharField(allow_blank=True, max_length=2000)


class PlaceOut(serializers.Serializer[Any]):
    """`where` tells it from its namesakes, "" when the network says nothing."""

    id = serializers.CharField()
    name = serializers.CharField()
    where = serializers.CharField()
    option = serializers.CharField()
