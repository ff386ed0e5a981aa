"""Connecting channels through the sandbox networks, as a person would: form, consent page, way back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client

from socialops.networks.errors import AuthError
from socialops.networks.ports import Credentials
from socialops.networks.registry import connector_for
from socialops.permissions.rights import Right
from socialops.tenancy.scope import TenantRequired, current_scope, tenant
from teams.models import Brand, Channel, ChannelCredential, InstanceApp, Organization
from teams.selectors.channels import target_for
from teams.services.channels import disconnect_channel, store_credentials
from teams.tasks import forget_credentials
from tests.conftest import _actor
from tests.factories.teams import BrandFactory, ChannelFactory
from tests.sandbox_server import Sandbox, start_sandbox


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[Sandbox]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: Any) -> Sandbox:
    sandbox_process.reset()
    settings.BLUESKY_PLC_URL = sandbox_process.bluesky
    settings.NETWORKS = {
        **settings.NETWORKS,
        "mastodon": {"client_id": "", "client_secret": "", "base_url": sandbox_process.mastodon},
        "bluesky": {"client_id": "", "client_secret": "", "base_url": sandbox_process.bluesky},
        "facebook": {
            "client_id": "sandbox-app",
            "client_secret": "sandbox-secret",
            "base_url": sandbox_process.facebook,
        },
    }
    return sandbox_process


@pytest.fixture
def house(bare_organization: Organization) -> Organization:
    """Ours, with no scope open: requests open their own, as they do for people."""
    return bare_organization


@pytest.fixture
def brand(house: Organization) -> Brand:
    with tenant(house):
        return BrandFactory(slug="maison", name="Maison Lumière")


@pytest.fixture
def manager(house: Organization, brand: Brand) -> Any:
    with tenant(house):
        return _actor(house, [Right.VIEW, Right.MANAGE_CHANNEL], brand)


@pytest.fixture
def page(manager: Any, client_for: Any) -> Client:
    return client_for(manager)


def consent(url: str, *, decision: str = "allow", account: str = "") -> str:
    """What the person does on the network's page → the path they come back to."""
    with httpx.Client(timeout=10, trust_env=False) as http:
        shown = http.get(url)
        assert shown.status_code == 200, shown.text
        action = html.unescape(re.search(r'<form[^>]*action="([^"]*)"', shown.text)[1])
        hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', shown.text)
        fields: dict[str, Any] = {html.unescape(k): html.unescape(v) for k, v in hidden}
        accounts = re.findall(r'type="radio" name="account" value="([^"]*)".*?<strong>(.*?)</strong>', shown.text)
        fields["account"] = next(key for key, name in accounts if not account or account in {key, name})
        fields["pages"] = re.findall(r'type="checkbox" name="pages" value="([^"]*)"', shown.text)
        base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        back = http.post(base + action, data={**fields, "decision": decision})
    return back.headers["location"].removeprefix("http://127.0.0.1:8000")


def leave(page: Client, network: str, brand: Brand, **fields: str) -> str:
    response = page.post(f"/o/lumiere/channels/connect/{network}/", {"brand": brand.pk, **fields})
    assert response.status_code == 200, response.content.decode()  # no redirect: form-action would stop it
    assert response["Refresh"].startswith("0; url="), response.content.decode()
    return response["Refresh"].removeprefix("0; url=")


def test_mastodon_by_its_servers_name(sandbox, page, house, brand) -> None:
    back = consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon))
    response = page.get(back)
    with pytest.raises(TenantRequired):
        current_scope()  # nothing of ours was left open
    with tenant(house):
        channel = Channel.objects.get()
        assert response["Location"] == f"/o/lumiere/channels/{channel.pk}/"
        assert (channel.base_url, channel.status) == (sandbox.mastodon, "connected")
        assert target_for(channel).credentials.values["access_token"]
        assert InstanceApp.objects.count() == 1
    assert "is connected" in page.get(response["Location"]).content.decode()
    consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon))
    with tenant(house):
        assert InstanceApp.objects.count() == 1  # registered once, used again


def test_the_way_back_works_once_and_only_in_the_session_that_left(sandbox, page, house, brand, client_for) -> None:
    back = consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon))
    with tenant(house):
        other = _actor(house, [Right.VIEW, Right.MANAGE_CHANNEL], None)
    stranger = client_for(other)
    stranger.get(back)
    assert "another browser" in stranger.get("/account/").content.decode()
    page.get(back)
    page.get(back)
    assert "another browser" in page.get("/account/").content.decode()
    with tenant(house):
        assert Channel.objects.count() == 1


def test_nothing_secret_is_readable_in_the_session(sandbox, page, brand) -> None:
    leave(page, "mastodon", brand, base_url=sandbox.mastodon)
    kept = str(dict(page.session))
    assert "client_secret" not in kept
    assert "verifier" not in kept


def test_a_right_lost_meanwhile_is_refused(sandbox, page, house, brand, manager) -> None:
    back = consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon))
    with tenant(house):
        manager.member.is_active = False
        manager.member.save()
    assert page.get(back).status_code == 404
    with tenant(house):
        assert not Channel.objects.exists()


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "facebook"])
def test_a_refused_consent_is_said_and_changes_nothing(sandbox, page, house, brand, network: str) -> None:
    fields = {"mastodon": {"base_url": sandbox.mastodon}, "bluesky": {"handle": "velo.local"}}.get(network, {})
    if network == "bluesky":
        fields["handle"] = sandbox.account("bluesky", "maison")["handle"]
    response = page.get(consent(leave(page, network, brand, **fields), decision="deny"), follow=True)
    assert "was not authorised" in response.content.decode()
    with tenant(house):
        assert not Channel.objects.exists()


def test_bluesky_by_oauth_then_reconnected_by_app_password(sandbox, page, house, brand) -> None:
    made = sandbox.account("bluesky", "maison")
    back = consent(leave(page, "bluesky", brand, handle=made["handle"]), account=made["id"])
    assert "is connected" in page.get(back, follow=True).content.decode()
    with tenant(house):
        channel = Channel.objects.get()
        assert target_for(channel).credentials.values["mode"] == "oauth"
    form = {"brand": brand.pk, "way": "password", "handle": made["handle"], "password": "wrong"}
    refused = page.post("/o/lumiere/channels/connect/bluesky/", form)
    assert "refused this name and password" in refused.content.decode()
    assert made["handle"] in refused.content.decode()  # nothing typed is lost
    password = made.get("password") or made["credentials"]["password"]
    assert page.post("/o/lumiere/channels/connect/bluesky/", {**form, "password": password}).status_code == 302
    with tenant(house):
        assert Channel.objects.get().pk == channel.pk
        assert target_for(channel).credentials.values["mode"] == "session"


def test_facebook_offers_its_pages_and_connects_the_chosen(sandbox, page, house, brand) -> None:
    response = page.get(consent(leave(page, "facebook", brand)))
    choose = response["Location"]
    offered = re.findall(r'name="account" value="([^"]*)"', page.get(choose).content.decode())
    assert len(offered) >= 2
    assert "Choose at least one" in page.post(choose, {"account": ["not-offered"]}).content.decode()
    assert page.post(choose, {"account": offered[:2]}).status_code == 302
    with tenant(house):
        assert set(Channel.objects.values_list("external_id", flat=True)) == set(offered[:2])
        assert set(ChannelCredential.objects.values_list("client_id", flat=True)) == {"sandbox-app"}
    shown = page.get(choose).content.decode()
    assert shown.count("badge-success") == 2 or shown.count(">Connected<") == 2
    page.post(choose, {"account": offered})  # sent twice: the choice is made
    with tenant(house):
        assert Channel.objects.count() == 2
    assert "access_token" not in str(dict(page.session))


def test_reconnecting_keeps_the_row_and_wants_the_same_account(sandbox, page, house, brand) -> None:
    page.get(consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon)))
    with tenant(house):
        channel = Channel.objects.get()
        Channel.objects.update(status="needs_reconnection", status_reason="token_revoked")
    other = sandbox.account("mastodon", "autre", "Autre")
    gone = page.post(f"/o/lumiere/channels/{channel.pk}/reconnect/")["Refresh"].removeprefix("0; url=")
    wrong = page.get(consent(gone, account=other["name"]), follow=True).content.decode()
    assert "You signed in as" in html.unescape(wrong)
    gone = page.post(f"/o/lumiere/channels/{channel.pk}/reconnect/")["Refresh"].removeprefix("0; url=")
    page.get(consent(gone, account=channel.name))
    with tenant(house):
        again = Channel.objects.get()
        assert (again.pk, again.status, again.status_reason) == (channel.pk, "connected", "")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("169.254.169.254", "can't be used"), ("http://user:pw@example.com", "can't be used"), ("", "required")],
)
def test_addresses_that_must_not_be_called_are_refused(sandbox, page, brand, typed: str, sentence: str) -> None:
    response = page.post("/o/lumiere/channels/connect/mastodon/", {"brand": brand.pk, "base_url": typed})
    assert response.status_code == 200
    assert sentence in html.unescape(response.content.decode())


def test_a_server_that_is_down_is_said(sandbox, page, brand) -> None:
    response = page.post("/o/lumiere/channels/connect/mastodon/", {"brand": brand.pk, "base_url": "http://127.0.0.1:9"})
    assert "did not answer" in html.unescape(response.content.decode())


def test_connecting_needs_the_right_and_a_brand_of_ours(sandbox, house, brand, client_for) -> None:
    with tenant(house):
        reader = client_for(_actor(house, [Right.VIEW], None))
        elsewhere = BrandFactory()
    assert reader.get("/o/lumiere/channels/connect/mastodon/").status_code == 403
    assert reader.post("/o/lumiere/channels/connect/mastodon/", {"brand": brand.pk}).status_code == 403
    with tenant(house):
        manager = client_for(_actor(house, [Right.VIEW, Right.MANAGE_CHANNEL], brand))
    body = {"brand": elsewhere.pk, "base_url": sandbox.mastodon}
    assert manager.post("/o/lumiere/channels/connect/mastodon/", body).status_code == 200  # not among the choices


def test_a_disconnected_channels_token_is_given_back_and_forgotten(sandbox, page, house, brand, manager) -> None:
    page.get(consent(leave(page, "mastodon", brand, base_url=sandbox.mastodon)))
    with tenant(house):
        channel = Channel.objects.get()
        token = target_for(channel).credentials.values["access_token"]
        disconnect_channel(channel=channel, actor=manager)
    forget_credentials(organization_id=house.pk, channel_id=channel.pk)
    with tenant(house):
        assert not ChannelCredential.objects.exists()
    check = httpx.get(
        f"{sandbox.mastodon}/api/v1/accounts/verify_credentials",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert check.status_code == 401


def test_the_consent_of_several_pages_ends_with_the_last_of_them(sandbox, page, house, brand, manager) -> None:
    choose = page.get(consent(leave(page, "facebook", brand)))["Location"]
    offered = re.findall(r'name="account" value="([^"]*)"', page.get(choose).content.decode())
    page.post(choose, {"account": offered[:2]})
    with tenant(house):
        first, second = Channel.objects.all()
        targets = {channel.pk: target_for(channel) for channel in (first, second)}

    def end(channel: Channel) -> None:
        with tenant(house):
            disconnect_channel(channel=channel, actor=manager)
        forget_credentials(organization_id=house.pk, channel_id=channel.pk)
        with tenant(house):
            assert not ChannelCredential.objects.filter(channel=channel).exists()

    end(first)
    connector = connector_for("facebook")
    assert connector.verify(targets[second.pk]).external_id == second.external_id  # it goes on publishing
    end(second)
    with pytest.raises(AuthError):
        connector.verify(targets[second.pk])


def test_an_empty_refresh_token_never_replaces_the_kept_one(house, brand) -> None:
    with tenant(house):
        channel = ChannelFactory(brand=brand)
        store_credentials(channel=channel, credentials=Credentials({"access_token": "a", "refresh_token": "r"}))
        store_credentials(channel=channel, credentials=Credentials({"access_token": "b", "refresh_token": ""}))
        assert target_for(channel).credentials.values == {"access_token": "b", "refresh_token": "r"}
