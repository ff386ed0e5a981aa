"""News → the queue, after commit."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from socialops.networks.registry import connector_for
from teams.models import Channel, Invitation
from teams.signals import channel_connected, channel_disconnected, invitation_issued
from teams.tasks import forget_credentials, send_invitation, subscribe_channel


@receiver(invitation_issued, sender=Invitation)
def _mail_the_link(invitation: Invitation, **_: Any) -> None:
    mail: Any = send_invitation  # celery-types does not know delay_on_commit
    mail.delay_on_commit(
        organization_id=invitation.organization_id, invitation_id=invitation.pk, generation=invitation.token_hash
    )


@receiver(channel_disconnected, sender=Channel)
def _give_the_token_back(channel: Channel, **_: Any) -> None:
    forget_credentials.delay_on_commit(organization_id=channel.organization_id, channel_id=channel.pk)


@receiver(channel_connected, sender=Channel)
def _ask_to_be_told(channel: Channel, **_: Any) -> None:
    if connector_for(channel.network).has_webhooks:
        subscribe_channel.delay_on_commit(organization_id=channel.organization_id, channel_id=channel.pk)
