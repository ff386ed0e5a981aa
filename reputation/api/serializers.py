"""Shapes of the API of reputation."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from publishing.errors import sentence_for
from reputation.enums import MentionKind, Sentiment
from reputation.filters import LONGEST_SEARCH
from reputation.models import Mention, Reply
from socialops.networks.registry import connector_for


class ReplySerializer(serializers.ModelSerializer[Reply]):
    """An answer of ours. `state`: queued, sending, unconfirmed, sent, failed; `problem` says in a sentence why it was not sent."""

    author = serializers.CharField(source="author_name", read_only=True)
    problem = serializers.SerializerMethodField()

    class Meta:
        model = Reply
        fields = (
            "id", "text", "private", "author", "state", "external_id", "external_url", "sent_at", "created_at", "problem",
        )  # fmt: skip
        read_only_fields = fields

    def get_problem(self, reply: Reply) -> str:
        return sentence_for(reply.error_kind, reply.error_code, reply.error_detail) if reply.error_code else ""


class NewReplySerializer(serializers.Serializer[Any]):
    """`private`: by private message to the author."""

    text = serializers.CharField(max_length=10_000)
    private = serializers.BooleanField(default=False)


class MentionSerializer(serializers.ModelSerializer[Mention]):
    """`sentiment` is the label that counts; `model` and `human` are where it comes from. `actions`: what its network lets be done about it.

    `expired_at`: when its text ("" from then on) could be kept no longer; `author_expired_at`: the same of its author's handle, name and url.
    """

    actions = serializers.SerializerMethodField()

    brand = serializers.CharField(source="brand.slug", read_only=True)
    sentiment = serializers.CharField(source="label", read_only=True)
    model = serializers.SerializerMethodField()
    human_sentiment = serializers.CharField(read_only=True)
    author = serializers.SerializerMethodField()
    delivery = serializers.IntegerField(source="delivery_id", read_only=True, allow_null=True)
    channel = serializers.IntegerField(source="channel_id", read_only=True)

    class Meta:
        model = Mention
        fields = (
            "id", "brand", "channel", "network", "external_id", "kind", "author", "text", "url", "published_at", "in_reply_to", "root",
            "delivery", "language", "language_declared", "sentiment", "model", "human_sentiment", "human_sentiment_at", "done_at",
            "hidden_at", "liked_at", "deleted_at", "expired_at", "author_expired_at", "actions",
        )  # fmt: skip
        read_only_fields = fields

    def get_actions(self, mention: Mention) -> list[str]:
        able = connector_for(mention.network).actions(mention.kind) if mention.deleted_at is None else frozenset()
        return sorted(able)

    def get_author(self, mention: Mention) -> dict[str, str]:
        return {
            "id": mention.author_id,
            "handle": mention.author_handle,
            "name": mention.author_name,
            "url": mention.author_url,
        }

    def get_model(self, mention: Mention) -> dict[str, Any]:
        return {
            "sentiment": mention.sentiment,
            "confidence": mention.sentiment_confidence,
            "version": mention.sentiment_model,
            "explanation": mention.sentiment_explanation,
        }


class MentionQuerySerializer(serializers.Serializer[Any]):
    """The query string of the list. `brand` is a slug, `channel` and `delivery` ids; days in the organization's time zone, both included."""

    brand = serializers.CharField(required=False)
    channel = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    delivery = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    network = serializers.CharField(required=False, max_length=20)
    language = serializers.CharField(required=False, max_length=8)
    sentiment = serializers.ChoiceField(required=False, choices=Sentiment.choices)
    kind = serializers.ChoiceField(required=False, choices=MentionKind.choices)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    done = serializers.BooleanField(required=False, allow_null=True, default=None)
    q = serializers.CharField(required=False, max_length=LONGEST_SEARCH)


class MentionChangeSerializer(serializers.Serializer[Any]):
    """`human_sentiment` null or "" takes a correction back."""

    human_sentiment = serializers.ChoiceField(
        required=False,
        allow_null=True,
        allow_blank=True,
        choices=[Sentiment.POSITIVE.value, Sentiment.NEUTRAL.value, Sentiment.NEGATIVE.value],
    )
    done = serializers.BooleanField(required=False)
