"""From due to settled: never twice, never forgotten, never unapproved."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

import pytest
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery, Suspension
from publishing.services import claims, tokens
from publishing.services.deliver import deliver
from publishing.services.deliveries import retry_delivery
from publishing.services.outcomes import TRIES_AT_MOST
from publishing.services.recovery import LOST_AT_MOST, recover_lost
from publishing.services.suspensions import suspend
from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
    InternalError,
    MediaError,
    OutageError,
    PolicyError,
    RateLimitError,
    RawAnswer,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Credentials, Finding, Problem, Published, Reconciliation, RemotePost
from socialops.notifications.models import Notification
from tests.publishing.conftest import age


class Killed(BaseException):
    """What kill -9 looks like from inside: no handler runs."""


def die(**_):
    raise Killed


def test_what_is_due_goes_out_once(due, work, network):
    delivery = due("Bonjour")
    later = due("Demain", due_at=timezone.now() + dt.timedelta(hours=1))
    work(rounds=3)
    delivery.refresh_from_db()
    later.refresh_from_db()
    assert network.texts == ["Bonjour"]
    assert (delivery.state, delivery.external_id, delivery.external_url, delivery.lease_owner) == (
        S.PUBLISHED, "1", "https://social.example/1", "",
    )  # fmt: skip
    assert [(a.step, a.outcome) for a in delivery.attempts.all()] == [("commit", "done")]
    assert later.state == S.SCHEDULED


def test_a_stale_message_does_nothing(due, network):
    delivery = due()
    (old,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    age(30)
    assert recover_lost() == 1
    (new,) = claims.claim_due(limit=1, per_channel=1, worker="b")
    for claim in (old, new, new, old):
        deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    assert network.texts == ["Bonjour"]
    assert Delivery.objects.get(pk=delivery.pk).tries == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (OutageError(Code.SERVER_ERROR, detail={"status": 503}), S.RETRYING),
        (RateLimitError(Code.TOO_MANY_REQUESTS, until=timezone.now() + dt.timedelta(seconds=300)), S.RETRYING),
        (AuthError(Code.TOKEN_REVOKED), S.FAILED),
        (ValidationError(Code.TEXT_TOO_LONG, detail={"field": "text", "length": 501, "limit": 500}), S.FAILED),
        (MediaError(Code.IMAGE_UNREADABLE), S.FAILED),
        (PolicyError(Code.CONTENT_POLICY, detail={"message": "spam"}), S.FAILED),
        (DuplicateError(Code.DUPLICATE_POST), S.FAILED),
        (InternalError(Code.UNEXPECTED_ANSWER), S.FAILED),
        (UnknownOutcomeError(Code.ANSWER_LOST), S.UNCONFIRMED),
        (ZeroDivisionError(), S.UNCONFIRMED),
    ],
)
def test_each_class_of_error_at_the_one_shot(due, network, admin, error, state):
    delivery = due()
    network.on("commit", error)
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.lease_owner, network.texts) == (state, "", [])
    assert delivery.attempts.get().outcome == delivery.error_kind
    assert Notification.objects.filter(user=admin.user, kind="delivery.failed").exists() == (state == S.FAILED)
    if state == S.UNCONFIRMED:
        assert delivery.commit_started_at is not None
    else:
        assert delivery.commit_started_at is None


@pytest.mark.parametrize("step", ["check", "prepare", "create"])
def test_our_own_fault_before_the_one_shot_fails_and_sends_nothing(due, network, work, step):
    delivery = due()
    network.on(step, KeyError("bug"))
    work(rounds=2)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_kind, network.texts) == (S.FAILED, "internal", [])


def test_an_outage_is_retried_until_it_ends(due, work, network):
    delivery = due()
    network.on("commit", OutageError(Code.UNREACHABLE), OutageError(Code.UNREACHABLE))
    work()
    delivery.refresh_from_db()
    wait = (delivery.next_try_at - timezone.now()).total_seconds()
    assert 3 < wait < 7
    work(rounds=2, later=15)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, network.texts, delivery.error_code) == (S.PUBLISHED, 3, ["Bonjour"], "")


def test_a_retry_after_is_honoured_to_the_second(due, work, network):
    until = timezone.now() + dt.timedelta(seconds=300)
    delivery = due()
    network.on("commit", RateLimitError(Code.TOO_MANY_REQUESTS, until=until))
    work(rounds=3)
    delivery.refresh_from_db()
    assert until < delivery.next_try_at < until + dt.timedelta(seconds=3)
    assert network.calls.count("commit") == 1


def test_waiting_longer_than_the_brand_tolerates_is_a_person_s_decision(due, work, network):
    delivery = due()
    network.on("commit", RateLimitError(Code.TOO_MANY_REQUESTS, until=timezone.now() + dt.timedelta(hours=1)))
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code) == (S.MISSED, "too_many_requests")


def test_it_gives_up_after_so_many_tries(due, network):
    delivery = due(tries=TRIES_AT_MOST - 1)
    network.on("commit", OutageError(Code.UNREACHABLE))
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    assert Delivery.objects.get(pk=delivery.pk).state == S.FAILED


def test_an_answer_dropped_after_acceptance_is_found_and_never_resent(due, work, network):
    delivery = due("Une seule fois")
    network.on("commit", network.drop_after_accepting("Une seule fois"))
    work()
    delivery.refresh_from_db()
    assert delivery.state == S.UNCONFIRMED
    work(later=2)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_id) == (S.PUBLISHED, "1")
    assert network.texts == ["Une seule fois"]
    assert [(a.step, a.outcome) for a in delivery.attempts.order_by("id")] == [
        ("commit", "unknown_outcome"),
        ("reconcile", "done"),
    ]


def test_an_answer_lost_before_acceptance_goes_out_again_with_the_same_key(due, work, network):
    keys = []
    network.on(
        "commit", UnknownOutcomeError(Code.ANSWER_LOST), lambda content, **_: keys.append(content.idempotency_key)
    )
    delivery = due()
    work()
    work(later=2)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, network.texts, keys) == (S.PUBLISHED, ["Bonjour"], [str(delivery.idempotency_key)])


def test_reconciliation_that_can_t_tell_asks_a_person_and_waits(due, work, network, admin):
    post = RemotePost("9", "https://social.example/9", "Bonjour !", timezone.now())
    network.on("commit", UnknownOutcomeError(Code.ANSWER_LOST))
    network.on("find_published", lambda: Reconciliation(Finding.UNDECIDED, candidates=(post,)))
    delivery = due()
    work()
    work(rounds=3, later=60)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.asks_person, delivery.candidates[0]["url"]) == (S.UNCONFIRMED, True, post.url)
    assert network.texts == []
    note = Notification.objects.get(user=admin.user, kind="delivery.unconfirmed")
    assert note.url.endswith(f"/deliveries/{delivery.pk}/")


def test_it_looks_again_when_the_network_may_still_be_at_work(due, work, network):
    again = timezone.now() + dt.timedelta(seconds=30)
    network.on("commit", UnknownOutcomeError(Code.ANSWER_LOST))
    network.on("find_published", lambda: Reconciliation(Finding.UNDECIDED, look_again_at=again))
    delivery = due()
    work()
    work(later=2)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.next_try_at, delivery.asks_person) == (S.UNCONFIRMED, again, False)


def test_two_lost_answers_never_take_the_same_post(due, work, network):
    first, second = due("Même texte"), due("Même texte")
    network.on("commit", network.drop_after_accepting("Même texte"), UnknownOutcomeError(Code.ANSWER_LOST))
    work()
    work(later=2)
    states = sorted(Delivery.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", "external_id"))
    assert states[0] == (S.PUBLISHED, "1")
    assert states[1][1] == ""


def test_duplicate_after_a_lost_answer_is_looked_up_not_failed(due, work, network):
    delivery = due(unconfirmed_at=timezone.now())
    network.accept("Bonjour")
    network.on("commit", DuplicateError(Code.DUPLICATE_POST))
    work()
    work(later=2)
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.PUBLISHED, ["Bonjour"])


def test_a_network_that_refuses_after_accepting_ends_it_with_its_reason(due, work, network, admin):
    delivery = due()
    network.on("commit", lambda **_: "accepted")
    network.on("confirm", MediaError(Code.MEDIA_REFUSED, detail={"message": "frame rate"}))
    work()
    work(later=3)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code, network.texts) == (S.FAILED, Code.MEDIA_REFUSED, [])
    assert Notification.objects.filter(user=admin.user, kind="delivery.failed").exists()


def test_what_the_one_shots_answer_names_is_kept_for_the_watching(due, work, network):
    def accept(**known):
        known["handles"]["publish_id"] = "p1"
        return "accepted"

    delivery = due()
    network.on("commit", accept)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handles) == (S.CONFIRMING, {"publish_id": "p1"})


def test_processing_is_watched_until_it_is_live(due, work, network):
    delivery = due()
    network.on("commit", lambda **_: "accepted")
    network.on("confirm", lambda **_: None, lambda **_: network.accept("Bonjour"))
    work()
    delivery.refresh_from_db()
    assert delivery.state == S.CONFIRMING
    work(rounds=2, later=10)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_id, network.calls.count("commit")) == (S.PUBLISHED, "1", 1)


# ---------------------------------------------------------------- a worker dies


@pytest.mark.parametrize("step", ["prepare", "create", "before commit", "after acceptance"])
def test_a_worker_that_dies_in_any_step_costs_nothing(due, work, network, step):
    def die(**_):
        if step == "after acceptance":
            network.accept("Bonjour")
        raise Killed

    delivery = due()
    network.on({"before commit": "commit", "after acceptance": "commit"}.get(step, step), die)
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    with pytest.raises(Killed):
        deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    work(rounds=2)
    assert network.calls.count("commit") == (1 if step in ("before commit", "after acceptance") else 0)
    work(rounds=3, later=25)
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.PUBLISHED, ["Bonjour"])


def _one_death() -> None:
    """Its time has come, a worker takes it and dies, and long after it is recovered."""
    age(60)
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    with pytest.raises(Killed):
        deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    age(60)
    recover_lost()


def test_a_delivery_that_kills_every_worker_stops_at_last(due, network):
    delivery = due(brand__late_tolerance_minutes=600)
    network.on("create", *[die] * LOST_AT_MOST)
    for tries in range(1, LOST_AT_MOST + 1):
        _one_death()
        delivery.refresh_from_db()
        assert delivery.state == (S.FAILED if tries == LOST_AT_MOST else S.RETRYING)
    assert network.texts == []


def test_a_worker_that_dies_after_a_network_s_bad_hour_is_no_reason_to_stop(due, work, network):
    delivery = due()
    network.on("create", *[OutageError(Code.SERVER_ERROR)] * LOST_AT_MOST, die)
    work(rounds=LOST_AT_MOST, later=60)
    _one_death()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (S.RETRYING, LOST_AT_MOST + 1)
    work(rounds=2, later=1)
    assert network.texts == ["Bonjour"]


def test_handles_are_saved_before_the_next_call(due, work, network, brand):
    media = [
        {"key": key, "path": "x.png", "content_type": "image/png", "size": 1, "alt_text": "x"} for key in ("un", "deux")
    ]
    delivery = due(media=media)
    network.on("upload", lambda **_: None, OutageError(Code.UNREACHABLE))
    work()
    delivery.refresh_from_db()
    assert delivery.handles == {"un": "remote-un"}
    work(later=10)
    assert network.calls.count("upload") == 3
    assert network.texts == ["Bonjour"]


# ---------------------------------------------------------------- late, suspended


def test_late_is_tolerated_then_missed(due, work, network, brand, admin):
    due("Un peu tard", minutes_late=14)
    beyond = due("Bien trop tard", minutes_late=16)
    work()
    beyond.refresh_from_db()
    assert network.texts == ["Un peu tard"]
    assert beyond.state == S.MISSED
    assert Notification.objects.filter(user=admin.user, kind="delivery.missed").count() == 1


def test_what_a_person_sends_again_is_not_late(due, work, network, admin):
    delivery = due(minutes_late=600, state=S.MISSED)
    retry_delivery(delivery=delivery, actor=admin)
    work()
    assert network.texts == ["Bonjour"]


def test_a_suspension_between_claim_and_one_shot_holds_it(due, network, admin, connected):
    delivery = due()
    network.on("create", lambda **_: suspend(reason="Crise", actor=admin))
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.suspension.reason, network.texts) == (S.SUSPENDED, "Crise", [])
    assert "commit" not in network.calls


def test_a_suspension_the_row_has_not_heard_of_still_stops_the_one_shot(due, network, admin, connected):
    """The row was claimed from a snapshot older than the suspension: only the check in the last statement sees it."""
    delivery = due()
    network.on("create", lambda **_: Suspension.objects.create(scope="channel", channel=connected, reason="Crise"))
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.SUSPENDED, [])


# ---------------------------------------------------------------- tokens, checks


def test_a_problem_the_network_would_refuse_is_told_before_asking_it(due, work, network):
    network.problems = [Problem(Code.TEXT_TOO_LONG, "text", {"length": 501, "limit": 500})]
    delivery = due()
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code, network.calls) == (S.FAILED, "text_too_long", [])


def test_a_token_that_expired_early_is_renewed_and_tried_again(due, work, network, monkeypatch):
    delivery = due()
    network.renewed = Credentials({"access_token": "new"})
    seen = []
    network.on("commit", AuthError(Code.TOKEN_EXPIRED), lambda target, **_: seen.append(target.credentials.values))
    network.on("refresh", lambda **_: None)
    monkeypatch.setattr(
        tokens, "_one_at_a_time", lambda _channel: nullcontext()
    )  # the test itself runs in a transaction
    work()
    work(later=10)
    delivery.refresh_from_db()
    assert (delivery.state, seen) == (S.PUBLISHED, [{"access_token": "new"}])


def test_raw_answers_are_kept_for_the_ledger(due, work, network):
    raw = RawAnswer("POST", "https://social.example/api", 422, {}, '{"error": "no"}')
    delivery = due()
    network.on("commit", ValidationError(Code.CONTENT_REFUSED, detail={"message": "no"}, raw=raw))
    work()
    attempt = delivery.attempts.get()
    assert attempt.raw["status"] == 422


# ---------------------------------------------------------------- parts


def test_a_thread_and_its_first_comment_go_out_in_order(due, work, network):
    parents = []
    network.on("commit_part", *[lambda parent, **_: parents.append(parent.external_id)] * 3)
    delivery = due("Un", parts=["Deux", "Trois"], first_comment="Le lien")
    work()
    delivery.refresh_from_db()
    assert network.texts == ["Un", "Deux", "Trois", "Le lien"]
    assert parents == ["1", "2", "1"]
    assert (delivery.parts_due_at, delivery.lease_owner) == (None, "")
    assert [p.state for p in delivery.parts.all()] == [S.PUBLISHED] * 3


def test_a_part_whose_answer_is_lost_is_found_not_resent(due, work, network):
    delivery = due("Un", parts=["Deux", "Trois"])
    network.on("commit_part", network.drop_after_accepting("Deux"))
    work()
    work(later=2)
    assert network.texts == ["Un", "Deux", "Trois"]
    assert [p.state for p in delivery.parts.all()] == [S.PUBLISHED] * 2


def test_a_failed_part_stops_its_thread_but_not_the_first_comment(due, work, network, admin):
    delivery = due("Un", parts=["Deux", "Trois"], first_comment="Le lien")
    network.on("commit_part", ValidationError(Code.TEXT_TOO_LONG, detail={"length": 9, "limit": 5}))
    work(rounds=2)
    delivery.refresh_from_db()
    assert network.texts == ["Un", "Le lien"]
    assert [p.state for p in delivery.parts.all()] == [S.FAILED, S.SCHEDULED, S.PUBLISHED]
    assert (delivery.state, delivery.parts_due_at) == (S.PUBLISHED, None)
    assert Notification.objects.filter(user=admin.user, kind="delivery.failed").exists()


def test_a_worker_that_dies_between_parts_leaves_no_double(due, work, network):
    def die(**_):
        network.accept("Deux")
        raise Killed

    delivery = due("Un", parts=["Deux", "Trois"])
    network.on("commit_part", die)
    (claim,) = claims.claim_due(limit=1, per_channel=1, worker="a")
    with pytest.raises(Killed):
        deliver(organization_id=claim.organization_id, delivery_id=claim.delivery_id, claim=claim.token)
    work(rounds=2, later=25)
    assert network.texts == ["Un", "Deux", "Trois"]
    assert Delivery.objects.get(pk=delivery.pk).parts_due_at is None


def test_published_objects_keep_what_answers_need(due, work, network):
    network.on("commit", lambda **_: Published("at://x", "https://x.example", {"cid": "c"}))
    delivery = due()
    work()
    delivery.refresh_from_db()
    assert delivery.external_extra == {"cid": "c"}
