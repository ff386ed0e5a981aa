"""Answers kept so that a repeated write is not done twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from socialops.tenancy.models import TenantModel


class IdempotentAnswer(TenantModel):
    """One person's write under one Idempotency-Key. `status` is null while the write runs: the unique constraint makes a concurrent twin wait."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # sha256 of method, path and body
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["organization", "user", "key"], name="api_idempotent_key")]
        indexes = [models.Index(fields=["created_at"], name="api_idempotent_age")]
