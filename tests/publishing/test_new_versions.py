"""Corrections that make a new version: one shot, its price said before, its id kept after, and never in ignorance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from publishing.errors import DeliveryConflict
from publishing.models import Delivery, Usage
from publishing.services import claims, dispatch
from publishing.services.correction import correct_published, settle_correction, why_not
from reputation.models import Mention, PullState
from reputation.services.ingest import judge, store_page
from reputation.services.pulls import _watched
from socialops.audit.models import Event
from socialops.networks.errors import Code, OutageError, PolicyError, UnknownOutcomeError
from socialops.networks.ports import Charge, Finding, Problem, Published, Reconciliation, RemoteMention
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.tenancy.scope import system
from tests.fakes.networks import FakeNetwork

CENTS = [Charge("posts", 1, Decimal("0.015"))]
DEAR = [Charge("posts", 1, Decimal("0.200"))]


@pytest.fixture
def anew(network: FakeNetwork) -> FakeNetwork:
    network.edits_anew, network.edit_costs = True, CENTS
    return network


@pytest.fixture
def live(due: Callable[..., Delivery], work: Callable[..., None], anew: FakeNetwork) -> Delivery:
    delivery = due("Bonjuor à tous")
    work()
    delivery.refresh_from_db()
    return delivery


def version(network: FakeNetwork) -> Callable[..., Published]:
    return lambda *, content, **_: network.accept(content.text)


def read_the_network(*, after: float = 60) -> None:
    """A sweep, so many seconds later."""
    ago = timezone.now() - dt.timedelta(seconds=after)
    with system("a test pretends that time has passed"):
        Delivery.objects.filter(correction_due_at__isnull=False).update(correction_due_at=ago, lease_until=ago)
    for claim in claims.claim_corrections(limit=10, worker="test"):
        settle_correction(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)


def test_the_new_version_takes_the_place_of_the_one_before(live: Delivery, anew: FakeNetwork, admin: Actor) -> None:
    before = live.external_id
    anew.on("edit", version(anew))
    correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    live.refresh_from_db()
    assert (live.external_id, live.external_url) == ("2", "https://social.example/2")
    assert live.earlier_ids == [before]
    assert live.payload["text"] == "Bonjour à tous"
    assert (live.correction, live.correction_due_at, live.lease_owner) == (None, None, "")
    assert [(a.step, a.outcome) for a in live.attempts.all()] == [("commit", "done"), ("edit", "done")]
    assert Event.objects.filter(action="delivery.corrected").count() == 1


def test_people_who_answer_an_earlier_version_answer_the_publication(
    live: Delivery, anew: FakeNetwork, admin: Actor
) -> None:
    anew.on("edit", version(anew), version(anew))
    correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    correct_published(delivery=live, text="Bonjour à toutes", actor=admin)
    live.refresh_from_db()
    assert _watched(live.channel) == ["3", "1", "2"]
    mentions = [
        RemoteMention(f"m{n}", "reply", "a", "@a", "A", "Oui", "", timezone.now(), in_reply_to=to, root=to)
        for n, to in enumerate(["1", "2", "3", "4"])
    ]
    PullState.objects.create(channel=live.channel)
    store_page(channel=live.channel, judged=judge(mentions), cursor={}, previous={})
    found = dict(Mention.objects.values_list("external_id", "delivery_id"))
    assert found == {"m0": live.pk, "m1": live.pk, "m2": live.pk, "m3": None}


def test_a_lost_answer_is_found_and_charged(live: Delivery, anew: FakeNetwork, admin: Actor) -> None:
    anew.on("edit", lambda *, content, **_: anew.drop_after_accepting(content.text)())
    with pytest.raises(DeliveryConflict, match="reading the channel"):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    live.refresh_from_db()
    assert live.payload["text"] == "Bonjuor à tous"
    assert live.correction is not None
    assert live.correction["text"] == "Bonjour à tous"
    with pytest.raises(DeliveryConflict, match="on its way"):
        correct_published(delivery=live, text="Encore", actor=admin)
    read_the_network()
    live.refresh_from_db()
    assert (live.external_id, live.earlier_ids, live.correction) == ("2", ["1"], None)
    assert live.payload["text"] == "Bonjour à tous"
    assert anew.calls.count("edit") == 1
    event = Event.objects.get(action="delivery.corrected")
    assert (event.actor_kind, event.reason) == ("system", admin.name)
    assert Usage.objects.get(bucket="posts").amount == Decimal("0.015")


def test_a_process_that_dies_in_the_one_shot_leaves_a_question(live: Delivery, anew: FakeNetwork, admin: Actor) -> None:
    def die(*, content: object, **_: object) -> None:
        raise KeyboardInterrupt

    anew.on("edit", die)
    with pytest.raises(KeyboardInterrupt):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    live.refresh_from_db()
    assert live.correction_due_at is not None
    assert claims.claim_corrections(limit=10, worker="test") == []  # it may still be at work
    anew.accept("Bonjour à tous")
    read_the_network()
    live.refresh_from_db()
    assert live.external_id == "2"


def test_the_sweep_hands_the_question_to_a_worker(
    live: Delivery, anew: FakeNetwork, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew.on("edit", lambda *, content, **_: anew.drop_after_accepting(content.text)())
    with pytest.raises(DeliveryConflict):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    sent: list[tuple[str, dict[str, object]]] = []
    broker = SimpleNamespace(send_task=lambda name, *, kwargs, **_: sent.append((name, kwargs)))
    monkeypatch.setattr("publishing.services.dispatch.current_app", broker)
    dispatch.run_once(worker="test", sweep=True)
    assert sent == []  # a second has not passed
    Delivery.objects.filter(pk=live.pk).update(correction_due_at=timezone.now())
    dispatch.run_once(worker="test", sweep=True)
    dispatch.run_once(worker="test", sweep=True)
    [(name, kwargs)] = sent
    current_app.tasks[name](**kwargs)
    live.refresh_from_db()
    assert live.payload["text"] == "Bonjour à tous"


def test_what_was_not_made_is_told_and_its_text_kept(
    live: Delivery, anew: FakeNetwork, admin: Actor, client_for: Callable[..., object]
) -> None:
    anew.on("edit", UnknownOutcomeError(Code.ANSWER_LOST))
    with pytest.raises(DeliveryConflict):
        correct_published(delivery=live, text="Bonjour, avec soin", actor=admin)
    page = f"/o/lumiere/deliveries/{live.pk}/"
    client = client_for(admin)
    waiting = client.get(page).content.decode()
    assert "answer to a correction was lost" in waiting
    assert "Bonjour, avec soin" in waiting
    assert "Correct the text" not in waiting
    anew.on("find_edit", lambda **_: Reconciliation(Finding.NOT_PUBLISHED))
    read_the_network()
    told = client.get(page).content.decode()
    assert "The correction was not made" in told
    assert "Bonjour, avec soin" in told
    anew.on("edit", version(anew))
    correct_published(delivery=live, text="Bonjour, avec soin", actor=admin)
    assert "The correction was not made" not in client.get(page).content.decode()


def test_a_network_that_never_tells_ends_with_a_person(live: Delivery, anew: FakeNetwork, admin: Actor) -> None:
    anew.on("edit", UnknownOutcomeError(Code.ANSWER_LOST))
    with pytest.raises(DeliveryConflict):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    anew.on("find_edit", *[OutageError(Code.UNREACHABLE)] * 8)
    for _round in range(8):
        read_the_network()
    live.refresh_from_db()
    assert live.correction is not None
    assert live.correction["outcome"] == "undecided"
    assert live.correction_due_at is None
    assert why_not(live) == ""


def test_a_refusal_leaves_no_trace(live: Delivery, anew: FakeNetwork, admin: Actor) -> None:
    anew.on("edit", PolicyError(Code.CONTENT_POLICY))
    with pytest.raises(PolicyError):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    live.refresh_from_db()
    assert (live.correction, live.correction_due_at, live.lease_owner) == (None, None, "")
    Delivery.objects.filter(pk=live.pk).update(
        lease_owner="a worker", lease_until=timezone.now() + dt.timedelta(minutes=1)
    )
    with pytest.raises(DeliveryConflict, match="being worked on"):
        correct_published(delivery=live, text="Bonjour à tous", actor=admin)


def test_the_screen_says_the_price_and_why_not(
    live: Delivery, anew: FakeNetwork, client_for: Callable[..., object], actor_with: Callable[..., Actor]
) -> None:
    page = f"/o/lumiere/deliveries/{live.pk}/"
    client = client_for(actor_with(Right.VIEW, Right.PUBLISH))
    assert "It bills it: about US$0.015" in client.get(page).content.decode()
    anew.edit_costs = DEAR
    asked = client.post(f"{page}correct/", {"text": "Voir example.com", "price": "0.015"})
    assert asked.status_code == 422
    text = asked.content.decode()
    assert "This text costs US$0.20" in text
    assert "Voir example.com" in text
    assert 'value="0.200"' in text
    for nonsense in ("", "NaN", "Infinity", "abc"):
        assert client.post(f"{page}correct/", {"text": "Voir example.com", "price": nonsense}).status_code == 422
    assert "edit" not in anew.calls
    anew.on("edit", version(anew))
    assert client.post(f"{page}correct/", {"text": "Voir example.com", "price": "0.200"}).status_code == 302
    anew.edit_refusal = Problem(Code.EDIT_TOO_LATE, "edit", {"minutes": 60})
    late = client.get(page).content.decode()
    assert "60 minutes only" in late
    assert "Correct the text" not in late
    assert client.post(f"{page}correct/", {"text": "Autre", "price": "0.200"}).status_code == 422


def test_the_api_corrects_for_the_price_it_is_given(
    live: Delivery, anew: FakeNetwork, api_for: Callable[..., Any], actor_with: Callable[..., Actor]
) -> None:
    address = f"/api/v1/organizations/lumiere/deliveries/{live.pk}/correct/"
    api = api_for(actor_with(Right.VIEW, Right.PUBLISH))
    dear = api.post(address, {"text": "Bonjour à tous"}, format="json")
    assert (dear.status_code, "US$0.015" in dear.json()["detail"]) == (409, True)
    anew.on("edit", PolicyError(Code.CONTENT_POLICY, detail={"message": "no"}), version(anew))
    refused = api.post(address, {"text": "Bonjour à tous", "price": "0.015"}, format="json")
    assert (refused.status_code, "could not be corrected" in refused.json()["detail"]) == (409, True)
    done = api.post(address, {"text": "Bonjour à tous", "price": "0.015"}, format="json")
    assert done.status_code == 200
    assert (done.json()["external_id"], done.json()["earlier_ids"]) == ("2", ["1"])
    assert done.json()["correction"] is None
    assert api_for(actor_with(Right.VIEW)).post(address, {"text": "x"}, format="json").status_code == 403
