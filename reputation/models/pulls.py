"""How far a channel has been read."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from socialops.tenancy.models import TenantModel
from teams.models import Channel


class PullState(TenantModel):
    """`cursor` is the connector's; it only moves in the transaction that stored the page before it.

    `next_pull_at` is also the lease: whoever takes a channel moves it ahead, so that a killed worker's channel comes back by itself.
    """

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="+")
    cursor = models.JSONField(default=dict)
    told = models.JSONField(
        default=list
    )  # [[external id, root]]: told by the network by their ids alone, to be read at the next turn
    next_pull_at = models.DateTimeField(db_default=Now())
    last_tried_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)  # networks.errors.Code, "" after a success
    last_error_kind = models.CharField(max_length=20, blank=True)  # networks.errors.ErrorKind
    failures = models.PositiveIntegerField(default=0)  # in a row

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["next_pull_at"], name="reputation_pull_due")]

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return self.channel.scope_path
