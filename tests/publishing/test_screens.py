"""The screens and endpoints of publishing: what they show, and to whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from publishing.enums import DeliveryState as S
from publishing.models import Delivery, Suspension
from publishing.services.suspensions import lift, suspend
from publishing.services.takedown import delete_published
from socialops.permissions.rights import Right
from socialops.tenancy.scope import tenant
from teams.models import Channel
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import ChannelFactory

WEB, API = "/o/lumiere", "/api/v1/organizations/lumiere"


@pytest.fixture
def failed(channel):
    return DeliveryFactory(
        channel=channel, label="Soldes", state=S.FAILED, error_kind="validation", error_code="text_too_long",
        error_detail={"length": 612, "limit": 500}, post_key=7,
    )  # fmt: skip


def test_a_failure_says_why_and_leads_to_the_mend(failed, admin, client_for):
    page = client_for(admin).get(f"{WEB}/deliveries/{failed.pk}/")
    text = page.content.decode()
    assert "The text is too long: 612 characters, the network takes 500." in text
    assert f'href="{WEB}/posts/7/"' in text
    assert "Send now" in text


def test_to_fix_lists_what_needs_somebody_and_nothing_else(
    failed, channel, admin, client_for, django_assert_max_num_queries
):
    DeliveryFactory(channel=channel, label="Sans souci", state=S.SCHEDULED)
    DeliveryFactory(channel=channel, label="En question", state=S.UNCONFIRMED, asks_person=True)
    DeliveryFactory(channel=channel, label="On cherche", state=S.UNCONFIRMED)
    for number in range(10):
        DeliveryFactory(channel=channel, label=f"Raté {number}", state=S.MISSED)
    client = client_for(admin)
    with django_assert_max_num_queries(30):
        text = client.get(f"{WEB}/deliveries/").content.decode()
    assert "Soldes" in text
    assert "En question" in text
    assert "Sans souci" not in text
    assert "On cherche" not in text


def test_a_person_answers_the_question(channel, admin, client_for):
    found = {
        "external_id": "42",
        "url": "https://social.example/42",
        "text": "Bonjour",
        "created_at": None,
        "media_count": 0,
    }
    row = DeliveryFactory(
        channel=channel, state=S.UNCONFIRMED, asks_person=True, candidates=[found], commit_started_at=timezone.now()
    )
    client = client_for(admin)
    assert "What we found" in client.get(f"{WEB}/deliveries/{row.pk}/").content.decode()
    client.post(f"{WEB}/deliveries/{row.pk}/resolve/", {"live": "1", "external_id": "42"})
    row.refresh_from_db()
    assert (row.state, row.external_url) == (S.PUBLISHED, "https://social.example/42")


@pytest.mark.parametrize("action", ["retry", "cancel", "resolve", "reschedule", "take-down", "parts"])
def test_acting_needs_the_right_to_publish(failed, actor_with, client_for, action):
    client = client_for(actor_with(Right.VIEW))
    assert client.get(f"{WEB}/deliveries/{failed.pk}/").status_code == 200
    assert client.post(f"{WEB}/deliveries/{failed.pk}/{action}/", {}).status_code == 403
    assert Delivery.objects.get(pk=failed.pk).state == S.FAILED


def test_another_channel_s_delivery_is_not_there(failed, actor_with, client_for, brand):
    outsider = client_for(actor_with(Right.VIEW, Right.PUBLISH, scope=ChannelFactory(brand=brand)))
    assert outsider.get(f"{WEB}/deliveries/{failed.pk}/").status_code == 404
    assert outsider.post(f"{WEB}/deliveries/{failed.pk}/retry/").status_code == 404


def test_another_organization_s_ids_are_not_there(foreign, organization, actor_with, client_for, api_for):
    admin = actor_with(*Right)
    client, api = client_for(admin), api_for(admin)
    theirs, suspension = _theirs(foreign)
    for address in (f"deliveries/{theirs}/", f"suspensions/{suspension}/"):
        assert client.get(f"{WEB}/{address}").status_code == 404
        assert api.get(f"{API}/{address}").status_code == 404
    assert client.post(f"{WEB}/deliveries/{theirs}/retry/").status_code == 404
    assert client.post(f"{WEB}/deliveries/{theirs}/take-down/").status_code == 404
    assert api.post(f"{API}/deliveries/{theirs}/resolve/", {"is_live": True}).status_code == 404
    assert api.post(f"{API}/suspensions/{suspension}/lift/").status_code == 404
    assert api.post(f"{API}/suspensions/", {"reason": "x", "channel": foreign.channel.pk}).status_code == 404


@pytest.fixture
def foreign(foreign):
    with tenant(foreign.organization):
        foreign.delivery = DeliveryFactory(channel=foreign.channel, state=S.FAILED).pk
        foreign.suspension = Suspension.objects.create(scope="organization", reason="x").pk
    return foreign


def _theirs(foreign):
    return foreign.delivery, foreign.suspension


@pytest.mark.usefixtures("in_february")
def test_rescheduling_is_on_the_brand_s_clock_and_refuses_the_hour_that_does_not_exist(failed, admin, client_for):
    client = client_for(admin)
    gap = client.post(f"{WEB}/deliveries/{failed.pk}/reschedule/", {"due_at": "2027-03-28T02:30"})
    assert gap.status_code == 422
    assert "does not exist" in gap.content.decode()
    past = client.post(f"{WEB}/deliveries/{failed.pk}/reschedule/", {"due_at": "2020-01-01T10:00"})
    assert past.status_code == 422
    client.post(f"{WEB}/deliveries/{failed.pk}/reschedule/", {"due_at": "2027-07-14T10:00"})
    failed.refresh_from_db()
    assert failed.due_at == dt.datetime(2027, 7, 14, 8, 0, tzinfo=dt.UTC)


def test_two_taps_suspend_everything_and_everybody_sees_it(channel, admin, actor_with, client_for):
    waiting = DeliveryFactory(channel=channel)
    client = client_for(admin)
    assert client.get(f"{WEB}/suspensions/").status_code == 200
    answer = client.post(f"{WEB}/suspensions/", {"scope": "organization", "reason": "Accident sur site"}, follow=True)
    assert answer.status_code == 200
    waiting.refresh_from_db()
    assert waiting.state == S.SUSPENDED
    reader = client_for(actor_with(Right.VIEW))
    assert "Accident sur site" in reader.get(f"{WEB}/deliveries/{waiting.pk}/").content.decode()


def test_suspending_needs_the_right_on_that_scope(channel, actor_with, client_for):
    on_channel = client_for(actor_with(Right.VIEW, Right.SUSPEND, scope=channel))
    refused = on_channel.post(f"{WEB}/suspensions/", {"scope": "organization", "reason": "x"})
    assert refused.status_code == 422
    on_channel.post(f"{WEB}/suspensions/", {"scope": f"channel:{channel.pk}", "reason": "x"})
    assert Suspension.objects.get().channel == channel
    assert client_for(actor_with(Right.VIEW)).post(f"{WEB}/suspensions/", {"reason": "x"}).status_code == 403


@pytest.mark.usefixtures("in_february")
def test_lifting_sends_nothing_and_the_review_decides_about_each(connected, admin, client_for, work, network):
    now = timezone.now()
    past, ahead, other = (
        DeliveryFactory(
            channel=connected, label=label, due_at=now + dt.timedelta(minutes=minutes), payload={"text": label}
        )
        for label, minutes in (("passé", -2), ("à venir", 120), ("autre", 60))
    )
    suspension = suspend(reason="Crise", actor=admin)
    lift(suspension=suspension, actor=admin)
    work(rounds=2)
    assert network.texts == []
    client = client_for(admin)
    keep_past = client.post(f"{WEB}/suspensions/{suspension.pk}/", {f"d{past.pk}-decision": "keep"})
    assert keep_past.status_code == 422
    client.post(
        f"{WEB}/suspensions/{suspension.pk}/",
        {
            f"d{past.pk}-decision": "reschedule",
            f"d{past.pk}-due_at": "2027-07-14T10:00",
            f"d{ahead.pk}-decision": "keep",
            f"d{other.pk}-decision": "cancel",
        },
    )
    states = dict(Delivery.objects.values_list("label", "state"))
    assert states == {"passé": S.SCHEDULED, "à venir": S.SCHEDULED, "autre": S.CANCELLED}


def test_what_stays_undecided_past_its_time_is_listed_not_forgotten(due, admin, work, network):
    row = due(minutes_late=-1)
    suspension = suspend(reason="Crise", actor=admin)
    lift(suspension=suspension, actor=admin)
    work(later=20 * 60)
    row.refresh_from_db()
    assert (row.state, network.texts) == (S.MISSED, [])


def test_lifting_one_of_two_suspensions_passes_what_it_holds_on(channel, admin):
    row = DeliveryFactory(channel=channel)
    first, second = suspend(reason="Une", actor=admin), suspend(reason="Deux", actor=admin, channel=channel)
    lift(suspension=first, actor=admin)
    row.refresh_from_db()
    assert row.suspension_id == second.pk


# ---------------------------------------------------------------- API


def test_api_lists_filters_and_tells_why(failed, channel, admin, api_for):
    DeliveryFactory(channel=channel, state=S.SCHEDULED)
    api = api_for(admin)
    (only,) = api.get(f"{API}/deliveries/?state=failed&post=7&channel={channel.pk}").json()["results"]
    assert only["error"] == "The text is too long: 612 characters, the network takes 500."
    assert len(api.get(f"{API}/deliveries/").json()["results"]) == 2
    assert api.get(f"{API}/deliveries/?channel=x").status_code == 400
    assert api.get(f"{API}/deliveries/?due_from=tomorrow").status_code == 400
    detail = api.get(f"{API}/deliveries/{failed.pk}/").json()
    assert (detail["attempts"], detail["parts"]) == ([], [])


def test_api_retries_once_and_explains_a_conflict(failed, admin, actor_with, api_for):
    api = api_for(admin)
    assert api.post(f"{API}/deliveries/{failed.pk}/retry/").json()["state"] == "retrying"
    again = api.post(f"{API}/deliveries/{failed.pk}/retry/")
    assert again.status_code == 409
    assert "reschedule or cancel" in again.json()["detail"]
    assert api_for(actor_with(Right.VIEW)).post(f"{API}/deliveries/{failed.pk}/retry/").status_code == 403


def test_api_suspends_lifts_and_reviews(channel, admin, api_for):
    row = DeliveryFactory(channel=channel)
    api = api_for(admin)
    made = api.post(f"{API}/suspensions/", {"reason": "Crise", "brand": channel.brand.slug})
    assert (made.status_code, made.json()["scope"]) == (201, "brand")
    pk = made.json()["id"]
    early = api.post(f"{API}/suspensions/{pk}/review/", {"reviews": [{"delivery": row.pk, "decision": "keep"}]})
    assert early.status_code == 409
    assert api.post(f"{API}/suspensions/{pk}/lift/").json()["lifted_at"]
    done = api.post(f"{API}/suspensions/{pk}/review/", {"reviews": [{"delivery": row.pk, "decision": "keep"}]})
    assert done.json() == {"decided": 1, "held": 0}
    assert Delivery.objects.get(pk=row.pk).state == S.SCHEDULED


def test_take_down_removes_parts_first_then_the_post(due, work, network, admin):
    row = due("Un", parts=["Deux"], first_comment="Trois")
    work()
    order = []
    network.on("delete", *[lambda external_id, **_: order.append(external_id)] * 3)
    delete_published(delivery=row, actor=admin)
    row.refresh_from_db()
    assert (order, network.texts, row.state, row.deleted_at is not None) == (["3", "2", "1"], [], S.PUBLISHED, True)


def test_whoever_disconnects_a_channel_is_told_what_counts_on_it(channel, admin, client_for):
    for number, state in enumerate([S.SCHEDULED, S.RETRYING, S.CLAIMED, S.SUSPENDED] * 3):
        DeliveryFactory(channel=channel, state=state, label=str(number))
    DeliveryFactory(channel=channel, state=S.PUBLISHED, published_at=timezone.now())
    DeliveryFactory(channel=channel, state=S.FAILED)
    DeliveryFactory()  # another channel's
    page = client_for(admin).get(f"{WEB}/channels/{channel.pk}/")
    assert "12 scheduled posts depend on this channel" in page.content.decode()


def test_a_post_whose_channel_was_disconnected_fails_with_a_reason(due, work, connected):
    Channel.objects.filter(pk=connected.pk).update(status=Channel.Status.DISCONNECTED)
    row = due()
    work()
    row.refresh_from_db()
    assert (row.state, row.error_code) == (S.FAILED, "token_missing")


def test_suspending_hundreds_takes_few_statements(channel, admin, django_assert_max_num_queries):
    for _ in range(30):
        DeliveryFactory(channel=channel)
    with django_assert_max_num_queries(10):
        suspend(reason="Crise", actor=admin)
    assert Delivery.objects.filter(state=S.SUSPENDED).count() == 30


def test_what_could_not_be_set_afterwards_is_said_on_the_page(admin, client_for, channel):
    cover = {"field": "cover", "code": "media_refused", "detail": {"message": "too small"}}
    spoken = {"field": "subtitles", "code": "subtitles_left_out", "detail": {"languages": ["oc", "pt-BR"]}}
    gone = {"field": "playlists", "code": "playlist_gone", "detail": {"message": "", "playlist": "Dans l’atelier"}}
    extra = {"unfinished": [cover, spoken, gone]}
    row = DeliveryFactory(
        channel=channel, state=S.PUBLISHED, published_at=timezone.now(), external_id="1", external_extra=extra
    )
    page = client_for(admin).get(f"{WEB}/deliveries/{row.pk}/").content.decode()
    assert "The cover could not be set." in page
    assert "too small" in page
    said = "The subtitles could not be added. The network does not take the subtitles in: Occitan, Portuguese (Brazil)."
    assert said in page
    assert "It could not be added to the playlist “Dans l’atelier”. The playlist is no longer there" in page


def test_the_settings_it_goes_out_with_are_said_where_they_are_not_the_usual_ones(admin, client_for, channel):
    row = DeliveryFactory(channel=channel)
    row.payload["options"] = {"visibility": "unlisted", "sensitive": False, "spoiler_text": "Chantier\nBruit"}
    row.save()
    client = client_for(admin)
    page = client.get(f"{WEB}/deliveries/{row.pk}/").content.decode()
    assert "<dt>Who can see it</dt><dd>Everyone, but not in public lists</dd>" in page
    assert "<dd>Chantier<br>Bruit</dd>" in page
    assert "Sensitive media" not in page
    row.payload["options"] = {"visibility": "public"}
    row.save()
    assert 'class="facts settings"' not in client.get(f"{WEB}/deliveries/{row.pk}/").content.decode()
