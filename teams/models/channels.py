"""One connected page, account or profile on a network."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from socialops.permissions.rights import permissions_for_channel
from socialops.secrets_at_rest import EncryptedJSONField
from socialops.tenancy.models import TenantModel
from teams.models.organizations import Brand


class Channel(TenantModel):
    class Status(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NEEDS_RECONNECTION = "needs_reconnection", _("Reconnect")
        DISCONNECTED = "disconnected", _("Disconnected")

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    network = models.CharField(_("network"), max_length=20)
    base_url = models.URLField(_("server"), blank=True)
    external_id = models.CharField(max_length=255)  # opaque, unique on (network, base_url)
    handle = models.CharField(_("handle"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    url = models.URLField(max_length=500, blank=True)
    avatar_url = models.URLField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.CONNECTED)
    status_reason = models.CharField(max_length=80, blank=True)  # NetworkError.code of what broke it
    missing_scopes = models.JSONField(default=list, blank=True)
    limits = models.JSONField(default=dict, blank=True)  # the instance's own, from Connector.fetch_limits
    limits_fetched_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = permissions_for_channel()
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "base_url", "external_id"], name="teams_channel_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.network})"

    @property
    def scope_path(self) -> tuple[tuple[str, int], ...]:
        return (("channel", self.pk), ("brand", self.brand_id), ("organization", self.organization_id))


class ChannelCredential(TenantModel):
    """A channel's secrets, in a table of their own so that no list of channels ever loads them."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="credential")
    secret = EncryptedJSONField()
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()


class InstanceApp(TenantModel):
    """What dynamic registration gave us on one server of a federated network (Mastodon)."""

    network = models.CharField(max_length=20)
    base_url = models.URLField()
    redirect_uri = models.URLField(max_length=500)
    secret = EncryptedJSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "network", "base_url", "redirect_uri"], name="teams_instance_app"
            )
        ]
