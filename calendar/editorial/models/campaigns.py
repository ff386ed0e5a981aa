"""A campaign: posts that serve one objective between two dates."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from editorial.enums import CampaignState
from socialops.tenancy.models import TenantModel
from teams.models import Brand


class Campaign(TenantModel):
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=120)
    objective = models.TextField(_("objective"), blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)  # days in the brand's zone, both included
    ends_on = models.DateField(_("to"), null=True, blank=True)
    colour = models.CharField(
        _("colour"), max_length=7, default="#3b6ea5", validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    state = models.CharField(_("state"), max_length=10, choices=CampaignState.choices, default=CampaignState.PLANNED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["-starts_on", "name"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="editorial_campaign_name"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="editorial_campaign_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("brand", self.brand_id), ("organization", self.organization_id))
