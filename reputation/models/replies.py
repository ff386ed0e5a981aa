"""What we answer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from reputation.enums import ReplyState
from reputation.models.mentions import Mention
from socialops.tenancy.models import TenantModel


class Reply(TenantModel):
    """An answer to a mention: under it for everybody to read, or `private` to its author. Sent once, as a publication is.

    `next_at` is when it is to be worked on (sent, or looked for on the network), None when nothing is left to do without a person; whoever takes it moves it ahead.
    """

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    private = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=12, choices=ReplyState.choices, default=ReplyState.QUEUED)
    next_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    checks = models.PositiveSmallIntegerField(default=0)
    sending_at = models.DateTimeField(null=True)  # "about to send", saved before the one shot
    external_id = models.CharField(max_length=500, blank=True)
    external_url = models.CharField(max_length=1000, blank=True)
    sent_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    error_detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        indexes = [
            models.Index(fields=["next_at"], name="reputation_reply_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["mention", "id"], name="reputation_reply_mention"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
