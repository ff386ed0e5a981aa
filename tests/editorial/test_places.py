"""Looking a place up on the network, from the composer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from editorial.models import Variant
from socialops.networks import http
from socialops.networks.registry import connector_for
from socialops.permissions.rights import Right
from teams.models import Brand, Channel
from teams.services.channels import connect_channel
from tests.factories.teams import ChannelFactory
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.django_db
PREVIEW = "/o/lumiere/posts/preview/"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started
    http.client().close()
    http.client.cache_clear()


def connected(network: str, sandbox: Sandbox, settings: Any, brand: Brand, admin: Any) -> Channel:
    base_url = sandbox.url(network)
    settings.NETWORKS = {network: {"base_url": base_url, "client_id": "sandbox-app", "client_secret": "sandbox-secret"}}
    made = sandbox.account(network, f"b{uuid.uuid4().hex[:12]}", "Maison Lumière")
    account = connector_for(network).connect_with_token(base_url=base_url, values=made)
    return connect_channel(brand=brand, network=network, base_url=base_url, account=account, actor=admin)


@pytest.fixture
def threads(sandbox: Sandbox, settings: Any, brand: Brand, admin: Any) -> Channel:
    return connected("threads", sandbox, settings, brand, admin)


@pytest.fixture
def page(sandbox: Sandbox, settings: Any, brand: Brand, admin: Any) -> Channel:
    """A Page on LinkedIn."""
    return connected("linkedin", sandbox, settings, brand, admin)


def asked(channel: Channel, written: str, option: str = "location") -> tuple[str, dict[str, str]]:
    return f"/o/lumiere/channels/{channel.pk}/places/", {f"option-{channel.pk}-{option}": written}


def test_places_come_as_buttons_that_fill_the_field(client_for: Any, admin: Any, threads: Channel) -> None:
    client = client_for(admin)
    composer = client.get("/o/lumiere/posts/new/").content.decode()
    assert f'hx-get="/o/lumiere/channels/{threads.pk}/places/"' in composer
    html = client.get(*asked(threads, "  café de flore ")).content.decode()
    chosen = "110774245616525 Café de Flore, 172 boulevard Saint-Germain, Paris, France"
    assert f'data-fills="option-{threads.pk}-location" value="{chosen}"' in html
    assert html.count("<li>") == 1
    again = client.get(*asked(threads, chosen)).content.decode()  # looked for by its name, not its number
    assert chosen in again
    form = {
        "brand": threads.brand.slug,
        "text": "Bonjour",
        "channel": str(threads.pk),
        f"options-{threads.pk}": "1",
        f"format-{threads.pk}": "post",
        f"option-{threads.pk}-location": chosen,
    }
    preview = client.post(PREVIEW, form).content.decode()
    assert "<dd>Café de Flore, 172 boulevard Saint-Germain, Paris, France</dd>" in preview


def test_an_audience_is_ticked_and_its_place_looked_up(client_for: Any, admin: Any, page: Channel) -> None:
    client = client_for(admin)
    field = f"option-{page.pk}-audience"
    html = client.get(*asked(page, "france", "audience_place")).content.decode()
    assert f'data-fills="{field}_place" value="105015875 France"' in html
    form = {
        "brand": page.brand.slug,
        "text": "Bonjour",
        "channel": str(page.pk),
        "action": "draft",
        f"options-{page.pk}": "1",
        f"option-{page.pk}-audience": "public",
        f"option-{page.pk}-reshare_allowed": "1",
        f"{field}_place": "105015875 France",
        f"{field}_languages": ["fr_FR", "nl_NL"],
        f"{field}_seniorities": "8",
    }
    client.cookies["django_language"] = "fr"
    preview = client.post(PREVIEW, form).content.decode()
    for said in ("France", "français, néerlandais", "Dirigeant (PDG, DAF…)"):
        assert f"<dd>{said}</dd>" in preview
    assert client.post("/o/lumiere/posts/new/", form).status_code == 302
    variant = Variant.objects.get()
    assert variant.options == {
        "audience_place": "105015875 France",
        "audience_languages": ["fr_FR", "nl_NL"],
        "audience_seniorities": ["8"],
    }
    again = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert re.findall(rf'name="{field}_languages" value="(\w+)" checked', again) == ["fr_FR", "nl_NL"]
    assert not re.findall(rf'name="{field}_sizes" value="\w+" checked', again)
    assert '<details class="asides" open>' in again  # what few posts need is in sight where it is filled in
    fresh = client.get(f"/o/lumiere/posts/new/?brand={page.brand.slug}").content.decode()
    assert '<details class="asides">' in fresh
    assert '<details class="asides" open>' not in fresh


def test_what_is_not_found_or_refused_is_said_in_french(
    client_for: Any, admin: Any, threads: Channel, sandbox: Sandbox
) -> None:
    client = client_for(admin)
    client.cookies["django_language"] = "fr"
    assert "Aucun lieu de ce nom n’a été trouvé" in client.get(*asked(threads, "nulle part")).content.decode()
    assert "Écrivez d’abord le nom d’un lieu." in client.get(*asked(threads, "  ")).content.decode()
    sandbox.fault("429", "threads", path="/location_search")
    assert "preview-problem" in client.get(*asked(threads, "café")).content.decode()
    form = {
        "brand": threads.brand.slug,
        "text": "Bonjour",
        "channel": str(threads.pk),
        f"options-{threads.pk}": "1",
        f"option-{threads.pk}-location": "café de flore",
    }
    preview = client.post(PREVIEW, form).content.decode()  # written, and nothing chosen
    assert "<dd>café de flore</dd>" in preview
    assert "lancez la recherche et choisissez dans ce qu’elle trouve" in preview


def test_only_who_writes_for_the_channel_searches(client_for: Any, actor_with: Any, threads: Channel) -> None:
    assert client_for(actor_with(Right.VIEW)).get(*asked(threads, "café")).status_code == 403
    assert client_for(actor_with()).get(*asked(threads, "café")).status_code == 404
    assert client_for(actor_with(*Right)).get("/o/lumiere/channels/999999/places/").status_code == 404


def test_the_api_finds_places_under_the_same_rights(
    api_for: Any, admin: Any, actor_with: Any, threads: Channel, brand: Brand, sandbox: Sandbox
) -> None:
    url = f"/api/v1/organizations/lumiere/channels/{threads.pk}/places/"
    api = api_for(admin)
    flore = "110774245616525 Café de Flore, 172 boulevard Saint-Germain, Paris, France"
    answer = api.get(url, {"q": " café de flore "})
    assert (answer.status_code, answer.json()) == (
        200,
        [
            {
                "id": "110774245616525",
                "name": "Café de Flore",
                "where": "172 boulevard Saint-Germain, Paris, France",
                "option": flore,
            }
        ],
    )
    body = {
        "brand": brand.slug,
        "text": "Bonjour",
        "channels": [threads.pk],
        "variants": [{"channel": threads.pk, "options": {"location": answer.json()[0]["option"]}}],
    }
    assert api.post("/api/v1/organizations/lumiere/posts/", body).status_code == 201
    assert api.get(url, {"q": "nulle part"}).json() == []
    empty = api.get(url)
    assert (empty.status_code, empty.json()["errors"]) == (
        400,
        [{"pointer": "#/q", "detail": "Write the name of a place first.", "code": "invalid"}],
    )
    sandbox.fault("429", "threads", path="/location_search")
    refused = api.get(url, {"q": "café"})
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("The network asks us to slow down")
    mastodon = ChannelFactory(brand=brand, network="mastodon")
    without = api.get(url.replace(str(threads.pk), str(mastodon.pk)), {"q": "café"})
    assert (without.status_code, without.json()["detail"]) == (409, "This network lets nobody search for places.")
    assert api_for(actor_with(Right.VIEW)).get(url, {"q": "café"}).status_code == 403
    assert api_for(actor_with()).get(url, {"q": "café"}).status_code == 404


def test_a_network_without_a_search_keeps_its_field(client_for: Any, admin: Any, brand: Brand) -> None:
    instagram = ChannelFactory(brand=brand, network="instagram")
    composer = client_for(admin).get("/o/lumiere/posts/new/").content.decode()
    assert f'id="option-{instagram.pk}-location"' in composer
    assert "/places/" not in composer
    assert "The number of the place’s page." in composer
