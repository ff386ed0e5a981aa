"""One variant to be sent to one channel at a due time: queue row, lock and ledger at once."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from publishing.enums import DeliveryState, PartKind
from socialops.tenancy.models import TenantModel
from teams.models import Brand, Channel


class Delivery(TenantModel):
    """`payload` is the frozen content: {"text", "link", "language", "first_comment", "parts": [str], "options": {},
    "media": [{"key", "path" (default storage), "content_type", "size", "alt_text", "width", "height", "filename", "video" (`VideoFacts`, or None)}],
    "cover": the same shape, or None}. "options" has "format" where it is not a plain post.

    `post_key` and `campaign_key` are ids of the app above (editorial), opaque here.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    post_key = models.BigIntegerField(null=True)
    campaign_key = models.BigIntegerField(null=True)
    label = models.CharField(max_length=160)  # first words, for lists and notifications
    payload = models.JSONField()
    content_hash = models.CharField(max_length=64)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    due_at = models.DateTimeField()  # as people chose it
    released_at = models.DateTimeField(
        null=True
    )  # when a person last sent it on its way again: lateness counts from there
    next_try_at = models.DateTimeField()  # when the dispatcher may claim it: due_at, a retry's time, a check's time
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.SCHEDULED)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    handles = models.JSONField(default=dict)  # remote handles, saved before the next call
    first_tried_at = models.DateTimeField(
        null=True
    )  # frozen: networks that compare requests want the same creation time
    commit_started_at = models.DateTimeField(null=True)  # "about to commit", saved before the one shot
    unconfirmed_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)  # reconciliations tried
    asks_person = models.BooleanField(default=False)  # reconciliation can't tell: "it is live / it is not"
    suspension = models.ForeignKey(
        "publishing.Suspension", null=True, on_delete=models.PROTECT, related_name="held"
    )  # which one holds it while suspended
    parts_due_at = models.DateTimeField(null=True)  # when the next part of a published delivery is to be worked on

    external_id = models.CharField(max_length=500, blank=True)
    external_url = models.URLField(max_length=1000, blank=True)
    external_extra = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # taken down on the network by us
    earlier_ids = models.JSONField(default=list)  # external ids it had before corrections that gave it another
    correction = models.JSONField(
        null=True
    )  # the last one that is not known to be made: {"text", "by" (a name), "since", "checks", "outcome" ("" until it is known)}
    correction_due_at = models.DateTimeField(null=True)  # when the network is asked what became of it

    error_kind = models.CharField(max_length=20, blank=True)  # networks.errors.ErrorKind
    error_code = models.CharField(max_length=80, blank=True)
    error_detail = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)  # posts a person may recognise when reconciliation can't tell

    class Meta:
        default_permissions = ()
        indexes = [
            # the claim: only rows still to be sent are in it
            models.Index(
                fields=["next_try_at"],
                name="publishing_delivery_due",
                condition=Q(state__in=[DeliveryState.SCHEDULED, DeliveryState.RETRYING]),
            ),
            models.Index(
                fields=["lease_until"],
                name="publishing_delivery_lease",
                condition=Q(
                    state__in=[
                        DeliveryState.CLAIMED,
                        DeliveryState.PREPARING,
                        DeliveryState.COMMITTING,
                        DeliveryState.CONFIRMING,
                    ]
                ),
            ),
            models.Index(
                fields=["published_at"], name="publishing_delivery_out", condition=Q(published_at__isnull=False)
            ),
            # the same rows, one channel after the other: a burst on one channel is skipped, not read
            models.Index(
                fields=["channel", "next_try_at"],
                name="publishing_delivery_turn",
                condition=Q(state__in=[DeliveryState.SCHEDULED, DeliveryState.RETRYING]),
            ),
            models.Index(
                fields=["next_try_at"],
                name="publishing_delivery_check",
                condition=Q(state__in=[DeliveryState.CONFIRMING, DeliveryState.UNCONFIRMED], asks_person=False),
            ),
            models.Index(
                fields=["parts_due_at"], name="publishing_delivery_parts", condition=Q(parts_due_at__isnull=False)
            ),
            models.Index(
                fields=["correction_due_at"],
                name="publishing_delivery_correct",
                condition=Q(correction_due_at__isnull=False),
            ),
            models.Index(fields=["channel"], name="publishing_delivery_earlier", condition=~Q(earlier_ids=[])),
            models.Index(
                fields=["suspension"], name="publishing_delivery_held", condition=Q(state=DeliveryState.SUSPENDED)
            ),
            models.Index(fields=["organization", "brand", "due_at"], name="publishing_delivery_brand"),
            models.Index(fields=["organization", "state", "due_at"], name="publishing_delivery_state"),
            models.Index(fields=["organization", "post_key"], name="publishing_delivery_post"),
            models.Index(
                fields=["channel", "external_id"], name="publishing_delivery_remote", condition=~Q(external_id="")
            ),
            models.Index(
                fields=["channel", "-published_at"],
                name="publishing_delivery_recent",
                condition=Q(published_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.PUBLISHED) | Q(published_at__isnull=False),
                name="publishing_delivery_published_at",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("channel", self.channel_id), ("brand", self.brand_id), ("organization", self.organization_id))

    @property
    def asks(self) -> bool:
        """Whether somebody must say if it is live: nobody else can tell."""
        return self.state == DeliveryState.UNCONFIRMED and self.asks_person

    @property
    def expected_at(self) -> dt.datetime:
        """From when on it is late."""
        return max(self.due_at, self.released_at) if self.released_at else self.due_at


class Part(TenantModel):
    """A further post of a thread, or the first comment: its own unit with its own outcome, sent in order after the delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=15, choices=PartKind.choices)
    text = models.TextField()
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.SCHEDULED)
    tries = models.PositiveSmallIntegerField(default=0)
    commit_started_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
    external_id = models.CharField(max_length=500, blank=True)
    external_url = models.URLField(max_length=1000, blank=True)
    external_extra = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True)
    error_kind = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    error_detail = models.JSONField(default=dict)
    candidates = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["delivery", "position"], name="publishing_part_position")]


class Attempt(TenantModel):
    """One try of one step: the ledger. `raw` is the network's redacted answer."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    part = models.ForeignKey(Part, null=True, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    step = models.CharField(
        max_length=20
    )  # prepare, create, commit, confirm, permalink, first_comment, reconcile, person
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20)  # started, done, error kind, or a finding
    error_code = models.CharField(max_length=80, blank=True)
    error_detail = models.JSONField(default=dict)
    raw = models.JSONField(default=dict)
    worker = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)  # what a person decided

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["delivery", "id"], name="publishing_attempt_delivery")]
