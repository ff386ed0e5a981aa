"""What a published post has earned: the last reading (one row a delivery, what dashboards read) and every reading (history)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from publishing.models import Delivery
from socialops.tenancy.models import TenantModel
from teams.models import Brand, Channel


class Counters(models.Model):
    """Our metrics. None: the network does not give it, or has not yet."""

    likes = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    quotes = models.BigIntegerField(null=True)
    saves = models.BigIntegerField(null=True)
    clicks = models.BigIntegerField(null=True)
    impressions = models.BigIntegerField(null=True)
    views = models.BigIntegerField(null=True)
    reach = models.BigIntegerField(null=True)
    votes = models.BigIntegerField(null=True)  # of a poll
    interactions = models.BigIntegerField(null=True)  # kpis.dictionary.interactions at the time of reading

    class Meta:
        abstract = True


class PostFigures(Counters, TenantModel):
    """The last reading of one delivery. brand, channel, network and published_at repeat the delivery's, so that a dashboard reads one table."""

    delivery = models.OneToOneField(Delivery, primary_key=True, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20)
    published_at = models.DateTimeField()
    followers = models.BigIntegerField(null=True)  # of the channel, as last read before or just after publication
    readings = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    next_read_at = models.DateTimeField(null=True)  # null: old enough, no more
    gone_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["next_read_at"], name="kpis_figures_due", condition=Q(next_read_at__isnull=False)),
            models.Index(fields=["organization", "brand", "published_at"], name="kpis_figures_brand"),
            models.Index(fields=["channel", "next_read_at"], name="kpis_figures_channel"),
        ]


class PostSnapshot(Counters, TenantModel):
    """One reading, as it was: `raw` keeps the network's own names, so that a changed definition can be recomputed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    raw = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["delivery", "read_at"], name="kpis_post_reading")]
