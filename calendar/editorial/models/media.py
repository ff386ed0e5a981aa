"""A file that posts can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from editorial.rules import clock
from socialops.networks.ports import MediaKind, VideoFacts
from socialops.tenancy.models import TenantModel
from teams.models import Brand

if TYPE_CHECKING:
    from editorial.models.subtitles import SubtitleTrack


class MediaAsset(TenantModel):
    """An image, a video or a document in the default storage. `content_type`, `width`, `height` (pixels, as people see it) are what its content says, never what its name says.

    `facts`: of a video the fields of `VideoFacts`, and its still picture, a JPEG: "poster": {"path" (default storage), "size", "width", "height"}; of a document {"pages"} where
    it tells; "cleaned": true when what came in said where or with what it was made.
    `alt_text` is the usual description; a post may carry its own for the same file.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=300)  # in the default storage
    filename = models.CharField(max_length=200)  # as its owner called it
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes, metadata removed
    width = models.PositiveIntegerField(null=True)  # None for a document
    height = models.PositiveIntegerField(null=True)
    facts = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64)
    alt_text = models.CharField(gettext_lazy("description for people who can't see it"), max_length=2000, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["brand", "sha256"], name="editorial_media_once")]

    def __str__(self) -> str:
        return self.filename

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("brand", self.brand_id), ("organization", self.organization_id))

    @property
    def kind(self) -> MediaKind:
        return MediaKind.of(self.content_type)

    @property
    def video(self) -> dict[str, Any] | None:
        """The fields of `VideoFacts`, None for what is no video."""
        if self.kind != MediaKind.VIDEO:
            return None
        return {name: self.facts[name] for name in VideoFacts.__dataclass_fields__}

    @property
    def duration(self) -> float | None:
        """Seconds of a video."""
        seconds: float | None = self.facts.get("duration")
        return seconds

    @property
    def weight(self) -> str:
        """Its size, for people."""
        if self.size < 100_000:
            return _("%(size)s KB") % {"size": number_format(max(1, round(self.size / 1000)))}
        return _("%(size)s MB") % {"size": number_format(round(self.size / 1_000_000, 1))}

    @property
    def clock(self) -> str:
        """A video's length, as players show it."""
        return clock(self.duration or 0)

    @property
    def poster(self) -> dict[str, Any] | None:
        """A video's still picture, as `facts` says."""
        poster: dict[str, Any] | None = self.facts.get("poster")
        return poster

    @property
    def current_tracks(self) -> list[SubtitleTrack]:
        """A video's subtitles now, by language."""
        if self.kind != MediaKind.VIDEO:
            return []
        return [track for track in self.tracks.all() if track.retired_at is None]

    @property
    def spoken(self) -> list[str]:
        """The languages of its subtitles."""
        return [track.language for track in self.current_tracks]

    @property
    def pages(self) -> int | None:
        pages: int | None = self.facts.get("pages")
        return pages
