"""What people may do to a delivery, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from publishing import states
from publishing.enums import DeliveryState as S
from publishing.errors import DeliveryConflict
from publishing.models import Delivery
from publishing.selectors.deliveries import for_posts
from publishing.services.deliveries import (
    NewDelivery,
    cancel_delivery,
    create_deliveries,
    replace_payload,
    reschedule_delivery,
    resolve_delivery,
    retry_delivery,
)
from publishing.services.moves import Overtaken, move
from publishing.signals import delivery_changed
from socialops.audit.models import Event
from tests.factories.publishing import DeliveryFactory

SOON = dt.timedelta(hours=2)


@pytest.fixture
def heard() -> Any:
    """(state, previous) of every announced change."""
    changes: list[tuple[str, str]] = []

    def listen(delivery: Delivery, previous: str, **_: Any) -> None:
        changes.append((delivery.state, previous))

    delivery_changed.connect(listen)
    yield changes
    delivery_changed.disconnect(listen)


def test_creating_queues_each_variant_with_its_parts(channel, admin, heard):
    due = timezone.now() + SOON
    payload = {"text": "Un", "parts": ["Deux", "Trois"], "first_comment": "Lien en commentaire"}
    items = [
        NewDelivery(channel=channel, payload=payload, due_at=due, label="x" * 300, post_key=5, content_hash="h"),
        NewDelivery(channel=channel, payload={"text": "Seul"}, due_at=due, label="Seul", post_key=6),
    ]
    first, second = create_deliveries(items=items, actor=admin)
    assert (first.state, first.next_try_at, len(first.label)) == (S.SCHEDULED, due, 160)
    assert [(p.kind, p.text) for p in first.parts.all()] == [
        ("thread", "Deux"),
        ("thread", "Trois"),
        ("first_comment", "Lien en commentaire"),
    ]
    assert not second.parts.exists()
    assert for_posts([5, 6, 7]) == {5: [first], 6: [second]}
    assert heard == [("scheduled", ""), ("scheduled", "")]
    assert Event.objects.filter(action="delivery.created").count() == 1


def test_a_new_date_brings_back_what_failed(channel, admin, heard):
    delivery = DeliveryFactory(
        channel=channel, state=S.FAILED, error_kind="policy", error_code="content_policy", tries=4
    )
    due = timezone.now() + SOON
    reschedule_delivery(delivery=delivery, due_at=due, actor=admin)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at, delivery.next_try_at, delivery.tries, delivery.error_code) == (
        S.SCHEDULED, due, due, 0, "",
    )  # fmt: skip
    assert heard == [("scheduled", "failed")]


@pytest.mark.parametrize("state", [S.CLAIMED, S.PREPARING])
def test_it_can_be_cancelled_until_the_moment_before_it_is_sent(channel, admin, state):
    worker_sees = DeliveryFactory(channel=channel, state=state, lease_owner="w")
    cancel_delivery(delivery=Delivery.objects.get(pk=worker_sees.pk), actor=admin, reason="Plus d'actualité")
    with pytest.raises(Overtaken):
        move(worker_sees, S.PREPARING if state == S.CLAIMED else S.COMMITTING)
    assert Event.objects.get(action="delivery.cancelled").reason == "Plus d'actualité"


@pytest.mark.parametrize("state", [S.COMMITTING, S.CONFIRMING, S.UNCONFIRMED, S.PUBLISHED])
def test_what_was_sent_can_be_neither_cancelled_nor_moved_nor_rewritten(channel, admin, state):
    delivery = DeliveryFactory(channel=channel, state=state, published_at=timezone.now())
    for call in (
        lambda: cancel_delivery(delivery=delivery, actor=admin),
        lambda: reschedule_delivery(delivery=delivery, due_at=timezone.now() + SOON, actor=admin),
        lambda: replace_payload(delivery=delivery, payload={}, content_hash="", label="", actor=admin),
        lambda: retry_delivery(delivery=delivery, actor=admin),
    ):
        with pytest.raises(DeliveryConflict):
            call()
    assert Delivery.objects.get(pk=delivery.pk).state == state


def test_another_content_forgets_what_was_uploaded_for_the_old_one(channel, admin):
    delivery = DeliveryFactory(channel=channel, handles={"media": ["1"]}, first_tried_at=timezone.now())
    key = delivery.idempotency_key
    payload = {"text": "Nouveau", "first_comment": "Bis"}
    replace_payload(delivery=delivery, payload=payload, content_hash="n", label="Nouveau", actor=admin)
    delivery.refresh_from_db()
    assert delivery.idempotency_key != key
    assert (delivery.handles, delivery.first_tried_at, delivery.payload) == ({}, None, payload)
    assert [p.text for p in delivery.parts.all()] == ["Bis"]


def test_a_person_says_it_is_live(channel, admin, heard):
    sent_at = timezone.now() - dt.timedelta(minutes=1)
    candidates = [{"external_id": "42", "url": "https://social.example/@a/42", "text": "Bonjour"}]
    delivery = DeliveryFactory(
        channel=channel, state=S.UNCONFIRMED, commit_started_at=sent_at, asks_person=True, candidates=candidates
    )
    resolve_delivery(delivery=delivery, is_live=True, external_id="42", actor=admin)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_url, delivery.published_at) == (
        S.PUBLISHED,
        "https://social.example/@a/42",
        sent_at,
    )
    attempt = delivery.attempts.get()
    assert (attempt.step, attempt.outcome, attempt.note) == ("person", "live", admin.name)
    assert heard == [("published", "unconfirmed")]


def test_a_person_says_it_is_not_live_and_it_goes_out_again(channel, admin):
    delivery = DeliveryFactory(channel=channel, state=S.UNCONFIRMED, commit_started_at=timezone.now(), asks_person=True)
    resolve_delivery(delivery=delivery, is_live=False, actor=admin)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.commit_started_at, delivery.asks_person) == (S.RETRYING, None, False)
    assert delivery.next_try_at <= timezone.now()


def test_the_graph_refuses_what_could_send_twice(channel):
    for source in (S.COMMITTING, S.CONFIRMING, S.UNCONFIRMED, S.PUBLISHED):
        for target in (S.CLAIMED, S.PREPARING, S.COMMITTING):
            with pytest.raises(states.IllegalMove):
                states.require_legal(source, target)


def test_a_move_writes_nothing_when_the_row_has_moved_on(channel):
    mine = DeliveryFactory(channel=channel, state=S.PREPARING, lease_owner="a")
    Delivery.objects.filter(pk=mine.pk).update(lease_owner="b")
    with pytest.raises(Overtaken):
        move(mine, S.COMMITTING, tries=9)
    assert Delivery.objects.get(pk=mine.pk).tries == 0
