"""What networks tell by themselves, over HTTP: signed or refused, passed on to the channels meant, twice is once."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from celery import Task
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from publishing.enums import DeliveryState as S
from publishing.models import Delivery
from reputation.models import Mention, PullState
from socialops.audit.models import Event
from socialops.networks.errors import AuthError, Code, OutageError
from socialops.networks.ports import EventKind
from socialops.tenancy.scope import TenantRequired, current_scope, system, tenant
from teams.models import Channel, NetworkApp, Organization
from teams.services.webhooks import EVENTS_PER_TASK, channels_to_subscribe
from teams.signals import network_event
from teams.tasks import subscribe_channel, subscribe_due
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory, ChannelFactory, CredentialFactory, OrganizationFactory
from tests.fakes.telling import SIGNATURE, TellingFacebook, signed, telling

__all__ = ["telling"]
INSTALLED = "secret-installation"
OWN = {"client_id": "app-maison", "client_secret": "secret-maison"}
PAGE = "1067"
_queue: list[tuple[Task, str]] = []


@pytest.fixture(autouse=True)
def installed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = {"client_id": "app-installation", "client_secret": INSTALLED, "base_url": ""}
    settings.NETWORKS = {**settings.NETWORKS, "facebook": app}
    _queue.clear()

    def put(task: Task, args: Any = None, kwargs: Any = None, **_: Any) -> None:
        _queue.append((task, json.dumps(kwargs)))

    monkeypatch.setattr(Task, "apply_async", put)


@pytest.fixture
def houses(transactional_db: None) -> list[Organization]:
    """Two organizations that have the same page as a channel; no scope is open, as for a request from outside."""
    made = [OrganizationFactory(slug=slug, name=slug.title()) for slug in ("lumiere", "ombre")]
    for house in made:
        with tenant(house):
            CredentialFactory(
                channel=ChannelFactory(network="facebook", base_url="", external_id=PAGE, brand=BrandFactory())
            )
    return made


def post(events: list[dict[str, Any]], *, secret: str = INSTALLED) -> int:
    """Deliver, and do what the queue then holds."""
    body, headers = signed(events, secret)
    client = Client(enforce_csrf_checks=True)
    response = client.post("/webhooks/facebook/", body, content_type="application/json", headers=headers)
    assert response.content == b""
    with pytest.raises(TenantRequired):
        current_scope()
    while _queue:
        task, told = _queue.pop(0)
        task(**json.loads(told))
    return response.status_code


def rows(model: Any, house: Organization, **filters: Any) -> list[Any]:
    with tenant(house):
        return list(model.objects.filter(**filters))


def said(number: str = "9", text: str = "Très belle page, bravo") -> dict[str, Any]:
    return {"kind": "mention", "account": PAGE, "external_id": number, "said": text}


def test_a_mention_told_whole_is_kept_once_for_each_organization(houses, telling) -> None:
    assert [post([said(), said()]), post([said()])] == [200, 200]
    for house in houses:
        (mention,) = rows(Mention, house)
        assert (mention.text, mention.author_name, mention.sentiment) == ("Très belle page, bravo", "Léa", "positive")
        assert rows(Channel, house)[0].last_webhook_at is not None
        assert rows(PullState, house)[0].cursor == {}  # the next pull starts where it would have


def test_what_is_told_of_a_mention_only_makes_the_channel_due(houses, telling) -> None:
    later, tried = timezone.now() + timedelta(minutes=5), timezone.now() - timedelta(seconds=30)
    states = {}
    for house, failures in zip(houses, (0, 3), strict=True):
        with tenant(house):
            channel = Channel.objects.get()
            PullState.objects.create(channel=channel, next_pull_at=later, last_tried_at=tried, failures=failures)
    event = {"kind": "mention", "account": PAGE, "external_id": "9"}
    for _ in range(2):
        assert post([event]) == 200
        states = {house.slug: rows(PullState, house)[0].next_pull_at for house in houses}
        assert states == {"lumiere": tried + timedelta(minutes=1), "ombre": later}
    assert rows(Mention, houses[0]) == []


def test_what_is_told_of_a_publication_makes_its_check_due_and_is_not_believed(houses, telling) -> None:
    later = timezone.now() + timedelta(minutes=5)
    with tenant(houses[0]):
        channel = Channel.objects.get()
        common = {"channel": channel, "next_try_at": later, "commit_started_at": timezone.now()}
        meant = DeliveryFactory(**common, state=S.CONFIRMING, handles={"video": {"publish_id": "v_7"}})
        other = DeliveryFactory(**common, state=S.CONFIRMING, handles={"video": {"publish_id": "v_8"}})
        waiting = DeliveryFactory(channel=channel, next_try_at=later, state=S.SCHEDULED, handles={"publish_id": "v_7"})
    for kind in ("published", "failed", "published"):
        assert post([{"kind": kind, "account": PAGE, "handle": "v_7"}]) == 200
    with tenant(houses[0]):
        found = {row.pk: row for row in Delivery.objects.all()}
    assert found[meant.pk].next_try_at <= timezone.now()
    assert (found[meant.pk].state, found[meant.pk].checks) == (S.CONFIRMING, 0)
    assert found[other.pk].next_try_at == found[waiting.pk].next_try_at == later


def test_a_withdrawn_access_is_asked_about_then_told_once(houses, telling) -> None:
    revoked = {"kind": "revoked", "account": PAGE}
    assert post([revoked]) == 200  # a late word: the access was given anew since
    telling.refusals["verify"] = OutageError(Code.UNREACHABLE)
    assert post([revoked]) == 200
    assert {rows(Channel, house)[0].status for house in houses} == {"connected"}
    telling.refusals["verify"] = AuthError(Code.TOKEN_REVOKED)
    assert post([revoked, revoked]) == 200
    for house in houses:
        (channel,) = rows(Channel, house)
        assert (channel.status, channel.status_reason) == ("needs_reconnection", "token_revoked")
        assert len(rows(Event, house, action="channel.broken")) == 1


def test_an_organizations_own_app_speaks_for_its_channels_alone(houses, telling) -> None:
    with tenant(houses[0]):
        NetworkApp.objects.create(network="facebook", secret=OWN, set_at=timezone.now())
    assert post([said()], secret=OWN["client_secret"]) == 200
    assert [len(rows(Mention, house)) for house in houses] == [1, 0]
    with tenant(houses[0]):
        NetworkApp.objects.update(removed_at=timezone.now())
    assert post([said("10")], secret=OWN["client_secret"]) == 401


def test_what_is_not_signed_is_refused_without_a_word(houses, telling, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    body, headers = signed([said(text="texte-qui-ne-doit-pas-paraitre")], INSTALLED)
    assert post([said(text="texte-qui-ne-doit-pas-paraitre")], secret="autre") == 401
    tampered = Client().post("/webhooks/facebook/", body + b" ", content_type="application/json", headers=headers)
    bare = Client().post("/webhooks/facebook/", body, content_type="application/json")
    assert (tampered.status_code, bare.status_code, rows(Mention, houses[0])) == (401, 401, [])
    assert "texte-qui" not in str([vars(record) for record in caplog.records])


def test_a_body_of_more_than_a_megabyte_is_refused_unread(houses, telling) -> None:
    assert post([said(text="x" * 1_000_000)]) == 413
    assert telling.asked == []


def test_the_handshake_is_answered_with_the_right_token_only(houses, telling) -> None:
    with tenant(houses[1]):
        NetworkApp.objects.create(network="facebook", secret=OWN, set_at=timezone.now())

    def ask(secret: str) -> tuple[int, bytes]:
        query = {"hub.challenge": "42", "hub.verify_token": telling.verify_token(app={"client_secret": secret})}
        answer = Client().get("/webhooks/facebook/", query)
        return answer.status_code, answer.content

    assert [ask(INSTALLED), ask("secret-maison"), ask("autre")] == [(200, b"42"), (200, b"42"), (403, b"")]
    assert Client().get("/webhooks/facebook/").status_code == 403


def test_without_a_broker_the_network_is_asked_to_deliver_again(houses, telling, monkeypatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Task, "apply_async", refuse)
    assert post([said()]) == 503


def test_networks_that_tell_nothing_have_no_such_address(db: None) -> None:
    assert [Client().post(f"/webhooks/{network}/").status_code for network in ("mastodon", "nobody")] == [404, 404]


def test_many_events_go_out_in_small_messages_and_only_to_the_channels_meant(houses, telling, monkeypatch) -> None:
    heard: list[tuple[int, str]] = []

    def hear(channel: Channel, event: Any, **_: Any) -> None:
        assert current_scope().organization_id == channel.organization_id
        heard.append((channel.organization_id, event.external_id))

    network_event.connect(hear)
    try:
        with tenant(houses[1]):
            Channel.objects.update(status="disconnected")
        count = EVENTS_PER_TASK * 2 + 1
        events = [{"kind": EventKind.MENTION_GONE.value, "account": PAGE, "external_id": str(n)} for n in range(count)]
        assert post([*events, {**events[0], "account": "somebody-else"}]) == 200
    finally:
        network_event.disconnect(hear)
    assert heard == [(houses[0].pk, str(n)) for n in range(count)]


def test_the_network_is_asked_to_tell_after_connecting_and_again_a_day_after_it_refused(houses, telling) -> None:
    telling.refusals["subscribe"] = AuthError(Code.SCOPE_MISSING)
    with tenant(houses[0]):
        channel = Channel.objects.get()
    subscribe_channel(organization_id=houses[0].pk, channel_id=channel.pk)
    assert telling.asked == [("subscribe", PAGE, "http://127.0.0.1:8000/webhooks/facebook/", "app-installation")]
    (channel,) = rows(Channel, houses[0])
    assert (channel.subscription_error, channel.subscribed_at) == ("scope_missing", None)
    with system("test"):
        assert [c.organization_id for c in channels_to_subscribe()] == [houses[1].pk]
    with tenant(houses[0]):
        Channel.objects.update(subscription_tried_at=timezone.now() - timedelta(days=1, minutes=1))
    telling.refusals.clear()
    subscribe_due()
    for house in houses:
        (channel,) = rows(Channel, house)
        assert (channel.subscription_error, channel.subscribed_at is not None) == ("", True)
    assert channels_to_subscribe() == []


def test_nobody_reads_the_header_in_another_case(houses, telling: TellingFacebook) -> None:
    body, headers = signed([said()], INSTALLED)
    shouting = {name.upper(): value for name, value in headers.items()}
    assert SIGNATURE.upper() in shouting
    answer = Client().post("/webhooks/facebook/", body, content_type="application/json", headers=shouting)
    assert (answer.status_code, len(_queue)) == (200, 1)
