"""X: correcting a post. A new version each time, for those with a subscription, while the window is open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import UnknownOutcomeError, ValidationError
from socialops.networks.ports import Connector, Content, Finding, Published, Target
from tests.fakes.files import media
from tests.networks.driving import Ledger, content, publish
from tests.sandbox_server import Sandbox

Steer = Callable[..., dict[str, Any]]


@pytest.fixture
def premium(target: Target, steer: Steer) -> Target:
    steer("/_subscription", account=target.external_id, type="Premium")
    return target


def corrected(what: Content) -> Content:
    return replace(what, text=f"Corrigé {uuid.uuid4().hex}")


def test_a_correction_is_a_new_version_with_its_files_and_price(
    sandbox: Sandbox, connector: Connector, premium: Target, vocabulary: str, steer: Steer
) -> None:
    what = content(media=(media("a", "Une lampe"), media("b", "Deux lampes")), options={"reply_settings": "mentioned"})
    first = publish(connector, premium, what)
    ledger, again = Ledger(), corrected(what)
    steer("/_credits", left="")
    second = connector.edit(replace(premium, report=ledger.report), again, external_id=first.external_id)
    spent = sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"]
    versions = {first.external_id, second.external_id}  # each has its own counters
    assert connector.pull_post_metrics(premium, external_ids=sorted(versions)).metrics.keys() == versions
    assert Decimal(spent) == sum(charge.amount for charge in ledger.charges)
    assert list(connector.edit_charges(again)) == [charge for charge in ledger.charges if charge.bucket == "posts"]
    assert second is not None
    assert second.external_id != first.external_id
    assert second.external_id in second.url
    seen = connector.read_post(premium, external_id=second.external_id)
    assert seen is not None
    assert (seen.text, seen.media_count) == (again.text, 2)
    public = [p for p in sandbox.posts("x", account=premium.external_id) if p["live"]]
    assert [p["text"] for p in public] == [again.text]


def test_a_link_makes_a_correction_dear(connector: Connector) -> None:
    (charge,) = connector.edit_charges(content("Voir example.com"))
    assert charge.amount == Decimal("0.200")


def test_a_correction_starts_from_the_newest_version(connector: Connector, premium: Target) -> None:
    what = content()
    first = publish(connector, premium, what)
    connector.edit(premium, corrected(what), external_id=first.external_id)
    third = connector.edit(premium, corrected(what), external_id=first.external_id)
    assert third is not None
    for _again in range(3):
        connector.edit(premium, corrected(what), external_id=first.external_id)
    with pytest.raises(ValidationError) as over:
        connector.edit(premium, corrected(what), external_id=first.external_id)
    assert over.value.code == "edit_closed"
    connector.delete(premium, external_id=first.external_id)
    assert connector.read_post(premium, external_id=third.external_id) is None  # every version goes with it


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed"])
def test_a_lost_answer_is_found_by_reading_and_not_sent_again(
    sandbox: Sandbox, connector: Connector, premium: Target, vocabulary: str, effect: str
) -> None:
    what = content()
    first = publish(connector, premium, what)
    again, since = corrected(what), datetime.now(UTC)
    sandbox.fault(effect, "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.edit(premium, again, external_id=first.external_id)
    found = connector.find_edit(premium, again, external_id=first.external_id, since=since)
    assert found.finding is Finding.PUBLISHED
    assert isinstance(found.published, Published)
    repeated = connector.edit(premium, again, external_id=first.external_id)
    assert repeated == found.published
    assert len(sandbox.posts("x", account=premium.external_id)) == 2


def test_what_was_not_made_is_known_once_x_has_had_its_time(
    sandbox: Sandbox, connector: Connector, premium: Target
) -> None:
    what = content()
    first = publish(connector, premium, what)
    again, now = corrected(what), datetime.now(UTC)
    early = connector.find_edit(premium, again, external_id=first.external_id, since=now)
    assert early.finding is Finding.UNDECIDED
    assert early.look_again_at is not None
    late = connector.find_edit(premium, again, external_id=first.external_id, since=now - timedelta(minutes=5))
    assert late.finding is Finding.NOT_PUBLISHED
    connector.edit(premium, corrected(what), external_id=first.external_id)  # somebody else, in X's app
    other = connector.find_edit(premium, again, external_id=first.external_id, since=now - timedelta(minutes=5))
    assert other.finding is Finding.UNDECIDED
    assert len(other.candidates) == 1


def test_who_may_correct_and_until_when(connector: Connector, target: Target, steer: Steer) -> None:
    now = datetime.now(UTC)
    without = connector.edit_problem(limits=connector.fetch_limits(target), published_at=now)
    assert without is not None
    assert without.code == "edit_subscribers"
    what = content()
    first = publish(connector, target, what)
    with pytest.raises(ValidationError) as refused:
        connector.edit(target, corrected(what), external_id=first.external_id)
    assert refused.value.code == "edit_closed"
    steer("/_subscription", account=target.external_id, type="Basic")
    limits = connector.fetch_limits(target)
    assert connector.edit_problem(limits=limits, published_at=now) is None
    minutes = network_data("x")["edit"]["window_minutes"]
    late = connector.edit_problem(limits=limits, published_at=now - timedelta(minutes=minutes))
    assert late is not None
    assert (late.code, late.detail["minutes"]) == ("edit_too_late", minutes)
    connector.delete(target, external_id=first.external_id)
    with pytest.raises(ValidationError) as gone:
        connector.edit(target, corrected(what), external_id=first.external_id)
    assert gone.value.code == "parent_gone"


def test_a_window_that_x_has_closed_is_said(connector: Connector, target: Target, answers: Any) -> None:
    controls = {"is_edit_eligible": True, "editable_until": "2026-01-01T00:00:00.000Z", "edits_remaining": 3}
    answers.say(200, {"data": {"id": "1", "text": "a", "edit_controls": controls}})
    with pytest.raises(ValidationError) as late:
        connector.edit(target, content(), external_id="1")
    assert late.value.code == "edit_too_late"


def test_the_sandbox_refuses_an_edit_as_x_does(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    first = publish(connector, target, content())
    token = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    body = {"text": "Autre", "edit_options": {"previous_post_id": first.external_id}}
    answer = sandbox.http.post(f"{sandbox.url('x')}/2/tweets", json=body, headers=token)
    assert (answer.status_code, answer.json()["type"]) == (403, "about:blank")


def test_answers_to_an_earlier_version_are_still_heard(sandbox: Sandbox, connector: Connector, premium: Target) -> None:
    what = content()
    first = publish(connector, premium, what)
    sandbox.crowd("x", "comment", post_id=first.external_id, text="Faute de frappe")
    second = connector.edit(premium, corrected(what), external_id=first.external_id)
    assert second is not None
    sandbox.crowd("x", "comment", post_id=second.external_id, text="Mieux")
    watched = [second.external_id, first.external_id]
    found = connector.pull_mentions(premium, cursor={}, watched=watched).mentions
    assert {mention.text.partition(" ")[2] for mention in found} == {"Faute de frappe", "Mieux"}
    assert {mention.root for mention in found} <= set(watched)
