"""One idea to publish, and what it looks like on each channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from editorial.enums import PostState
from editorial.models.campaigns import Campaign
from editorial.models.media import MediaAsset
from editorial.words import Told, heading, words_of
from publishing.models import Delivery
from socialops.tenancy.models import TenantModel
from teams.models import Brand, Channel

TOLD = {"network": F("channel__network"), "format": F("options__format"), "title": F("options__title")}


class Post(TenantModel):
    """`media` is [{"id": MediaAsset id, "alt_text": its description here, "" for the asset's own}], in the order people see.
    `subtitles` are those of its videos that it left its author's hands with, {MediaAsset id: [SubtitleTrack id]}; until then it follows its videos (`selectors.content.subtitles_on`).

    `state` is written by `services.moves.move_post` alone. `version` grows by one with every saved change (optimistic lock).
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    title = models.CharField(_("internal title"), max_length=160, blank=True)
    text = models.TextField(_("text"), blank=True)
    link = models.URLField(_("link"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    media = models.JSONField(default=list, blank=True)
    subtitles = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=20, choices=PostState.choices, default=PostState.DRAFT)
    state_since = models.DateTimeField()
    scheduled_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    last_editor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["organization", "scheduled_at"], name="editorial_post_date"),
            models.Index(fields=["organization", "brand", "scheduled_at"], name="editorial_post_brand"),
            models.Index(
                fields=["organization", "scheduled_at"],
                name="editorial_post_review",
                condition=Q(state__in=[PostState.IN_REVIEW, PostState.CHANGES_REQUESTED]),
            ),
            models.Index(
                fields=["organization", "-updated_at"],
                name="editorial_post_undated",
                condition=Q(scheduled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title, or the first words: what lists and notifications call this post. At most 80 characters. Without `told`, one query."""
        words = heading(self.title, self.text, () if self.title else self._told())
        return words if len(words) <= 80 else words[:79].rstrip() + "…"

    @property
    def words(self) -> str:
        """The text as people read it. Without `told`, one query."""
        return words_of(self.text, self._told())

    def _told(self) -> Told:
        """What its variants say of it, as `selectors.posts.told` annotates it."""
        told: Told | None = getattr(self, "told", None)
        return list(self.variants.values(**TOLD)) if told is None else told

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("brand", self.brand_id), ("organization", self.organization_id))


class Variant(TenantModel):
    """The post on one channel. `text` and `media` of None inherit the post's until they are detached.

    `cover` is the picture that stands for the video: an image, or the video itself for its own still picture; None leaves it to the network.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="variants")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(null=True, blank=True)  # noqa: DJ001 -- None inherits, "" is an empty text of its own
    media = models.JSONField(null=True, blank=True)
    first_comment = models.TextField(blank=True)
    parts = models.JSONField(default=list, blank=True)  # further posts of the thread: [str]
    options = models.JSONField(default=dict, blank=True)  # networks.ports.Content.options, "format" among them
    cover = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    delivery = models.OneToOneField(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["post", "channel"], name="editorial_variant_channel")]
        indexes = [models.Index(fields=["channel", "post"], name="editorial_variant_by_channel")]

    def __str__(self) -> str:
        return f"{self.post_id} → {self.channel_id}"
