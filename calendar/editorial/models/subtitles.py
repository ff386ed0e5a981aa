"""What is said in a video, in one language."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from editorial.models.media import MediaAsset
from socialops.tenancy.models import TenantModel


class SubtitleTrack(TenantModel):
    """Never changed: other subtitles in the same language are another track, and the one before is retired. So posts that were submitted with it still have it.

    `language` by BCP 47, `webvtt` as `networks.subtitles.read_subtitles` gives it; `size` its bytes in UTF-8 and `sha256` of them, so that neither needs the text.
    """

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="tracks")
    language = models.CharField(max_length=12)
    webvtt = models.TextField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "language"], name="editorial_subtitles_once", condition=Q(retired_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.language}"
