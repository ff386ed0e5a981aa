"""Correcting a live publication: on the network first, by those who may, and never in silence."""

from __future__ import annotations

import pytest

from publishing.errors import DeliveryConflict
from publishing.models import Delivery
from publishing.services.correction import correct_published
from socialops.audit.models import Event
from socialops.networks.errors import Code, OutageError
from socialops.networks.ports import Problem
from socialops.permissions.rights import Right


@pytest.fixture
def live(due, work) -> Delivery:
    delivery = due("Bonjuor à tous")
    work()
    delivery.refresh_from_db()
    return delivery


def test_a_correction_changes_the_network_then_the_books(live, network, admin):
    correct_published(delivery=live, text=" Bonjour à tous ", actor=admin)
    live.refresh_from_db()
    assert network.texts == ["Bonjour à tous"]
    assert live.payload["text"] == "Bonjour à tous"
    assert [(a.step, a.outcome) for a in live.attempts.all()] == [("commit", "done"), ("edit", "done")]
    assert Event.objects.get(action="delivery.corrected").changes == {"text": ["Bonjuor à tous", "Bonjour à tous"]}
    correct_published(delivery=live, text="Bonjour à tous", actor=admin)
    assert network.calls.count("edit") == 1  # nothing to change


def test_what_the_network_refuses_or_can_not_do_changes_nothing(live, network, admin):
    network.on("edit", OutageError(Code.UNREACHABLE))
    with pytest.raises(OutageError):
        correct_published(delivery=live, text="Autre", actor=admin)
    network.problems = [Problem(Code.TEXT_TOO_LONG, "text", {"length": 9, "limit": 5})]
    with pytest.raises(DeliveryConflict, match="too long"):
        correct_published(delivery=live, text="Autre", actor=admin)
    network.problems, network.supports_edit = [], False
    with pytest.raises(DeliveryConflict, match="open it on the network"):
        correct_published(delivery=live, text="Autre", actor=admin)
    live.refresh_from_db()
    assert live.payload["text"] == "Bonjuor à tous"


def test_the_form_is_for_who_may_and_keeps_what_was_typed(live, network, client_for, actor_with, brand):
    page = f"/o/lumiere/deliveries/{live.pk}/"
    publisher = client_for(actor_with(Right.VIEW, Right.PUBLISH))
    assert "Correct the text on the network" in publisher.get(page).content.decode()
    network.on("edit", OutageError(Code.UNREACHABLE))
    refused = publisher.post(f"{page}correct/", {"text": "Bonjour, typed with care"})
    assert refused.status_code == 422
    assert "typed with care" in refused.content.decode()
    assert publisher.post(f"{page}correct/", {"text": "Bonjour"}).status_code == 302
    assert network.texts == ["Bonjour"]
    brand.approval = "required"
    brand.save()
    assert "Correct the text on the network" not in publisher.get(page).content.decode()
    assert publisher.post(f"{page}correct/", {"text": "x"}).status_code == 403
    assert client_for(actor_with(Right.VIEW)).post(f"{page}correct/", {"text": "x"}).status_code == 403
