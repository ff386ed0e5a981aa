"""What our calls to the networks counted and cost, and how much a month may cost."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from socialops.tenancy.models import TenantModel
from teams.models import Channel


class Usage(TenantModel):
    """Units and money of one channel's calls in one bucket, summed over five minutes from `slot_at`; `app` is the client id they were made with, "" where there is none.

    `amount` in US dollars, as the networks bill.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20)
    app = models.CharField(max_length=255, blank=True)
    bucket = models.CharField(max_length=40)
    slot_at = models.DateTimeField()
    units = models.BigIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=4)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "app", "bucket", "slot_at"], name="publishing_usage_slot"),
        ]
        indexes = [
            models.Index(fields=["app", "bucket", "slot_at"], name="publishing_usage_app"),
            models.Index(fields=["organization", "network", "slot_at"], name="publishing_usage_month"),
        ]


class Budget(TenantModel):
    """What an organization lets a network cost in a calendar month (UTC, as networks bill), in US dollars. Reached: nothing billed goes out there any more."""

    network = models.CharField(max_length=20)
    monthly = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["organization", "network"], name="publishing_budget_network")]
