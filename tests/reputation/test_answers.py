"""Answering and moderating: once, with the right to do it, and never lost in silence."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from reputation.enums import ReplyState as R
from reputation.errors import MentionConflict
from reputation.models import Mention, PullState, Reply
from reputation.services import replies
from reputation.services.ingest import judge, store_page
from reputation.services.moderation import act_on, do_requested, withdraw_reply
from reputation.services.replies import (
    CHECKS_AT_MOST,
    TRIES_AT_MOST,
    discard_reply,
    resolve_reply,
    retry_reply,
    write_reply,
)
from socialops.audit.models import Event
from socialops.networks.errors import (
    AuthError,
    Code,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Action, EventKind, Finding, Reconciliation, RemoteMention, WebhookEvent
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from teams.models import Channel
from teams.signals import network_event
from tests.factories.reputation import MentionFactory
from tests.publishing.conftest import connected, network

__all__ = ["connected", "network"]


@pytest.fixture
def mention(connected) -> Mention:
    return MentionFactory(channel=connected, text="Livraison en retard !", external_id="m1", extra={"cid": "c1"})


@pytest.fixture
def answered(mention, admin):
    def write(text: str = "Nous regardons cela.", **more) -> Reply:
        return write_reply(mention=mention, text=text, private=more.pop("private", False), actor=admin, **more)

    return write


def work(times: int = 1, *, later: float = 0) -> None:
    """What the sweep does; `later` seconds have passed."""
    for _ in range(times):
        if later:
            Reply.objects.update(next_at=F("next_at") - dt.timedelta(seconds=later))
        for organization_id, pk in replies.take_due():
            replies.work_on(organization_id=organization_id, reply_id=pk)


def test_an_answer_goes_out_once_and_the_mention_is_done(answered, mention, network, admin):
    reply = answered("  Merci, nous regardons.  ")
    work(3)
    reply.refresh_from_db()
    mention.refresh_from_db()
    assert (reply.state, reply.external_id, reply.next_at) == (R.SENT, "1", None)
    assert network.texts == ["Merci, nous regardons."]
    assert mention.done_at is not None
    assert Event.objects.filter(action="mention.answered", target_id=str(mention.pk)).count() == 1


def test_the_connector_is_given_what_it_needs_to_find_the_mention(answered, mention, network):
    seen = []
    network.on("reply", lambda **known: seen.append(known))
    answered()
    work()
    assert (seen[0]["to"].external_id, seen[0]["to"].extra, seen[0]["private"]) == ("m1", {"cid": "c1"}, False)


def test_a_lost_answer_is_found_and_never_sent_twice(answered, network):
    network.on("reply", network.drop_after_accepting("Nous regardons cela."))
    reply = answered()
    work()
    work(later=5)
    reply.refresh_from_db()
    assert (reply.state, network.texts) == (R.SENT, ["Nous regardons cela."])


def test_a_lost_answer_that_never_arrived_is_sent_again(answered, network):
    network.on("reply", UnknownOutcomeError(Code.ANSWER_LOST))
    reply = answered()
    work()
    work(2, later=5)
    reply.refresh_from_db()
    assert (reply.state, network.texts, network.calls.count("reply")) == (R.SENT, ["Nous regardons cela."], 2)


def test_a_worker_that_dies_while_sending_leaves_a_question(answered, network):
    network.on("reply", lambda **_: (network.accept("Nous regardons cela."), (_ for _ in ()).throw(SystemExit))[0])
    reply = answered()
    with pytest.raises(SystemExit):
        work()
    reply.refresh_from_db()
    assert reply.state == R.SENDING
    work()
    assert network.calls.count("reply") == 1  # the lease holds
    work(later=200)
    reply.refresh_from_db()
    assert (reply.state, network.texts) == (R.SENT, ["Nous regardons cela."])


def test_when_nobody_can_tell_a_person_is_asked(answered, network, admin):
    network.on("reply", UnknownOutcomeError(Code.ANSWER_LOST), UnknownOutcomeError(Code.ANSWER_LOST))
    network.on("find_reply", *[lambda **_: Reconciliation(Finding.UNDECIDED) for _ in range(CHECKS_AT_MOST + 1)])
    reply = answered()
    work(CHECKS_AT_MOST + 3, later=400)
    reply.refresh_from_db()
    assert (reply.state, reply.next_at, network.texts) == (R.UNCONFIRMED, None, [])
    resolve_reply(reply=reply, is_live=True, actor=admin)
    assert reply.pk
    reply.refresh_from_db()
    assert reply.state == R.SENT
    with pytest.raises(MentionConflict):
        resolve_reply(reply=reply, is_live=False, actor=admin)


@pytest.mark.parametrize(
    "error", [OutageError(Code.UNREACHABLE), RateLimitError(Code.TOO_MANY_REQUESTS, until=timezone.now())]
)
def test_an_outage_is_tried_again_and_given_up_at_last(answered, network, error):
    network.on("reply", *[error] * TRIES_AT_MOST)
    reply = answered()
    work(TRIES_AT_MOST - 1, later=400)
    reply.refresh_from_db()
    assert reply.state == R.QUEUED
    work(later=400)
    reply.refresh_from_db()
    assert (reply.state, reply.error_code, reply.next_at) == (R.FAILED, error.code, None)


def test_a_refusal_says_why_and_can_be_sent_again_or_thrown_away(answered, network, admin):
    network.on("reply", PolicyError(Code.CONTENT_POLICY, detail={"message": "spam"}), AuthError(Code.TOKEN_REVOKED))
    reply = answered()
    work()
    reply.refresh_from_db()
    assert (reply.state, reply.error_code) == (R.FAILED, Code.CONTENT_POLICY)
    retry_reply(reply=reply, actor=admin)
    work()
    reply.refresh_from_db()
    assert reply.error_code == Code.TOKEN_REVOKED
    discard_reply(reply=reply, actor=admin)
    assert not Reply.objects.exists()
    assert network.texts == []


def test_answering_what_is_gone_says_so_and_remembers(answered, mention, network, admin):
    network.on("reply", ValidationError(Code.PARENT_GONE))
    answered()
    work()
    mention.refresh_from_db()
    assert mention.deleted_at is not None
    with pytest.raises(MentionConflict, match="no longer there"):
        write_reply(mention=mention, text="Encore", private=False, actor=admin)


def test_our_own_answers_are_not_read_back_as_mentions(answered, connected, network):
    answered("Nous regardons cela.")
    work()
    sent = Reply.objects.get()
    remote = RemoteMention(sent.external_id, "reply", "x", "autre", "Autre", sent.text, "", timezone.now())
    PullState.objects.create(channel=connected)
    assert store_page(channel=connected, judged=judge([remote]), cursor={"a": 1}, previous={}) == []


@pytest.mark.parametrize(("text", "why"), [("   ", "empty"), ("x" * 101, "too long")])
def test_what_can_not_be_sent_is_refused_with_a_sentence(answered, text, why):
    with pytest.raises(MentionConflict, match=why):
        answered(text)


def test_a_network_without_answers_says_where_to_go(answered, network):
    network.able = frozenset({Action.REPLY})
    with pytest.raises(MentionConflict, match="open it on the network"):
        answered(private=True)


def test_rights_are_told_apart(mention, actor_with, network):
    only_public = actor_with(Right.VIEW, Right.REPLY_PUBLICLY)
    write_reply(mention=mention, text="Bonjour", private=False, actor=only_public)
    with pytest.raises(PermissionDenied):
        write_reply(mention=mention, text="Bonjour", private=True, actor=only_public)
    with pytest.raises(PermissionDenied):
        act_on(mention=mention, action=Action.HIDE, actor=only_public)
    assert act_on(mention=mention, action=Action.LIKE, actor=only_public).liked_at is not None


@pytest.mark.parametrize(
    ("action", "field", "sets"),
    [
        ("hide", "hidden_at", True),
        ("unhide", "hidden_at", False),
        ("delete", "deleted_at", True),
        ("like", "liked_at", True),
    ],
)
def test_moderation_is_done_there_then_remembered_here(mention, network, admin, action, field, sets):
    act_on(mention=mention, action=Action(action), actor=admin)
    mention.refresh_from_db()
    assert (getattr(mention, field) is not None) == sets
    assert network.calls == ["act"]
    assert Event.objects.get(action=f"mention.{action}").changes == {field: [not sets, sets]}


def test_what_the_network_refuses_is_not_remembered_as_done(mention, network, admin):
    network.on("act", OutageError(Code.UNREACHABLE))
    with pytest.raises(OutageError):
        act_on(mention=mention, action=Action.HIDE, actor=admin)
    mention.refresh_from_db()
    assert mention.hidden_at is None
    network.on("act", OutageError(Code.UNREACHABLE))
    do_requested(organization_id=mention.organization_id, mention_id=mention.pk, action="hide", user_id=admin.user_id)
    assert Notification.objects.filter(kind="mention.action_failed", user_id=admin.user_id).count() == 1


def test_an_answer_can_be_taken_back(answered, network, admin):
    reply = answered()
    with pytest.raises(MentionConflict):
        withdraw_reply(reply=reply, actor=admin)
    work()
    withdraw_reply(reply=reply, actor=admin)
    assert network.texts == []
    assert not Reply.objects.exists()


# ---------------------------------------------------------------- screens and API


def test_the_page_takes_an_answer_and_keeps_what_was_typed(mention, client_for, admin, network):
    client = client_for(admin)
    page = f"/o/lumiere/mentions/{mention.pk}/"
    too_long = client.post(f"{page}reply/", {"text": "y" * 101})
    assert too_long.status_code == 422
    assert "y" * 101 in too_long.content.decode()
    assert "too long" in too_long.content.decode()
    assert client.post(f"{page}reply/", {"text": "Nous regardons"}).status_code == 302
    work()
    shown = client.get(page).content.decode()
    assert "Our answers" in shown
    assert "Nous regardons" in shown
    assert "Delete our answer" in shown
    assert client.post(f"{page}hide/").status_code == 302
    shown = client.get(page).content.decode()
    assert "Hidden" in shown
    assert "Show again" in shown


def test_who_may_not_answer_sees_no_form_and_is_refused(mention, client_for, actor_with, network):
    reader = client_for(actor_with(Right.VIEW))
    page = f"/o/lumiere/mentions/{mention.pk}/"
    assert "Send the answer" not in reader.get(page).content.decode()
    assert reader.post(f"{page}reply/", {"text": "x"}).status_code == 403
    assert reader.post(f"{page}hide/").status_code == 403


def test_another_organizations_mention_is_not_there(foreign, client_for, admin):
    theirs = Mention(pk=987654)
    client = client_for(admin)
    assert client.post(f"/o/lumiere/mentions/{theirs.pk}/reply/", {"text": "x"}).status_code == 404
    assert client.post(f"/o/lumiere/mentions/{theirs.pk}/hide/").status_code == 404


def test_the_api_answers_and_acts(mention, api_for, admin, network):
    api = api_for(admin)
    base = f"/api/v1/organizations/lumiere/mentions/{mention.pk}/"
    made = api.post(f"{base}replies/", {"text": "Bonjour"})
    assert (made.status_code, made.json()["state"]) == (202, "queued")
    work()
    assert [(r["text"], r["state"]) for r in api.get(f"{base}replies/").json()] == [("Bonjour", "sent")]
    assert api.post(f"{base}like/").status_code == 202
    assert "hide" in api.get(base).json()["actions"]
    network.able = frozenset()
    refused = api.post(f"{base}hide/")
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")


def test_what_a_network_says_is_gone_is_marked_and_can_not_be_answered(mention, client_for, admin):
    for _ in range(2):
        event = WebhookEvent(EventKind.MENTION_GONE, mention.channel.external_id, mention.external_id)
        network_event.send(sender=Channel, channel=mention.channel, event=event)
    mention.refresh_from_db()
    assert mention.deleted_at is not None
    page = client_for(admin).get(f"/o/lumiere/mentions/{mention.pk}/").content.decode()
    assert "No longer there" in page
    assert "Send the answer" not in page
