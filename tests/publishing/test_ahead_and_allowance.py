"""Uploads made ahead of their time, networks still at work on a file, and what quotas and budgets let through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Budget, Delivery, QuotaReading, Usage
from publishing.selectors import usage
from publishing.selectors.usage import PACIFIC, Window, cost_by_channel, cost_by_network, ends_at, rooms_of, starts_at
from publishing.services.allowance import set_budget
from publishing.services.deliveries import NewDelivery, create_deliveries, reschedule_delivery, retry_delivery
from publishing.services.outcomes import FETCHES_AT_MOST, PROCESSING_AT_MOST, TRIES_AT_MOST
from publishing.services.quotas import metered
from publishing.services.tokens import fresh_target
from socialops.audit.models import Event
from socialops.networks.errors import Code, MediaError, OutageError
from socialops.networks.ports import Charge
from socialops.permissions.rights import Right
from tests.factories.teams import ChannelFactory, CredentialFactory
from tests.publishing.conftest import age

CLIP = {"key": "1", "path": "none", "content_type": "video/mp4", "size": 9, "alt_text": "", "filename": "a.mp4"}
QUOTAS = {
    "posts": {"limit": 3, "window": "rolling_24h", "per": "channel"},
    "units": {"limit": 10, "window": "pacific_day", "per": "app"},
}


@pytest.fixture
def clip(connected, admin) -> Callable[..., Delivery]:
    def make(minutes: float) -> Delivery:
        due_at = timezone.now() + dt.timedelta(minutes=minutes)
        item = NewDelivery(
            channel=connected, payload={"text": "Atelier", "media": [CLIP]}, due_at=due_at, label="Atelier"
        )
        (delivery,) = create_deliveries(items=[item], actor=admin)
        return delivery

    return make


def processing(seconds: float = 2) -> OutageError:
    return OutageError(Code.MEDIA_PROCESSING, until=timezone.now() + dt.timedelta(seconds=seconds))


# ---------------------------------------------------------------- ahead of time


def test_a_video_is_uploaded_ahead_and_goes_out_at_its_minute(clip, work, network):
    delivery = clip(8)
    work(rounds=2)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, network.texts) == (S.SCHEDULED, 0, [])
    assert delivery.handles == {"1": "remote-1"}
    assert delivery.next_try_at == delivery.due_at
    age(8 * 60 + 1)
    work()
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.PUBLISHED, ["Atelier"])
    assert network.calls.count("upload") == 1
    assert [(a.step, a.outcome) for a in delivery.attempts.all()] == [("create", "done"), ("commit", "done")]


def test_a_video_due_tomorrow_waits_and_a_text_is_never_taken_early(clip, due, work, network):
    tomorrow = clip(24 * 60)
    text = due("Texte", due_at=timezone.now() + dt.timedelta(minutes=5))
    Delivery.objects.filter(pk=text.pk).update(next_try_at=text.due_at)
    work()
    assert network.calls == []
    assert {Delivery.objects.get(pk=row.pk).state for row in (tomorrow, text)} == {S.SCHEDULED}


def test_a_new_date_uploads_anew_and_ahead_of_it(clip, work, network, admin):
    delivery = clip(5)
    work()
    later = timezone.now() + dt.timedelta(days=2)
    reschedule_delivery(delivery=delivery, due_at=later, actor=admin)
    assert (delivery.handles, delivery.next_try_at) == ({}, later - dt.timedelta(minutes=10))


def test_a_network_at_work_on_a_file_is_waited_for_without_using_up_tries(due, work, network):
    delivery = due("Atelier", media=[CLIP])
    network.on("create", *[processing() for _ in range(TRIES_AT_MOST + 5)])
    for _ in range(TRIES_AT_MOST + 5):
        work(later=3)
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.RETRYING, [])
    work(later=3)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, network.texts) == (S.PUBLISHED, 1, ["Atelier"])
    assert [(a.step, a.outcome) for a in delivery.attempts.all()] == [("create", "processing"), ("commit", "done")]


def test_waiting_for_a_file_beyond_the_brands_tolerance_is_not_late(due, work, network, brand):
    delivery = due("Atelier", media=[CLIP], minutes_late=brand.late_tolerance_minutes - 1)
    network.on("create", processing(), processing())
    work()
    work(later=180)
    work(later=180)
    delivery.refresh_from_db()
    assert delivery.state == S.PUBLISHED


def test_a_file_that_is_never_finished_is_an_outage_like_any_other(due, work, network):
    delivery = due("Atelier", media=[CLIP])
    network.on("create", *[processing() for _ in range(3)])
    work()
    Delivery.objects.filter(pk=delivery.pk).update(first_tried_at=timezone.now() - PROCESSING_AT_MOST)
    work(later=3)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, delivery.error_code) == (S.RETRYING, 1, Code.MEDIA_PROCESSING)


def test_what_expired_at_the_network_is_uploaded_again(due, work, network):
    delivery = due("Atelier", media=[CLIP])
    network.on("commit", MediaError(Code.MEDIA_EXPIRED))
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handles) == (S.RETRYING, {})
    work(later=10)
    assert network.calls.count("upload") == 2
    assert network.texts == ["Atelier"]


@pytest.mark.parametrize("step", ["create", "confirm"])
def test_a_file_that_the_network_could_not_fetch_is_offered_again(due, work, network, step):
    delivery = due("Atelier", media=[CLIP])
    if step == "confirm":
        network.on("commit", lambda **_: "accepted")
    network.on(step, MediaError(Code.MEDIA_UNREACHABLE))
    work(rounds=2, later=2)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.handles, delivery.error_code) == (S.RETRYING, {}, Code.MEDIA_UNREACHABLE)
    work(later=10)
    delivery.refresh_from_db()
    assert (delivery.state, network.texts) == (S.PUBLISHED, ["Atelier"])


@pytest.mark.parametrize("step", ["create", "confirm"])
def test_an_address_that_no_network_can_reach_is_a_person_s_to_mend(due, work, network, step):
    delivery = due("Atelier", media=[CLIP], brand__late_tolerance_minutes=600)
    network.on("commit", *[lambda **_: "accepted"] * (FETCHES_AT_MOST if step == "confirm" else 0))
    network.on(step, *[MediaError(Code.MEDIA_UNREACHABLE)] * FETCHES_AT_MOST)
    work(rounds=3 * FETCHES_AT_MOST, later=60)
    delivery.refresh_from_db()
    assert (delivery.state, network.calls.count(step)) == (S.FAILED, FETCHES_AT_MOST)
    assert network.texts == []


def test_a_retry_by_a_person_uploads_anew_unless_an_answer_was_lost(due, work, network, admin):
    plain, lost = due("A", media=[CLIP]), due("B", media=[CLIP])
    refused = MediaError(Code.MEDIA_REFUSED, detail={"message": "no"})
    network.on("commit", refused, refused)
    work()
    Delivery.objects.filter(pk=lost.pk).update(unconfirmed_at=timezone.now())
    for row in (plain, lost):
        row.refresh_from_db()
        assert row.handles == {"1": "remote-1"}
        retry_delivery(delivery=row, actor=admin)
    assert plain.handles == {}
    assert lost.handles == {"1": "remote-1"}


# ---------------------------------------------------------------- quotas


@pytest.fixture
def counted(monkeypatch, settings, network) -> None:
    """The network counts posts by account and units by app."""
    monkeypatch.setattr(usage, "buckets_of", lambda _: QUOTAS)
    settings.NETWORKS = {**settings.NETWORKS, "mastodon": {"client_id": "our-app", "client_secret": "", "base_url": ""}}


def spend(channel: Any, bucket: str, units: int, **more: Any) -> None:
    target = metered(fresh_target(channel), channel)
    target.report(Charge(bucket, units, **more))


def test_usage_is_summed_over_five_minutes(connected, counted):
    for _ in range(3):
        spend(connected, "posts", 1, amount=Decimal("0.015"))
    row = Usage.objects.get()
    assert (row.units, row.amount, row.app, row.network) == (3, Decimal("0.0450"), "our-app", "mastodon")
    assert cost_by_channel([connected]) == {connected.pk: Decimal("0.0450")}
    assert cost_by_network() == {"mastodon": Decimal("0.0450")}


def test_a_spent_quota_holds_the_post_until_it_is_full_again(connected, counted, due, work, network, brand):
    spend(connected, "posts", 3)
    network.costs = [Charge("posts")]
    delivery = due("Bonjour")
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code, network.calls) == (S.MISSED, Code.QUOTA_SPENT, [])
    Usage.objects.update(slot_at=timezone.now() - dt.timedelta(hours=25))
    (room,) = (r for r in rooms_of([connected], {})[connected.pk] if r.bucket == "posts")
    assert (room.used, room.left) == (0, 3)


def test_the_networks_own_word_counts_too(connected, counted, due, work, network):
    soon = timezone.now() + dt.timedelta(minutes=3)
    QuotaReading.objects.create(
        channel=connected, bucket="posts", limit=100, remaining=0, resets_at=soon, read_at=timezone.now()
    )
    network.costs = [Charge("posts")]
    delivery = due("Bonjour")
    work()
    delivery.refresh_from_db()
    assert (delivery.state, network.calls) == (S.RETRYING, [])
    assert delivery.next_try_at >= soon
    work(later=200)
    delivery.refresh_from_db()
    assert delivery.state == S.MISSED or network.calls == []
    QuotaReading.objects.update(resets_at=timezone.now() - dt.timedelta(seconds=1))
    retried = due("Encore")
    work()
    retried.refresh_from_db()
    assert retried.state == S.PUBLISHED


def test_an_apps_quota_is_shared_by_its_channels(connected, counted, brand):
    other = ChannelFactory(brand=brand)
    CredentialFactory(channel=other)
    spend(connected, "units", 6)
    spend(other, "units", 3)
    rooms = rooms_of([connected, other], {"mastodon": "our-app"})
    assert {(r.bucket, r.used, r.shared) for r in rooms[other.pk]} == {("posts", 0, False), ("units", 9, True)}
    assert rooms[connected.pk][1].left == 1


def test_rooms_of_many_channels_take_two_queries(connected, counted, brand, django_assert_num_queries):
    channels = [connected, *ChannelFactory.create_batch(20, brand=brand)]
    spend(connected, "posts", 1)
    with django_assert_num_queries(
        6
    ):  # two reads, and the scope told to the database around the one across organizations
        rooms = rooms_of(channels, {"mastodon": "our-app"})
    assert len(rooms) == 21


@pytest.mark.parametrize(
    ("window", "now", "start", "end"),
    [
        (Window.UTC_DAY, "2026-11-27T03:00:00+00:00", "2026-11-27T00:00:00+00:00", "2026-11-28T00:00:00+00:00"),
        (Window.PACIFIC_DAY, "2026-11-27T03:00:00+00:00", "2026-11-26T08:00:00+00:00", "2026-11-27T08:00:00+00:00"),
        # the day on which clocks go back has 25 hours
        (Window.PACIFIC_DAY, "2026-11-01T12:00:00+00:00", "2026-11-01T07:00:00+00:00", "2026-11-02T08:00:00+00:00"),
        (Window.MONTH, "2026-12-31T23:00:00+00:00", "2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_windows_begin_and_end_where_the_network_says(window, now, start, end):
    moment = dt.datetime.fromisoformat(now)
    assert starts_at(window, moment).astimezone(dt.UTC) == dt.datetime.fromisoformat(start)
    assert ends_at(window, moment, None).astimezone(dt.UTC) == dt.datetime.fromisoformat(end)
    assert PACIFIC.key == "America/Los_Angeles"


# ---------------------------------------------------------------- budget


def test_beyond_the_budget_nothing_billed_goes_out_and_it_says_so(connected, counted, due, work, network, admin):
    set_budget(organization=connected.organization, network="mastodon", monthly=Decimal("0.20"), actor=admin)
    network.costs = [Charge("writes", 1, Decimal("0.15"))]
    first = due("Premier")
    work()
    spend(connected, "writes", 1, amount=Decimal("0.15"))
    second = due("Second")
    work()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.error_code) == (S.PUBLISHED, S.FAILED, Code.BUDGET_SPENT)
    assert network.texts == ["Premier"]
    set_budget(organization=connected.organization, network="mastodon", monthly=None, actor=admin)
    retry_delivery(delivery=second, actor=admin)
    work()
    assert network.texts == ["Premier", "Second"]
    changes = [event.changes for event in Event.objects.filter(action="budget.set").order_by("pk")]
    assert changes == [{"mastodon": [None, "0.20"]}, {"mastodon": ["0.20", None]}]
    assert not Budget.objects.exists()


def test_a_budget_is_set_by_whoever_manages_channels(connected, actor_with):
    publisher = actor_with(Right.PUBLISH)
    with pytest.raises(PermissionDenied):
        set_budget(organization=connected.organization, network="x", monthly=Decimal(5), actor=publisher)
