"""An organization's own developer apps: kept secret, used everywhere, tested at the network, taken back."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from socialops import secrets_at_rest
from socialops.audit.models import Event
from socialops.networks.errors import Code, OutageError
from socialops.networks.registry import connector_for, networks
from socialops.permissions.rights import Right
from socialops.tenancy.scope import current_scope, tenant
from socialops.ui.networks import NETWORK_NAMES
from teams.models import ChannelCredential, NetworkApp, Organization
from teams.selectors.apps import app_of, further_fields
from teams.selectors.channels import app_is_gone, target_for
from teams.services.apps import forget_removed_apps, set_app
from teams.services.channels import disconnect_channel, store_credentials
from teams.services.secrets import rotate_secrets
from teams.tasks import forget_credentials
from teams.web.guides import Shows, guide_to
from teams.web.views.apps import FURTHER
from tests.factories.teams import ChannelFactory, CredentialFactory
from tests.fakes.telling import TellingFacebook, telling

__all__ = ["telling"]
PATH = "/o/lumiere/channels/apps/facebook/"
SECRET = "secret-bien-garde-4f1c"
FORM = {"client_id": "app-maison", "client_secret": SECRET}


@pytest.fixture(autouse=True)
def installed(settings: Any) -> None:
    app = {"client_id": "app-installation", "client_secret": "secret-installation", "base_url": ""}
    settings.NETWORKS = {**settings.NETWORKS, "facebook": app}


@pytest.fixture
def desk(organization: Organization, admin, client_for) -> Client:
    return client_for(admin)


def words(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_an_app_is_kept_tested_and_never_shown_again(desk, organization, telling: TellingFacebook) -> None:
    telling.apps["app-maison"] = SECRET
    shown = words(desk.post(PATH, FORM, follow=True))
    assert "Facebook knows this application." in shown
    assert "Known there" in shown
    assert "app-maison" in shown
    assert SECRET not in shown
    assert telling.asked == [("check_app", "app-maison", "http://127.0.0.1:8000/connect/facebook/callback/")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM teams_networkapp")
        assert SECRET.encode() not in bytes(cursor.fetchone()[0])
    event = Event.objects.get(action="networkapp.set")
    assert (event.target_label, SECRET in str(vars(event)), "app-maison" in str(vars(event))) == (
        "Facebook",
        False,
        False,
    )


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [(None, "does not know this identifier and secret"), (OutageError(Code.UNREACHABLE, detail={"host": "graph"}), "no clear answer (unreachable)")],
)  # fmt: skip
def test_what_the_network_says_against_it_is_said_and_kept(desk, organization, telling, refusal, sentence) -> None:
    if refusal is not None:
        telling.refusals["check_app"] = refusal
    assert sentence in words(desk.post(PATH, FORM, follow=True))
    assert sentence in words(desk.get(PATH))
    with translation.override("fr"):
        shown = desk.get(PATH, headers={"accept-language": "fr"})
    assert NetworkApp.objects.get().check_error
    assert shown.status_code == 200


def test_the_network_is_asked_outside_of_any_transaction(bare_organization, telling, client_for, monkeypatch) -> None:
    from tests.conftest import _actor  # noqa: PLC0415 -- needs a scope that this test must not hold open

    with tenant(bare_organization):
        client = client_for(_actor(bare_organization, list(Right), None))
    seen: list[Any] = []
    monkeypatch.setattr(TellingFacebook, "check_app", lambda *_, **__: seen.append(_scope_is_open()))
    client.post(PATH, FORM)
    client.post(f"{PATH}check/")
    assert seen == [False, False]


def _scope_is_open() -> bool:
    try:
        current_scope()
    except RuntimeError:
        return False
    return True


def test_a_form_without_its_secret_keeps_what_was_typed(desk, organization, telling) -> None:
    shown = words(desk.post(PATH, {"client_id": "app-maison", "client_secret": ""}))
    assert 'value="app-maison"' in shown
    assert not NetworkApp.objects.exists()


def test_removing_and_undoing(desk, organization, telling, admin) -> None:
    set_app(organization=organization, network="facebook", actor=admin, **FORM)
    assert app_of(organization, "facebook") == FORM
    shown = words(desk.post(f"{PATH}remove/", follow=True))
    assert "Set by the installation" in shown
    assert f'action="{PATH}restore/"' in shown
    assert app_of(organization, "facebook")["client_id"] == "app-installation"
    desk.post(f"{PATH}restore/")
    assert app_of(organization, "facebook") == FORM
    desk.post(f"{PATH}remove/")
    NetworkApp.objects.update(removed_at=timezone.now() - timedelta(days=2))
    forget_removed_apps()
    assert not NetworkApp.objects.exists()
    actions = list(Event.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["networkapp.set", "networkapp.removed", "networkapp.restored", "networkapp.removed"]


def test_only_who_manages_channels_on_the_whole_organization_sees_it(
    organization, brand, actor_with, client_for
) -> None:
    client = client_for(actor_with(Right.VIEW, Right.MANAGE_CHANNEL, scope=brand))
    for path in ("", "check/", "remove/", "restore/"):
        assert client.post(PATH + path, FORM).status_code == 403
    assert client.get(PATH).status_code == 403
    assert not NetworkApp.objects.exists()


def test_one_organizations_app_is_not_anothers(foreign, organization, admin, channel, telling) -> None:
    page = ChannelFactory(network="facebook", brand=channel.brand)
    CredentialFactory(channel=page, client_id="app-maison")
    set_app(organization=organization, network="facebook", actor=admin, **FORM)
    assert target_for(page).app == FORM


def test_another_organizations_channel_keeps_the_installations(foreign, telling) -> None:
    with tenant(foreign.organization):
        theirs = ChannelFactory(network="facebook", brand=foreign.brand)
        CredentialFactory(channel=theirs)
    ours = Organization.objects.create(slug="autre", name="Autre")
    with tenant(ours):
        NetworkApp.objects.create(network="facebook", secret=FORM, set_at=timezone.now())
    with tenant(foreign.organization):
        assert target_for(theirs).app["client_id"] == "app-installation"


def test_a_channel_keeps_to_the_app_its_access_was_given_to(organization, admin, channel, telling) -> None:
    page = ChannelFactory(network="facebook", brand=channel.brand)
    CredentialFactory(channel=page, client_id="app-installation")
    set_app(organization=organization, network="facebook", actor=admin, **FORM)
    assert target_for(page).app["client_id"] == "app-installation"
    ChannelCredential.objects.update(client_id="")  # from before organizations could have their own
    assert target_for(page).app["client_id"] == "app-installation"
    ChannelCredential.objects.update(client_id="app-maison")
    assert target_for(page).app == FORM
    store_credentials(channel=page, credentials=target_for(page).credentials)  # a refresh
    assert ChannelCredential.objects.get(channel=page).client_id == "app-maison"
    assert not app_is_gone(page)
    NetworkApp.objects.all().delete()
    assert app_is_gone(page)


def test_the_token_is_given_back_through_the_same_app(organization, admin, channel, telling) -> None:
    page = ChannelFactory(network="facebook", brand=channel.brand)
    CredentialFactory(channel=page, client_id="app-maison")
    set_app(organization=organization, network="facebook", actor=admin, **FORM)
    disconnect_channel(channel=page, actor=admin)
    forget_credentials(organization_id=organization.pk, channel_id=page.pk)
    assert ("revoke", FORM) in telling.asked


@pytest.mark.parametrize("network", ["facebook", "mastodon"])
def test_a_target_is_one_query(organization, channel, network, django_assert_num_queries) -> None:
    page = ChannelFactory(network=network, brand=channel.brand)
    CredentialFactory(channel=page)
    with django_assert_num_queries(1):
        target_for(page)


def test_keys_rotate_over_apps_too(organization, admin, settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SOCIALOPS_ENCRYPTION_KEYS = [old]
    secrets_at_rest._fernet.cache_clear()
    set_app(organization=organization, network="facebook", actor=admin, **FORM)
    settings.SOCIALOPS_ENCRYPTION_KEYS = [new, old]
    secrets_at_rest._fernet.cache_clear()
    assert rotate_secrets() == 1
    settings.SOCIALOPS_ENCRYPTION_KEYS = [new]
    secrets_at_rest._fernet.cache_clear()
    assert NetworkApp.objects.get().secret == FORM
    secrets_at_rest._fernet.cache_clear()


def test_networks_that_register_themselves_say_so_and_take_none(desk, organization, admin) -> None:
    shown = words(desk.get("/o/lumiere/channels/apps/mastodon/"))
    assert "registers itself on each server" in shown
    assert 'name="client_secret"' not in shown
    assert "registers itself" in words(desk.post("/o/lumiere/channels/apps/mastodon/", FORM))
    assert not NetworkApp.objects.exists()


@pytest.mark.parametrize("network", NETWORK_NAMES)
def test_every_network_has_its_guide(network: str) -> None:
    guide = guide_to(network)
    assert str(guide.review)
    if network in networks():
        assert bool(guide.steps) == connector_for(network).needs_app
    if guide.steps:
        assert guide.portal.startswith("https://")
        assert {step.shows for step in guide.steps} >= {Shows.REDIRECT, Shows.SCOPES}


def test_the_guide_gives_what_is_to_be_copied_and_says_what_each_permission_is_for(
    desk, organization, telling, monkeypatch
) -> None:
    data = {"oauth": {"scopes": ["pages_show_list", "read_insights"], "disables": {"read_insights": ["measure"]}}}
    for place in ("socialops.networks.data.network_data", "teams.web.views.apps.network_data"):
        monkeypatch.setattr(place, lambda _network: data)
    shown = words(desk.get(PATH))
    copied = re.findall(r'readonly value="([^"]*)"', shown)
    token = telling.verify_token(app={"client_secret": "secret-installation"})
    assert copied == [
        "http://127.0.0.1:8000/connect/facebook/callback/",
        "http://127.0.0.1:8000/webhooks/facebook/",
        token,
    ]
    assert re.search(r"<code>read_insights</code> <span class=\"note\">reading figures</span>", shown)


def test_the_list_of_networks_says_which_need_an_app_first(
    desk, organization, brand, settings, actor_with, client_for
) -> None:
    assert (
        words(desk.get("/o/lumiere/channels/connect/")).count("Needs an application first")
        == sum(connector_for(n).needs_app for n in networks()) - 1
    )  # facebook has the installation's
    settings.NETWORKS = {**settings.NETWORKS, "facebook": {"client_id": "", "client_secret": "", "base_url": ""}}
    assert 'href="/o/lumiere/channels/apps/facebook/"' in words(desk.get("/o/lumiere/channels/connect/facebook/"))
    client = client_for(actor_with(Right.VIEW, Right.MANAGE_CHANNEL, scope=brand))
    shown = words(client.get("/o/lumiere/channels/connect/facebook/"))
    assert "Ask an administrator" in shown
    assert "channels/apps/" not in shown


def test_what_only_some_networks_apps_have_is_asked_kept_and_given(organization, admin, client_for) -> None:
    client = client_for(admin)
    page = f"/o/{organization.slug}/channels/apps/instagram/"
    assert "People sign in with" in client.get(page).content.decode()
    assert client.post(page, {**FORM, "login": "nowhere"}).status_code == 200
    set_app(
        organization=organization, network="instagram", actor=admin, **FORM, further={"login": "instagram", "x": "y"}
    )
    assert app_of(organization, "instagram") == {**FORM, "login": "instagram"}
    assert "consumer_secret" in client.get(f"/o/{organization.slug}/channels/apps/x/").content.decode()


def test_every_further_field_of_every_network_has_its_words() -> None:
    names = {field["name"] for network in networks() for field in further_fields(network)}
    assert names == set(FURTHER)
