"""Celery's way in."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="notifications.send_due", ignore_result=True)
def send_due() -> None:
    """Send the mails that are due."""
    from socialops.notifications.services import send_due_mails  # noqa: PLC0415 -- a task body imports its service

    send_due_mails()
