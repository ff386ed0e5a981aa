"""States of posts and campaigns, and what an approver may decide."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PostState(models.TextChoices):
    """DESIGN section 2. `states.py` says which moves are legal."""

    IDEA = "idea", pgettext_lazy("post", "Idea")
    DRAFT = "draft", pgettext_lazy("post", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("post", "In review")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("post", "Changes requested")
    APPROVED = "approved", pgettext_lazy("post", "Approved")
    SCHEDULED = "scheduled", pgettext_lazy("post", "Scheduled")
    PUBLISHED = "published", pgettext_lazy("post", "Published")
    PARTIALLY_PUBLISHED = "partially_published", pgettext_lazy("post", "Partly published")
    FAILED = "failed", pgettext_lazy("post", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("post", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("post", "Expired")
    ON_HOLD = "on_hold", pgettext_lazy("post", "On hold")


class CampaignState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("campaign", "Planned")
    ACTIVE = "active", pgettext_lazy("campaign", "Active")
    PAUSED = "paused", pgettext_lazy("campaign", "Paused")
    COMPLETED = "completed", pgettext_lazy("campaign", "Completed")
    ARCHIVED = "archived", pgettext_lazy("campaign", "Archived")


class Decision(models.TextChoices):
    APPROVED = "approved", _("Approved")
    CHANGES_REQUESTED = "changes_requested", _("Asked for changes")


class RevisionKind(models.TextChoices):
    SAVED = "saved", _("Saved")
    KEPT = "kept", _("Set aside")  # what the second of two editors had typed: never the post's content, never lost
