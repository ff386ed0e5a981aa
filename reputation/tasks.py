"""Tasks of reputation, on the queue `ingest`: thin; the work is in services."""

from __future__ import annotations

from celery import shared_task

from socialops.background import task
from socialops.tenancy.scope import tenant


@shared_task(name="reputation.pull_due")
def pull_due() -> int:
    """One task for each channel whose turn it is."""
    from reputation.services.pulls import take_due  # noqa: PLC0415 -- tasks import late

    due = take_due()
    for organization_id, channel_id in due:
        pull_channel.delay_on_commit(organization_id=organization_id, channel_id=channel_id)  # type: ignore[attr-defined]  # Celery's Django task has it
    return len(due)


@shared_task(name="reputation.pull_channel")
def pull_channel(*, organization_id: int, channel_id: int) -> int:
    """Read one channel. A refusal of its network is written down there and stops nobody else."""
    from reputation.services import pulls  # noqa: PLC0415 -- tasks import late
    from teams.models import Channel  # noqa: PLC0415 -- as above

    with tenant(organization_id):
        channel = Channel.objects.filter(pk=channel_id, status=Channel.Status.CONNECTED).first()
    return 0 if channel is None else pulls.pull_channel(channel=channel)


@task("reputation.send_reply")
def send_reply(*, organization_id: int, reply_id: int) -> None:
    """Send one answer, or find out what became of it."""
    from reputation.services import replies  # noqa: PLC0415 -- as above

    replies.work_on(organization_id=organization_id, reply_id=reply_id)


@task("reputation.send_due_replies")
def send_due_replies() -> None:
    """Answers whose message was lost, or that are due to be looked for."""
    from reputation.services import replies  # noqa: PLC0415 -- as above

    for organization_id, reply_id in replies.take_due():
        send_reply.delay_on_commit(organization_id=organization_id, reply_id=reply_id)


@task("reputation.forget_expired")
def forget_expired() -> None:
    """What the networks let be kept no longer."""
    from reputation.services import retention  # noqa: PLC0415 -- as above

    retention.forget_expired()


@task("reputation.act_on_mention")
def act_on_mention(*, organization_id: int, mention_id: int, action: str, user_id: int | None) -> None:
    """Hide, unhide, delete, like or unlike on the network."""
    from reputation.services import moderation  # noqa: PLC0415 -- as above

    moderation.do_requested(organization_id=organization_id, mention_id=mention_id, action=action, user_id=user_id)
