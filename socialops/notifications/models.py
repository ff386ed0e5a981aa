"""What a person is told, in the app and by mail. Grouped: one row an incident, counted up while unread."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from socialops.tenancy.models import TenantModel


class Notification(TenantModel):
    """`kind` names the sentence (registered by the app that sends it), `params` fill it, `url` is the path to act on.

    `group_key` makes one notification an incident ("" never groups).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=500)
    severity = models.CharField(max_length=10, default="info")  # info, success, warning, danger
    group_key = models.CharField(max_length=120, blank=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-updated_at"], name="notifications_recent"),
            models.Index(
                fields=["mail_due_at"],
                name="notifications_mail_due",
                condition=Q(mail_due_at__isnull=False, mailed_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "group_key"],
                name="notifications_open_group",
                condition=Q(read_at=None) & ~Q(group_key=""),
            )
        ]


class Preference(TenantModel):
    """One person's choice for one kind; absent means the kind's default."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    in_app = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "organization", "kind"], name="notifications_choice")]
