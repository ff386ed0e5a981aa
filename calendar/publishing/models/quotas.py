"""What the networks' own headers said last."""

from __future__ import annotations

from django.db import models

from socialops.tenancy.models import TenantModel
from teams.models import Channel


class QuotaReading(TenantModel):
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    bucket = models.CharField(max_length=40)
    limit = models.IntegerField(null=True)
    remaining = models.IntegerField(null=True)
    resets_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["channel", "bucket"], name="publishing_quota_bucket")]
