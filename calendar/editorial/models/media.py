"""A file that posts can carry."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from socialops.tenancy.models import TenantModel
from teams.models import Brand


class MediaAsset(TenantModel):
    """An image in the default storage. `content_type`, `width`, `height` are what its content says, never what its name says.

    `alt_text` is the usual description; a post may carry its own for the same image.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=300)  # in the default storage
    filename = models.CharField(max_length=200)  # as its owner called it
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()  # bytes, metadata removed
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    alt_text = models.CharField(_("description for people who can't see it"), max_length=2000, blank=True)
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
