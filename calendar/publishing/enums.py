"""States of a delivery and kinds of its parts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    """DESIGN section 2. `states.py` says which moves are legal."""

    SCHEDULED = "scheduled", _("Scheduled")
    CLAIMED = "claimed", _("Claimed")
    PREPARING = "preparing", _("Preparing")
    COMMITTING = "committing", _("Publishing")
    CONFIRMING = "confirming", _("Being processed by the network")
    PUBLISHED = "published", _("Published")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    RETRYING = "retrying", _("Trying again")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    SUSPENDED = "suspended", _("Suspended")
    MISSED = "missed", _("Missed")


class PartKind(models.TextChoices):
    THREAD = "thread", _("Thread")
    FIRST_COMMENT = "first_comment", _("First comment")


class SuspensionScope(models.TextChoices):
    ORGANIZATION = "organization", _("Organization")
    BRAND = "brand", _("Brand")
    CHANNEL = "channel", _("Channel")
    CAMPAIGN = "campaign", _("Campaign")
