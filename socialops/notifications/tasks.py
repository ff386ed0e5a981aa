"""Celery's way in."""

from __future__ import annotations

from socialops.background import task


@task("notifications.send_due")
def send_due() -> None:
    """Send the mails that are due."""
    from socialops.notifications.services import send_due_mails  # noqa: PLC0415 -- a task body imports its service

    send_due_mails()
