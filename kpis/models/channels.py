"""A channel's audience day by day, and the state of its pulls."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from socialops.tenancy.models import TenantModel
from teams.models import Channel


class ChannelDay(TenantModel):
    """The last reading of a day in the brand's zone. None: the network does not give it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    followers = models.BigIntegerField(null=True)
    following = models.BigIntegerField(null=True)
    posts = models.BigIntegerField(null=True)
    raw = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="kpis_channel_day_once")]
        indexes = [models.Index(fields=["organization", "day"], name="kpis_channel_day_recent")]


class ChannelPull(TenantModel):
    """One puller a channel at a time: a lease, when to come back, and why it failed last."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="+")
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    account_due_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=80, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    dead_metrics = models.JSONField(default=dict)  # network's metric name → why it refused it

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["next_at"], name="kpis_pull_due", condition=Q(lease_until=None))]
