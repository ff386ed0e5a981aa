"""The kill switch."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from publishing.enums import SuspensionScope
from socialops.tenancy.models import TenantModel
from teams.models import Brand, Channel


class Suspension(TenantModel):
    """While not lifted, nothing in its scope goes out. Checked in the claim and right before commit."""

    scope = models.CharField(max_length=12, choices=SuspensionScope.choices)
    brand = models.ForeignKey(Brand, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    campaign_key = models.BigIntegerField(null=True)
    reason = models.TextField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        """Where the right to suspend is asked. A campaign may span brands: asked of the organization."""
        if self.channel is not None:
            return self.channel.scope_path
        return (
            (("organization", self.organization_id),)
            if self.brand_id is None
            else (("brand", self.brand_id), ("organization", self.organization_id))
        )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=SuspensionScope.ORGANIZATION, brand=None, channel=None, campaign_key=None)
                | Q(scope=SuspensionScope.BRAND, brand__isnull=False, channel=None, campaign_key=None)
                | Q(scope=SuspensionScope.CHANNEL, brand=None, channel__isnull=False, campaign_key=None)
                | Q(scope=SuspensionScope.CAMPAIGN, brand=None, channel=None, campaign_key__isnull=False),
                name="publishing_suspension_scope",
            ),
        ]
        indexes = [
            models.Index(fields=["organization"], name="publishing_suspension_open", condition=Q(lifted_at=None))
        ]
