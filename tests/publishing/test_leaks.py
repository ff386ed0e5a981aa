"""Every network's secrets, through publishing with every fault and through forced 500 pages: none is found in logs, ledger, audit, pages or answers."""

from __future__ import annotations

import datetime as dt
import io
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from django.utils import timezone

from publishing.models import Attempt, Delivery, Part
from publishing.services.deliveries import _parts_of
from publishing.web.views import deliveries as delivery_views
from socialops.audit.models import Event
from socialops.logs import configure
from socialops.networks.errors import ErrorKind
from socialops.networks.registry import connector_for, networks
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from socialops.sandbox.faults import EFFECTS
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from socialops.tenancy.scope import tenant
from teams.api import views as api_views
from teams.models import Channel, ChannelCredential, Organization
from teams.selectors.channels import target_for
from teams.services.channels import connect_channel
from teams.services.tokens import create_token
from tests.conftest import _actor
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory
from tests.networks.conftest import networks_at_sandbox, sandbox
from tests.networks.samples import sample_of
from tests.publishing.sandboxed import connect_each
from tests.publishing.test_refresh_storms import by_consent, by_password
from tests.sandbox_server import Sandbox
from tests.torture.conftest import payload_of

__all__ = ["networks_at_sandbox", "sandbox"]

pytestmark = pytest.mark.django_db(transaction=True)
INSTANT = [effect for effect in EFFECTS if effect not in {"latency", "slow_accept"}]
PASSWORD = "plante-mot-de-passe-9c41"


@pytest.fixture
def log(settings: Any) -> Iterator[io.StringIO]:
    """What production would write, at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    settings.LOG_JSON, settings.LOG_LEVEL = True, "DEBUG"
    configure({})
    written = io.StringIO()
    root.handlers[0].setStream(written)  # type: ignore[attr-defined]  # it is a StreamHandler
    yield written
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def channels(sandbox: Sandbox, bare_organization: Organization) -> list[Channel]:
    with tenant(bare_organization):
        return connect_each(sandbox, BrandFactory(slug="maison"))


@pytest.fixture
def said(log: io.StringIO) -> Callable[..., list[str]]:
    """Everything that anybody could read of it."""

    def everything(organization: Organization, answers: list[Any]) -> list[str]:
        with tenant(organization):
            rows = [
                *Delivery.objects.all(),
                *Attempt.objects.all(),
                *Part.objects.all(),
                *Event.objects.all(),
                *Notification.objects.all(),
            ]
            kept = serializers.serialize("json", rows)
        told = [f"{dict(answer.headers)} {answer.getvalue().decode()}" for answer in answers]
        return [log.getvalue(), kept, *told]

    return everything


def _secrets(channels: list[Channel]) -> set[str]:
    """What may never be seen of the channels: tokens and keys, as values or inside them, and our app's secret."""
    with tenant(channels[0].organization_id):
        values = [value for channel in channels for value in target_for(channel).credentials.values.items()]
    told = {str(value) for name, value in values if name in {"access_token", "refresh_token"}}
    keys = {str(value["d"]) for name, value in values if name == "dpop_key"}  # the private half
    return told | keys | {CLIENT_SECRET}


def _leaks(said: list[str], secrets: set[str]) -> list[str]:
    assert all(len(secret) >= 14 for secret in secrets)
    return [
        text[max(0, text.index(secret) - 80) : text.index(secret) + 20]
        for text in said
        for secret in secrets
        if secret in text
    ]


@pytest.fixture
def consented(
    sandbox: Sandbox, networks_at_sandbox: None, bare_organization: Organization, live_server: Any, settings: Any
) -> Callable[[str], list[Channel]]:
    """Channels on a network with all the secrets that a consent brings; of Bluesky one with an app password besides."""
    settings.PUBLIC_URL = live_server.url  # networks fetch our files from the real pages
    with tenant(bare_organization):
        admin, brand = _actor(bare_organization, list(Right), None), BrandFactory(late_tolerance_minutes=600)

    def connect(network: str) -> list[Channel]:
        accounts = [by_consent(sandbox, network)]
        if connector_for(network).supports_app_password:
            accounts.append(by_password(sandbox, network))
        with tenant(bare_organization):
            return [
                connect_channel(
                    brand=brand, network=network, base_url=sandbox.url(network), account=account, actor=admin
                )
                for account in accounts
            ]

    return connect


@pytest.mark.parametrize("network", networks())
def test_no_secret_is_told_by_publishing_with_every_fault(
    sandbox: Sandbox,
    consented: Callable[[str], list[Channel]],
    network: str,
    bare_organization: Organization,
    work: Any,
    said: Any,
    client_for: Any,
) -> None:
    channels, sample = consented(network), sample_of(network)
    secrets = _secrets(channels)
    comment = {"first_comment": "Le lien est en commentaire"} if sample.part else {}
    with tenant(bare_organization):
        boss = _actor(bare_organization, list(Right), None)
        _row, token = create_token(member=boss.member, name="essai", actor=boss)
    for number, effect in enumerate(INSTANT):
        _queue(channels, [payload_of(sample.content(f"Bonjour {effect}", **comment)) for _channel in channels])
        sandbox.fault(effect, network, path=r"^/(?!_)", count=None, probability=0.4, seed=number)
        work(rounds=2)
        work(rounds=2, later=40)
        sandbox.clear_faults()
        secrets |= _secrets(channels)  # renewed meanwhile
    channels = consented(network)  # a lost answer may have cost the access: where a refresh token serves once
    secrets |= _secrets(channels)
    _queue(channels, [payload_of(sample.content("Bonjour, enfin", **comment)) for _channel in channels])
    for _ in range(8):
        work(later=40)
        time.sleep(0.1)  # the sandbox processes files in real time
    with tenant(bare_organization):
        outcomes = set(Attempt.objects.values_list("outcome", flat=True))
        raws = [raw for raw in Attempt.objects.values_list("raw", flat=True) if raw]
        pks = list(Delivery.objects.values_list("pk", flat=True))
    assert "done" in outcomes
    assert len(outcomes & set(ErrorKind)) >= 2, outcomes
    assert raws, "what the network answered is kept"
    browser = client_for(boss)
    channel_pages = [f"channels/{channel.pk}/" for channel in channels]
    pages = [
        "deliveries/",
        "audit/",
        "notifications/",
        "channels/",
        *channel_pages,
        *(f"deliveries/{pk}/" for pk in pks),
    ]
    answers = [browser.get(f"/o/lumiere/{path}") for path in pages]
    bearer = {"authorization": f"Bearer {token}"}
    paths = ["deliveries/", "audit/", "channels/", *channel_pages, *(f"deliveries/{pk}/" for pk in pks)]
    answers += [Client(headers=bearer).get(f"/api/v1/organizations/lumiere/{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert _leaks(said(bare_organization, answers), secrets | _derived(network) | {token}) == []


def _queue(channels: list[Channel], payloads: list[dict[str, Any]]) -> None:
    """Due now, with tokens that end in a minute where they are renewed: the refresh meets the faults too."""
    with tenant(channels[0].organization_id):
        Channel.objects.update(status=Channel.Status.CONNECTED)
        soon = timezone.now() + dt.timedelta(minutes=1)
        ChannelCredential.objects.filter(expires_at__isnull=False).update(expires_at=soon)
        for channel, payload in zip(channels, payloads, strict=True):
            delivery = DeliveryFactory(channel=channel, payload=payload, due_at=timezone.now())
            Part.objects.bulk_create(_parts_of(delivery))


def _derived(network: str) -> set[str]:
    """What is made of the app's secret for webhooks."""
    app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return {made} if (made := connector_for(network).verify_token(app=app)) else set()


def test_no_secret_is_told_by_a_page_that_breaks(
    channels: list[Channel],
    bare_organization: Organization,
    said: Any,
    client_for: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        with tenant(bare_organization):
            target = target_for(channels[0])
        headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
        return headers["Content-Type"]  # breaks with the token in reach of whoever prints variables

    with tenant(bare_organization):
        boss = _actor(bare_organization, list(Right), None)
        _row, token = create_token(member=boss.member, name="essai", actor=boss)
        delivery = DeliveryFactory(channel=channels[0])
    monkeypatch.setattr(delivery_views, "get_delivery", broken)
    monkeypatch.setattr(api_views, "visible_channels", broken)
    monkeypatch.setattr("allauth.account.forms.LoginForm.clean", broken)
    browser, bearer = client_for(boss), Client(headers={"authorization": f"Bearer {token}"})
    stranger = Client()
    for one in (browser, bearer, stranger):
        one.raise_request_exception = False
    answers = [
        browser.get(f"/o/lumiere/deliveries/{delivery.pk}/"),
        browser.post(f"/o/lumiere/deliveries/{delivery.pk}/retry/", {"password": PASSWORD}),
        browser.get(f"/o/lumiere/deliveries/{delivery.pk}/", headers={"hx-request": "true"}),
        bearer.get("/api/v1/organizations/lumiere/channels/"),
        stranger.post("/accounts/login/", {"login": boss.user.email, "password": PASSWORD}),
    ]
    assert {answer.status_code for answer in answers} == {500}
    told = said(bare_organization, answers)
    assert told[0].count("KeyError") >= len(answers)  # it is recorded
    assert "Something broke" in told[2]
    assert _leaks(told, _secrets(channels) | {token, PASSWORD}) == []


def test_an_address_that_opens_something_is_not_in_the_log(db: None, log: io.StringIO) -> None:
    opening = "plante-adresse-7d20b1"
    for path in (
        "files/{}/film.mp4",
        "invitations/{}/",
        "accounts/password/reset/key/1-{}/",
        "accounts/confirm-email/{}/",
    ):
        Client().get(f"/{path.format(opening)}")
    told = [line for line in log.getvalue().splitlines() if '"path"' in line]
    assert len(told) >= 4
    assert opening not in log.getvalue()
