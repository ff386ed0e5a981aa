"""People are told once an incident, in their language, by mail when they chose it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialops.notifications import kinds
from socialops.notifications.kinds import register_kind
from socialops.notifications.models import Notification, Preference
from socialops.notifications.services import MAIL_DELAY, mark_read, notify, send_due_mails
from socialops.permissions.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind(
        "thing.failed", title="“%(label)s” failed", plural="%(count)s things failed, last “%(label)s”", by_mail=True
    )
    register_kind("thing.quiet", title=_("Nothing new"))


def _tell(actor: Actor, label: str, group: str = "incident") -> None:
    notify(
        users=[actor.user],
        kind="thing.failed",
        params={"label": label},
        url="/o/lumiere/x/",
        severity="danger",
        group_key=group,
    )


def test_an_incident_is_one_notification_counted_up(admin: Actor) -> None:
    for label in ("A", "B", "C"):
        _tell(admin, label)
    row = Notification.objects.get()
    assert (row.count, kinds.kind_of(row.kind).sentence(row.params, row.count)) == (3, "3 things failed, last “C”")
    mark_read(user=admin.user)
    _tell(admin, "D")
    assert Notification.objects.count() == 2


def test_nobody_elses_notification_is_marked_read(admin: Actor, actor_with) -> None:
    other = actor_with()
    _tell(admin, "A")
    _tell(other, "A")
    assert mark_read(user=other.user) == 1
    assert Notification.objects.get(user=admin.user).read_at is None


def test_due_mails_leave_once_in_the_persons_language(admin: Actor) -> None:
    _tell(admin, "A", group="1")
    _tell(admin, "B", group="2")
    assert send_due_mails() == 0
    Notification.objects.update(mail_due_at=timezone.now() - MAIL_DELAY)
    assert (send_due_mails(), send_due_mails()) == (1, 0)
    [message] = mail.outbox
    assert message.to == [admin.user.email]
    assert "2 points à regarder" in message.subject
    assert "/o/lumiere/x/" in message.body


def test_a_preference_silences(admin: Actor) -> None:
    Preference.objects.create(user=admin.user, kind="thing.failed", in_app=False, by_mail=False)
    _tell(admin, "A")
    assert not Notification.objects.exists()


def test_a_notification_links_only_into_this_site(admin: Actor) -> None:
    with pytest.raises(ValueError, match="path of this site"):
        notify(users=[admin.user], kind="thing.quiet", params={}, url="https://evil.example/")
