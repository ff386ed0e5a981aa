"""The tenant, and its brands."""

from __future__ import annotations

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from socialops.permissions.rights import permissions_for_brand, permissions_for_organization
from socialops.tenancy.models import TenantModel

valid_slug = RegexValidator(r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$", _("Use small letters, digits and hyphens only."))


def valid_time_zone(name: str) -> None:
    """An IANA zone name that this machine knows."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone, for example Europe/Paris."), params={"name": name})


class Organization(models.Model):
    """The tenant. Global table: its slug is in the URL before any scope is open; it holds nothing secret."""

    slug = models.CharField(_("address"), max_length=50, unique=True, validators=[valid_slug])
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", validators=[valid_time_zone])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = permissions_for_organization()

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("organization", self.pk),)


class Brand(TenantModel):
    """A workspace: its voice, calendar, zone, languages and approval policy."""

    class Approval(models.TextChoices):
        NONE = "none", _("No approval")
        REQUIRED = "required", _("Approval by someone else")

    slug = models.CharField(_("address"), max_length=50, validators=[valid_slug])
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", validators=[valid_time_zone])
    languages = models.JSONField(
        _("languages"), default=list, help_text=_("Languages the brand publishes in, first one by default.")
    )
    approval = models.CharField(_("approval"), max_length=10, choices=Approval.choices, default=Approval.REQUIRED)
    late_tolerance_minutes = models.PositiveSmallIntegerField(
        _("still publish when late by (minutes)"), default=15, validators=[MaxValueValidator(1440)]
    )
    voice = models.TextField(_("voice"), blank=True)
    colour = models.CharField(
        _("colour"), max_length=7, default="#3b6ea5", validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = permissions_for_brand()
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="teams_brand_slug")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("brand", self.pk), ("organization", self.organization_id))
