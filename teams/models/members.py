"""A person in an organization, how they get in, and their API tokens."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from socialops.tenancy.models import TenantModel


class Member(TenantModel):
    class Persona(models.TextChoices):
        """Which screen opens first (DESIGN section 8)."""

        MANAGER = "manager", _("Today")
        DIRECTOR = "director", _("Overview")
        ADMIN = "admin", _("Team")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(_("job title"), max_length=120, blank=True)
    persona = models.CharField(_("opens on"), max_length=10, choices=Persona.choices, default=Persona.MANAGER)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    rights_due_at = models.DateTimeField(
        null=True, blank=True
    )  # when an assignment next starts or ends: rights are rebuilt then
    rights_built_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="teams_member_person")]
        indexes = [
            models.Index(
                fields=["rights_due_at"],
                name="teams_member_rights_due",
                condition=models.Q(rights_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Invitation(TenantModel):
    """An offer by e-mail to join with a role on a scope. The token is stored hashed."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(max_length=5, default="fr")
    token_hash = models.CharField(max_length=64, unique=True)
    grants = models.JSONField(
        default=list
    )  # [{"role": id, "brand": id|null, "channel": id|null, "starts_at", "ends_at"}]
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organization",
                name="teams_invitation_open",
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
            )
        ]


class ApiToken(TenantModel):
    """A bearer token of one member in one organization, stored as sha256; `prefix` helps people tell theirs apart."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
