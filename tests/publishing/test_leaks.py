"""The channels' own tokens, through publishing with every fault and through forced 500 pages: none is found in logs, audit, pages or answers."""

from __future__ import annotations

import io
import logging
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
from socialops.notifications.models import Notification
from socialops.permissions.rights import Right
from socialops.sandbox.faults import EFFECTS
from socialops.tenancy.scope import tenant
from teams.api import views as api_views
from teams.models import Channel, Organization
from teams.selectors.channels import target_for
from teams.services.tokens import create_token
from tests.conftest import _actor
from tests.factories.publishing import DeliveryFactory
from tests.factories.teams import BrandFactory
from tests.publishing.sandboxed import an_image, connect_each
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.django_db(transaction=True)
INSTANT = [effect for effect in EFFECTS if effect not in {"latency", "slow_accept"}]
PASSWORD = "plante-mot-de-passe-9c41"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


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
    with tenant(channels[0].organization_id):
        values = [value for channel in channels for value in target_for(channel).credentials.values.items()]
    return {str(value) for name, value in values if "token" in name}


def _leaks(said: list[str], secrets: set[str]) -> list[str]:
    assert all(len(secret) >= 16 for secret in secrets)
    return [
        text[max(0, text.index(secret) - 80) : text.index(secret) + 20]
        for text in said
        for secret in secrets
        if secret in text
    ]


def test_no_token_is_told_by_publishing_with_every_fault(
    sandbox: Sandbox, channels: list[Channel], bare_organization: Organization, work: Any, said: Any, client_for: Any
) -> None:
    secrets = _secrets(channels)
    image = an_image()
    with tenant(bare_organization):
        boss = _actor(bare_organization, list(Right), None)
        _row, token = create_token(member=boss.member, name="essai", actor=boss)
    for effect in INSTANT:
        with tenant(bare_organization):
            Channel.objects.update(status=Channel.Status.CONNECTED)
            for channel in channels:
                payload = {
                    "text": f"Bonjour {effect}",
                    "language": "fr",
                    "media": [image],
                    "first_comment": f"Le lien {effect}",
                }
                delivery = DeliveryFactory(channel=channel, payload=payload, due_at=timezone.now())
                Part.objects.bulk_create(_parts_of(delivery))
        sandbox.fault(effect, method="POST", count=None, probability=0.5, seed=7)
        work(rounds=2)
        work(rounds=2, later=40)
        sandbox.clear_faults()
        secrets |= _secrets(channels)  # renewed meanwhile
    with tenant(bare_organization):
        outcomes = set(Attempt.objects.values_list("outcome", flat=True))
        pks = list(Delivery.objects.values_list("pk", flat=True))
    assert {"done", "outage", "unknown_outcome", "rate_limit"} <= outcomes
    browser = client_for(boss)
    pages = ["deliveries/", "audit/", "notifications/", "channels/", *(f"deliveries/{pk}/" for pk in pks)]
    answers = [browser.get(f"/o/lumiere/{path}") for path in pages]
    bearer = {"authorization": f"Bearer {token}"}
    paths = ["deliveries/", "audit/", "channels/", *(f"deliveries/{pk}/" for pk in pks)]
    answers += [Client(headers=bearer).get(f"/api/v1/organizations/lumiere/{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert _leaks(said(bare_organization, answers), secrets | {token}) == []


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
