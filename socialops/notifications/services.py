"""Tell people, once an incident."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from socialops.notifications.kinds import kind_of
from socialops.notifications.models import Notification, Preference
from socialops.tenancy.scope import current_organization_id, system, tenant

# A mail waits this long, so that an incident's further events join it instead of following it.
MAIL_DELAY = dt.timedelta(seconds=60)
MAILS_PER_RUN = 200
MAIL_RETRY = dt.timedelta(minutes=5)
logger = structlog.get_logger(__name__)


@transaction.atomic
def notify(
    *, users: Iterable[Any], kind: str, params: dict[str, Any], url: str, severity: str = "info", group_key: str = ""
) -> list[Notification]:
    """One notification a person, in the caller's transaction. While an earlier one with the same `group_key` is unread it is counted up instead.

    `url` is the path of the page to act on, within this site. `params` fill the kind's sentence and are JSON-able.
    """
    declared = kind_of(kind)
    if urlsplit(url).netloc or not url.startswith("/"):
        raise ValueError("a notification links to a path of this site")
    people = {user.pk: user for user in users if user.is_active}
    chosen = {p.user_id: p for p in Preference.objects.filter(user_id__in=people, kind=kind)}
    now = timezone.now()
    written = []
    for pk in sorted(people):  # one order for all: two incidents never lock each other out
        preference = chosen.get(pk)
        by_mail = preference.by_mail if preference else declared.by_mail
        in_app = preference.in_app if preference else True
        if not (by_mail or in_app):
            continue
        values: dict[str, Any] = {"kind": kind, "params": params, "url": url, "severity": severity, "updated_at": now}
        if group_key:
            _lock(pk, group_key)
            if Notification.objects.filter(user_id=pk, group_key=group_key, read_at=None).update(
                count=F("count") + 1, **values
            ):
                continue
        written.append(
            Notification(
                user_id=pk,
                group_key=group_key,
                mail_due_at=now + MAIL_DELAY if by_mail else None,
                read_at=None if in_app else now,
                **{key: value for key, value in values.items() if key != "updated_at"},
            )
        )
    return Notification.objects.bulk_create(written)


def _lock(user_id: int, group_key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(4202, hashtext(%s))", [f"{current_organization_id()}:{user_id}:{group_key}"]
        )


def mark_read(*, user: Any, ids: Sequence[int] | None = None) -> int:
    """Mark these (or all) of a person's notifications read; gives how many were unread."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=timezone.now())


def send_due_mails() -> int:
    """One mail a person and organization with everything due. Rows are claimed first; the mail leaves outside any transaction."""
    claimed = _claim()
    if not claimed:
        return 0
    sent = 0
    with get_connection() as outbox:
        for rows in _grouped(claimed).values():
            try:
                outbox.send_messages([_message(rows, outbox)])
            except (SMTPException, OSError) as error:
                logger.warning("notification mail failed", error=str(error), organization_id=rows[0].organization_id)
                with tenant(rows[0].organization_id):
                    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
                        mailed_at=None, mail_due_at=timezone.now() + MAIL_RETRY
                    )
                continue
            sent += 1
    return sent


def _claim() -> list[Notification]:
    with system("send due notification mails"):
        due = (
            Notification.objects.filter(mail_due_at__lte=timezone.now(), mailed_at=None)
            .select_related("user", "organization")
            .order_by("mail_due_at")
            .select_for_update(skip_locked=True, of=("self",))[:MAILS_PER_RUN]
        )
        rows = list(due)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
    return rows


def _grouped(rows: Iterable[Notification]) -> dict[tuple[int, int], list[Notification]]:
    groups: dict[tuple[int, int], list[Notification]] = {}
    for row in rows:
        groups.setdefault((row.organization_id, row.user_id), []).append(row)
    return groups


def _message(rows: list[Notification], outbox: Any) -> EmailMessage:
    person = rows[0].user
    with translation.override(person.language):
        lines = [(kind_of(row.kind).sentence(row.params, row.count), f"{settings.PUBLIC_URL}{row.url}") for row in rows]
        subject = (
            lines[0][0]
            if len(lines) == 1
            else ngettext("%(count)s thing to look at", "%(count)s things to look at", len(lines))
            % {"count": len(lines)}
        )
        body = render_to_string(
            "notifications/mail.txt", {"lines": lines, "person": person, "organization": rows[0].organization}
        )
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[person.email], connection=outbox)
