"""Celery's way in, on the queue `ingest`."""

from __future__ import annotations

from socialops.background import task


@task("kpis.pull_due")
def pull_due() -> None:
    """Enqueue one pull for each channel that is due; the lease makes a doubled message harmless."""
    from kpis.services.pulls import due_channels  # noqa: PLC0415 -- a task body imports its service

    for organization_id, channel_id in due_channels():
        pull_channel.delay_on_commit(organization_id=organization_id, channel_id=channel_id)


@task("kpis.pull_channel")
def pull_channel(*, organization_id: int, channel_id: int) -> None:
    """Read one channel's numbers."""
    from kpis.services.pulls import pull_channel as pull  # noqa: PLC0415 -- a task body imports its service

    pull(organization_id=organization_id, channel_id=channel_id)
