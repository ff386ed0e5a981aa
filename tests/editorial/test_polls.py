"""A poll in the composer, the preview, the API, and on the delivery's page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from editorial.models import Variant
from publishing.models import Delivery
from teams.models import Brand, Channel
from tests.factories.editorial import MediaAssetFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/posts/"
NEW = "/o/lumiere/posts/new/"
PREVIEW = "/o/lumiere/posts/preview/"


@pytest.fixture
def x(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand, network="x", name="Lumière sur X")


def typed(brand: Brand, channel: Channel, *choices: str, **more: Any) -> dict[str, Any]:
    """A composer's form for a poll."""
    pk = channel.pk
    return {
        "brand": brand.slug,
        "text": "Quelle lampe ensuite ?",
        "channel": str(pk),
        "action": "draft",
        f"options-{pk}": "1",
        f"format-{pk}": "poll",
        f"option-{pk}-poll_choices": list(choices),
        **{f"option-{pk}-{name}": value for name, value in more.items()},
    }


def lines(html: str, channel: Channel) -> list[str]:
    """What stands in the lines of choices, without the template for one more."""
    shown = re.sub(r"<template>.*?</template>", "", html, flags=re.DOTALL)
    return re.findall(rf'name="option-{channel.pk}-poll_choices" value="([^"]*)"', shown)


def test_choices_are_lines_that_come_back_as_they_were_typed(
    client_for: Any, admin: Any, brand: Brand, x: Channel
) -> None:
    client = client_for(admin)
    html = client.get(NEW).content.decode()
    assert lines(html, x) == ["", ""]
    assert re.search(r'data-formats="poll"\s+hidden', html)
    answer = client.post(NEW, typed(brand, x, "Cuivre, poli", " ", "Papier", "", poll_duration="six_hours"))
    assert answer.status_code == 302, answer.content.decode()
    variant = Variant.objects.get()
    assert variant.options == {
        "format": "poll",
        "poll_choices": ["Cuivre, poli", "Papier"],
        "poll_duration": "six_hours",
    }
    edit = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert lines(edit, x) == ["Cuivre, poli", "Papier"]
    page = client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    assert "<li>Cuivre, poli</li><li>Papier</li>" in page  # whoever approves it sees the choices
    assert "Open for 6 hours" in page


def test_a_refused_poll_says_why_and_loses_nothing(client_for: Any, admin: Any, brand: Brand, x: Channel) -> None:
    long = "Un très grand lampadaire en cuivre"
    answer = client_for(admin).post(NEW, typed(brand, x, long, "Papier", "Papier") | {"action": "now"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert f"“{long}” is too long: 34 characters, this network takes 25 in “Choices”." in html
    assert "“Papier” is there twice in “Choices”: change or remove one." in html
    assert lines(html, x) == [long, "Papier", "Papier"]
    assert f'name="format-{x.pk}" value="poll" checked' in html


def test_a_post_keeps_no_choices_and_the_form_keeps_them(client_for: Any, admin: Any, brand: Brand, x: Channel) -> None:
    client, form = client_for(admin), typed(brand, x, "Cuivre", "Papier") | {f"format-{x.pk}": "post"}
    html = client.post(NEW, form | {"text": "", "action": "now"}).content.decode()
    assert lines(html, x) == ["Cuivre", "Papier"]  # hidden while it is a post, and there when it is a poll again
    assert client.post(NEW, form).status_code == 302
    assert Variant.objects.get().options == {}


def test_the_preview_shows_the_poll_and_refuses_files_in_french(
    client_for: Any, admin: Any, brand: Brand, x: Channel
) -> None:
    photo, client = MediaAssetFactory(brand=brand), client_for(admin)
    client.cookies["django_language"] = "fr"
    form = typed(brand, x, "Cuivre") | {"media": [str(photo.pk)], f"alt-{photo.pk}": "Une lampe"}
    html = client.post(PREVIEW, form).content.decode()
    assert "<li>Cuivre</li>" in html
    for sentence in (
        "Dans ce format, le canal n’accepte aucun fichier\xa0: n’en choisissez aucun pour lui, ou prenez un autre format.",
        "«\xa0Choix\xa0»\xa0: 1 rempli, ce réseau en demande de 2 à 4.",
        "Ouvert pendant 1\xa0jour",
    ):
        assert sentence in html


def test_a_threads_poll_has_its_one_duration(client_for: Any, admin: Any, brand: Brand) -> None:
    threads = ChannelFactory(brand=brand, network="threads")
    html = client_for(admin).get(NEW).content.decode()
    assert f'name="option-{threads.pk}-poll_duration"' not in html
    assert "Duration of the poll <small>1 day</small>" in html
    preview = client_for(admin).post(PREVIEW, typed(brand, threads, "Cuivre", "Papier")).content.decode()
    assert "Open for 1 day" in preview


def test_the_api_takes_a_poll_and_the_delivery_shows_it(
    api_for: Any, client_for: Any, admin: Any, brand: Brand, x: Channel, tomorrow: Any
) -> None:
    options = {"poll_choices": ["Cuivre", "Papier"], "poll_duration": "three_days"}
    body = {
        "brand": brand.slug,
        "text": "Quelle lampe ?",
        "channels": [x.pk],
        "scheduled_at": tomorrow.isoformat(),
        "variants": [{"channel": x.pk, "format": "poll", "options": options}],
    }
    answer = api_for(admin).post(API, body)
    assert answer.status_code == 201, answer.json()
    said = answer.json()["variants"][0]
    assert (said["format"], said["options"]) == ("poll", options)
    delivery = Delivery.objects.get()
    assert delivery.payload["options"] == {"format": "poll", **options}
    page = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert "<li>Cuivre</li><li>Papier</li>" in page
    assert "Open for 3 days" in page
    body["variants"][0]["options"] = {"poll_choices": ["Cuivre"]}
    refused = api_for(admin).post(API, body)
    assert refused.status_code in (400, 409, 422)
    assert "1 is filled in" in str(refused.json())
