"""A carousel of links in the composer, the preview, the API, and on the delivery's page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from editorial.models import MediaAsset, Variant
from publishing.models import Delivery
from teams.models import Brand, Channel
from tests.factories.editorial import MediaAssetFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/posts/"
NEW = "/o/lumiere/posts/new/"
PREVIEW = "/o/lumiere/posts/preview/"
LINKS = ["https://lumiere.example/laiton", "", "https://www.lumiere.example/verre"]


@pytest.fixture
def page(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand, network="facebook", name="Maison Lumière")


@pytest.fixture
def photos(brand: Brand) -> list[MediaAsset]:
    return [MediaAssetFactory(brand=brand, filename=f"lampe{n}.jpg") for n in range(3)]


def typed(brand: Brand, channel: Channel, photos: list[MediaAsset], **more: Any) -> dict[str, Any]:
    pk = channel.pk
    return {
        "brand": brand.slug,
        "text": "Trois lampes",
        "channel": str(pk),
        "action": "draft",
        "media": [str(photo.pk) for photo in photos],
        **{f"alt-{photo.pk}": "Une lampe" for photo in photos},
        f"options-{pk}": "1",
        f"format-{pk}": "carousel",
        **{f"option-{pk}-{name}": value for name, value in more.items()},
    }


def lines(html: str, channel: Channel, name: str) -> list[str]:
    """What stands in the lines, without the template for one more."""
    shown = re.sub(r"<template>.*?</template>", "", html, flags=re.DOTALL)
    return re.findall(rf'name="option-{channel.pk}-{name}" value="([^"]*)"', shown)


def test_a_line_stays_beside_its_picture(
    client_for: Any, admin: Any, brand: Brand, page: Channel, photos: list[MediaAsset]
) -> None:
    client = client_for(admin)
    assert lines(client.get(NEW).content.decode(), page, "card_links") == ["", ""]
    form = typed(brand, page, photos, card_links=[*LINKS, " ", ""], card_titles=["", "Papier, plié", ""])
    answer = client.post(NEW, form | {"link": "https://lumiere.example/"})
    assert answer.status_code == 302, answer.content.decode()
    variant = Variant.objects.get()
    assert variant.options == {"format": "carousel", "card_links": LINKS, "card_titles": ["", "Papier, plié"]}
    edit = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert lines(edit, page, "card_links") == LINKS
    assert lines(edit, page, "card_titles") == ["", "Papier, plié", ""]  # a line for each picture
    shown = client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    cards = shown[shown.index('<ol class="cards"') :]
    for part in ("lumiere.example</span>", "<b>Papier, plié</b>", "Last card: the publication’s link"):
        assert part in cards
    assert "the descriptions of the images are left out" in shown


def test_a_refused_carousel_says_which_card_in_french_and_loses_nothing(
    client_for: Any, admin: Any, brand: Brand, page: Channel, photos: list[MediaAsset]
) -> None:
    client = client_for(admin)
    client.cookies["django_language"] = "fr"
    form = typed(brand, page, photos, card_links=["lampes", "https://lumiere.example/2"])
    answer = client.post(NEW, form | {"action": "now"})
    html = answer.content.decode()
    assert answer.status_code == 400
    for sentence in (
        "«\xa0lampes\xa0», dans «\xa0Liens des cartes\xa0», n’est pas une adresse web",
        "La carte 3 ne mène nulle part\xa0: remplissez sa ligne dans «\xa0Liens des cartes\xa0»",
    ):
        assert sentence in html
    assert lines(html, page, "card_links") == ["lampes", "https://lumiere.example/2", ""]
    alone = client.post(PREVIEW, typed(brand, page, photos[:1])).content.decode()
    assert "Dans ce format, le canal veut au moins 2 fichiers" in alone


def test_the_api_takes_a_carousel_and_the_delivery_shows_it(
    api_for: Any,
    client_for: Any,
    admin: Any,
    brand: Brand,
    page: Channel,
    photos: list[MediaAsset],
    tomorrow: Any,
) -> None:
    options = {"card_links": LINKS, "card_titles": ["Laiton"], "card_descriptions": ["120 €"]}
    body = {
        "brand": brand.slug,
        "text": "Trois lampes",
        "channels": [page.pk],
        "link": "https://lumiere.example/",
        "media": [{"id": photo.pk, "alt_text": "Une lampe"} for photo in photos],
        "scheduled_at": tomorrow.isoformat(),
        "variants": [{"channel": page.pk, "format": "carousel", "options": options}],
    }
    answer = api_for(admin).post(API, body)
    assert answer.status_code == 201, answer.json()
    said = answer.json()["variants"][0]
    assert (said["format"], said["options"]) == ("carousel", options)
    delivery = Delivery.objects.get()
    assert delivery.payload["options"] == {"format": "carousel", **options}
    html = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert html.count("<li>", html.index('<ol class="cards"'), html.index("</ol>", html.index('class="cards"'))) == 3
    for part in ("<b>Laiton</b>", "<span>120 €</span>", "lampe2.jpg"):
        assert part in html
    refused = api_for(admin).post(API, body | {"link": ""})
    assert refused.status_code in (400, 409, 422)
    assert "Card 2 leads nowhere" in str(refused.json())
