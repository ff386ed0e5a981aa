"""Roles, and who holds them where and until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from socialops.tenancy.models import TenantModel
from teams.models.channels import Channel
from teams.models.members import Member
from teams.models.organizations import Brand


class Role(TenantModel):
    """A named set of rights. `catalogue_key` ties it to the trade's catalogue (name and mission then come translated from there)."""

    name = models.CharField(_("name"), max_length=120)
    mission = models.CharField(_("mission"), max_length=300, blank=True)
    rights = models.JSONField(_("rights"), default=list)  # values of socialops.permissions.rights.Right
    catalogue_key = models.CharField(max_length=40, blank=True)
    persona = models.CharField(max_length=10, choices=Member.Persona.choices, default=Member.Persona.MANAGER)
    needs_end_date = models.BooleanField(
        _("always until a date"),
        default=False,
        help_text=_("For guests: this role can't be given without an end date."),
    )
    is_archived = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "catalogue_key"], condition=~Q(catalogue_key=""), name="teams_role_catalogue"
            ),
            models.UniqueConstraint(
                fields=["organization", "name"], condition=Q(is_archived=False), name="teams_role_name"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language: the catalogue's source names are translated, an admin's own words stay as they are."""
        return gettext(self.name) if self.catalogue_key else self.name

    @property
    def mission_text(self) -> str:
        """As `label`, for the mission."""
        return gettext(self.mission) if self.catalogue_key and self.mission else self.mission


class Assignment(TenantModel):
    """A role given to a member on the organization (brand and channel empty), a brand, or a channel; from `starts_at` until `ends_at` (exclusive)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(brand__isnull=True) | Q(channel__isnull=True), name="teams_assignment_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="teams_assignment_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} → {self.member}"

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        """Narrow to wide; a channel's brand is only named when it is loaded with the channel."""
        organization = ("organization", self.organization_id)
        if self.channel_id is not None:
            return (("channel", self.channel_id), organization)
        if self.brand_id is not None:
            return (("brand", self.brand_id), organization)
        return (organization,)
