"""One connected page, account or profile on a network."""

from __future__ import annotations

from django.conf import settings
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
    owner = models.ForeignKey(
        "teams.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # who answers for the account itself
    recovery = models.CharField(_("recovery"), max_length=300, blank=True)  # only for who may manage the channel
    subscribed_at = models.DateTimeField(null=True, blank=True)  # since when the network tells us what happens there
    subscription_tried_at = models.DateTimeField(null=True, blank=True)
    subscription_error = models.CharField(max_length=80, blank=True)  # NetworkError.code of the last try, "" when well
    last_webhook_at = models.DateTimeField(null=True, blank=True)

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
    client_id = models.CharField(max_length=255, blank=True)  # the developer app it was given to, "" where unknown
    consent = models.CharField(
        max_length=64, blank=True
    )  # digest of `Connector.consent`, "" where the token is this channel's alone

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["consent"], condition=~models.Q(consent=""), name="teams_credential_consent")]


class NetworkApp(TenantModel):
    """An organization's own developer app at a network, used instead of the installation's. `secret` is {"client_id", "client_secret"}.

    A removed one stays a day, so that removing it can be undone.
    """

    network = models.CharField(max_length=20)
    secret = EncryptedJSONField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(null=True)
    check_error = models.CharField(max_length=80, blank=True)  # NetworkError.code of the last check, "" when well
    removed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["organization", "network"], name="teams_network_app")]

    def __str__(self) -> str:
        return self.network


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
