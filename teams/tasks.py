"""Tasks of teams: thin; the work is in services."""

from __future__ import annotations

import smtplib
from typing import Any

import structlog
from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from socialops.background import task
from socialops.networks.errors import NetworkError
from socialops.tenancy.scope import system, tenant

logger = structlog.get_logger(__name__)


@task("teams.refresh_due_rights")
def refresh_due_rights() -> int:
    """Rebuild the rights of members whose assignments started or ended meanwhile. `actor_for` does it too: this is for those who don't come by."""
    from teams.models import Member  # noqa: PLC0415 -- tasks import late
    from teams.services.rights import rebuild_rights  # noqa: PLC0415 -- as above

    with system("rights that changed by the clock, in every organization"):
        due = list(
            Member.objects.filter(rights_due_at__lte=timezone.now())
            .order_by("rights_due_at")
            .values_list("organization_id", "pk")[:1000]
        )
    for organization_id, pk in due:
        with tenant(organization_id):
            member = Member.objects.filter(pk=pk).first()
            if member is not None:
                rebuild_rights(member=member)
    return len(due)


@shared_task(
    name="teams.send_invitation",
    autoretry_for=(OSError, smtplib.SMTPException),
    retry_backoff=30,
    retry_backoff_max=1800,
    max_retries=8,
)
def send_invitation(*, organization_id: int, invitation_id: int, generation: str) -> None:
    """Mail an invitation's link; `generation` is its token hash: a link that was replaced meanwhile is not sent."""
    from teams.models import Invitation  # noqa: PLC0415 -- tasks import late
    from teams.services.mail import invitation_mail  # noqa: PLC0415 -- as above

    with tenant(organization_id):
        invitation = (
            Invitation.objects.select_related("organization", "invited_by")
            .filter(pk=invitation_id, token_hash=generation, accepted_at=None, revoked_at=None)
            .first()
        )
        mail = invitation and invitation_mail(invitation)
    if mail:
        mail.send()


@task("teams.forget_credentials")
def forget_credentials(*, organization_id: int, channel_id: int) -> None:
    """Forget a disconnected channel's token, and give it back to its network unless other channels live on the same consent."""
    from teams.models import Channel  # noqa: PLC0415 -- tasks import late
    from teams.selectors.channels import consent_is_used  # noqa: PLC0415 -- as above
    from teams.services.channels import take_access  # noqa: PLC0415 -- as above
    from teams.services.connections import revoke_at_network  # noqa: PLC0415 -- as above

    with tenant(organization_id):
        channel = Channel.objects.filter(pk=channel_id).first()
        taken = channel and take_access(channel=channel)
    if not taken or consent_is_used(taken[1]):
        return
    target, _held = taken
    try:
        revoke_at_network(target)
    except NetworkError as error:
        logger.warning("token_not_given_back", network=target.network, code=str(error.code))


@task("teams.forget_disconnected")
def forget_disconnected() -> None:
    """Credentials of disconnected channels whose task was lost."""
    from teams.models import Channel, ChannelCredential  # noqa: PLC0415 -- tasks import late

    with system("credentials of disconnected channels, in every organization"):
        left: Any = ChannelCredential.objects.filter(channel__status=Channel.Status.DISCONNECTED)
        rows = list(left.values_list("organization_id", "channel_id")[:100])
    for organization_id, channel_id in rows:
        forget_credentials(organization_id=organization_id, channel_id=channel_id)


@task("teams.forget_removed_apps")
def forget_removed_apps() -> None:
    """Developer apps whose removal can no longer be undone."""
    from teams.services import apps  # noqa: PLC0415 -- tasks import late

    apps.forget_removed_apps()


@task("teams.subscribe_channel")
def subscribe_channel(*, organization_id: int, channel_id: int) -> None:
    """Ask a channel's network to tell us what happens there."""
    from teams.models import Channel  # noqa: PLC0415 -- tasks import late
    from teams.services.webhooks import subscribe  # noqa: PLC0415 -- as above

    with tenant(organization_id):
        channel = Channel.objects.filter(pk=channel_id, status=Channel.Status.CONNECTED).first()
    if channel is not None:
        subscribe(channel=channel)


@task("teams.subscribe_due")
def subscribe_due() -> None:
    """The same for channels whose task was lost, or whose network refused a day ago."""
    from teams.services.webhooks import channels_to_subscribe, subscribe  # noqa: PLC0415 -- tasks import late

    for channel in channels_to_subscribe():
        subscribe(channel=channel)


@task("teams.receive_events")
def receive_events(*, network: str, organization_id: int | None, told: list[dict[str, Any]]) -> None:
    """What a network told, to the channels it is about."""
    from teams.services.webhooks import pass_on  # noqa: PLC0415 -- tasks import late

    pass_on(network=network, organization_id=organization_id, told=told)


@task("teams.read_due_limits")
def read_due_limits() -> None:
    """The limits of channels that are due; a server that does not answer is asked again at the next sweep."""
    from teams.services.limits import channels_to_measure, read_limits  # noqa: PLC0415 -- tasks import late

    for channel in channels_to_measure():
        try:
            read_limits(channel=channel)
        except NetworkError as error:
            logger.warning("limits_not_read", network=channel.network, channel_id=channel.pk, code=str(error.code))


@task("teams.clear_expired_sessions")
def clear_expired_sessions() -> None:
    """Sessions nobody can use any more."""
    call_command("clearsessions")
