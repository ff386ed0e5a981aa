"""Something somebody said to one of our channels, or about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Q

from publishing.models import Delivery
from reputation.enums import MentionKind, Sentiment
from socialops.tenancy.models import TenantModel
from teams.models import Brand, Channel


class Mention(TenantModel):
    """The model's label (`sentiment…`) and a person's (`human_sentiment…`) never overwrite each other; `label` is the one that counts.

    `language` is an ISO 639-1 code, "" when unclear; `language_declared` tells whether the network said so or we guessed.
    `received_at` is when we stored it: from then on counts how long a network lets it be kept (`services.retention`). `author_expired_at` and `expired_at` say when
    its author, and then its words, were forgotten: both stay empty from then on.
    `sentiment_explanation` is [{"text", "weight", "negator"}], the strongest word first.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    network = models.CharField(max_length=20)
    external_id = models.CharField(max_length=500)  # opaque
    kind = models.CharField(max_length=10, choices=MentionKind.choices)
    author_id = models.CharField(max_length=500, blank=True)
    author_handle = models.CharField(max_length=255, blank=True)
    author_name = models.CharField(max_length=255, blank=True)
    author_url = models.CharField(max_length=1000, blank=True)  # http(s) or empty: ingestion looks
    author_avatar_url = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=1000, blank=True)
    published_at = models.DateTimeField()
    in_reply_to = models.CharField(max_length=500, blank=True)
    root = models.CharField(max_length=500, blank=True)
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # our post it answers
    received_at = models.DateTimeField(auto_now_add=True)
    extra = models.JSONField(default=dict, blank=True)  # what the connector needs to act on it (RemoteMention.extra)
    hidden_at = models.DateTimeField(null=True)  # hidden by us on the network, or waiting there for us to show it
    liked_at = models.DateTimeField(null=True)  # liked by our account
    deleted_at = models.DateTimeField(null=True)  # removed by us on the network, or found gone there

    author_expired_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    language = models.CharField(max_length=8, blank=True)
    language_declared = models.BooleanField(default=False)
    sentiment = models.CharField(max_length=10, choices=Sentiment.choices, default=Sentiment.UNKNOWN)
    sentiment_confidence = models.FloatField(default=0)  # 0 to 1, 0 when not judged
    sentiment_probabilities = models.JSONField(default=dict)  # {"negative", "neutral", "positive"}
    sentiment_model = models.CharField(max_length=60, blank=True)
    sentiment_explanation = models.JSONField(default=list)

    human_sentiment = models.CharField(max_length=10, choices=Sentiment.choices, blank=True)
    human_sentiment_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    human_sentiment_at = models.DateTimeField(null=True)

    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # Words of text and author without accents, stemmed by `language`; see the migration that makes the function.
    # No GIN index: row-level security keeps PostgreSQL from using it, because @@ is not leakproof.
    search = models.GeneratedField(
        expression=Func("text", "author_name", "author_handle", "language", function="reputation_words"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="reputation_mention_once"),
            models.CheckConstraint(
                condition=Q(human_sentiment="", human_sentiment_at=None)
                | (~Q(human_sentiment="") & Q(human_sentiment_at__isnull=False)),
                name="reputation_mention_human_label",
            ),
            models.CheckConstraint(
                condition=Q(author_expired_at=None)
                | Q(author_name="", author_handle="", author_url="", author_avatar_url=""),
                name="reputation_mention_author_expired",
            ),
            models.CheckConstraint(
                condition=Q(expired_at=None)
                | Q(text="", sentiment_explanation=[], language="", author_expired_at__isnull=False),
                name="reputation_mention_expired",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-published_at", "-id"], name="reputation_mention_recent"),
            models.Index(
                fields=["organization", "-published_at", "-id"],
                name="reputation_mention_open",
                condition=Q(done_at=None),
            ),
            models.Index(fields=["brand", "-published_at"], name="reputation_mention_brand"),
            models.Index(fields=["channel", "-published_at"], name="reputation_mention_channel"),
            models.Index(
                fields=["network", "received_at"], name="reputation_mention_kept", condition=Q(expired_at=None)
            ),
        ]

    def __str__(self) -> str:
        """Neither who nor what: the audit log keeps it for good."""
        return f"{self.network} {self.kind} {self.external_id}"

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("channel", self.channel_id), ("brand", self.brand_id), ("organization", self.organization_id))

    @property
    def label(self) -> Sentiment:
        """What counts: the person's word where there is one."""
        return Sentiment(self.human_sentiment or self.sentiment)
