"""A quoted post in the composer, the preview, the API, on the delivery's page, and the way to it from a mention."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from editorial.models import Variant
from publishing.enums import DeliveryState
from publishing.models import Delivery
from socialops.permissions.rights import Right
from teams.models import Brand, Channel
from tests.factories.publishing import DeliveryFactory
from tests.factories.reputation import MentionFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/posts/"
NEW = "/o/lumiere/posts/new/"
PREVIEW = "/o/lumiere/posts/preview/"
ADDRESS = "https://bsky.app/profile/lea.example/post/3n2yhqi5wkv2l"


@pytest.fixture
def bluesky(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand, network="bluesky", name="Lumière sur Bluesky")


def typed(brand: Brand, channel: Channel, address: str) -> dict[str, Any]:
    pk = channel.pk
    return {
        "brand": brand.slug,
        "text": "Vu ce matin",
        "channel": str(pk),
        "action": "draft",
        f"options-{pk}": "1",
        f"option-{pk}-quote": address,
        f"option-{pk}-reply_control": "everyone",
    }


def test_the_preview_shows_what_is_quoted_and_what_is_wrong_with_it(
    client_for: Any, admin: Any, brand: Brand, bluesky: Channel
) -> None:
    client = client_for(admin)
    html = client.post(PREVIEW, typed(brand, bluesky, ADDRESS)).content.decode()
    assert f'<a href="{ADDRESS}"' in html
    assert "preview-problem" not in html
    for wrong in ("la vitrine", "javascript:alert(1)"):
        html = client.post(PREVIEW, typed(brand, bluesky, wrong)).content.decode()
        assert "paste the address of a post as the browser shows it" in html
        assert 'class="quoted"' in html
        assert f'href="{wrong}"' not in html


def test_what_was_typed_is_kept_and_goes_out(client_for: Any, admin: Any, brand: Brand, bluesky: Channel) -> None:
    client = client_for(admin)
    answer = client.post(NEW, typed(brand, bluesky, ADDRESS))
    assert answer.status_code == 302, answer.content.decode()
    stored = Variant.objects.get()
    assert stored.options["quote"] == ADDRESS
    html = client.get(f"/o/lumiere/posts/{stored.post_id}/edit/").content.decode()
    assert f'name="option-{bluesky.pk}-quote" value="{ADDRESS}"' in html


def test_the_api_takes_it_and_tells_what_is_wrong(
    api_for: Any, admin: Any, brand: Brand, bluesky: Channel, tomorrow: Any
) -> None:
    body = {
        "brand": brand.slug,
        "text": "Vu ce matin",
        "channels": [bluesky.pk],
        "scheduled_at": tomorrow.isoformat(),
        "variants": [{"channel": bluesky.pk, "options": {"quote": ADDRESS}}],
    }
    answer = api_for(admin).post(API, body)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["variants"][0]["options"] == {"quote": ADDRESS}
    assert Delivery.objects.get().payload["options"] == {"quote": ADDRESS}
    body["variants"][0]["options"] = {"quote": "la vitrine"}
    refused = api_for(admin).post(API, body)
    assert refused.status_code in (400, 409, 422)
    assert "paste the address of a post" in str(refused.json())


def published(channel: Channel, **more: Any) -> Delivery:
    return DeliveryFactory(
        channel=channel,
        state=DeliveryState.PUBLISHED,
        published_at=timezone.now(),
        external_id="at://did:plc:a/app.bsky.feed.post/3n2yhqi5wkv2l",
        external_url="https://bsky.app/profile/lumiere.example/post/3n2yhqi5wkv2l",
        **more,
    )


def test_the_delivery_shows_the_quote_and_what_its_author_has_still_to_say(
    client_for: Any, admin: Any, bluesky: Channel
) -> None:
    told = {"field": "quote", "code": "quote_pending", "detail": {"option": "quote", "address": ADDRESS}}
    payload = {"text": "Vu", "link": "", "media": [], "parts": [], "first_comment": "", "language": "fr"}
    delivery = published(
        bluesky, payload={**payload, "options": {"quote": ADDRESS}}, external_extra={"unfinished": [told]}
    )
    html = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert f'<a href="{ADDRESS}"' in html
    assert "The quoted post did not show under it when it went out." in html
    assert "set it on the network" not in html


def test_a_link_leads_from_a_publication_and_a_mention_to_a_new_post_that_quotes_it(
    client_for: Any, admin: Any, actor_with: Any, brand: Brand, bluesky: Channel
) -> None:
    delivery = published(bluesky)
    mention = MentionFactory(channel=bluesky, kind="mention", url=ADDRESS)
    reply = MentionFactory(channel=bluesky, kind="reply", url=ADDRESS)
    client = client_for(admin)
    for page, address in (
        (f"/o/lumiere/deliveries/{delivery.pk}/", delivery.external_url),
        (f"/o/lumiere/mentions/{mention.pk}/", ADDRESS),
    ):
        html = client.get(page).content.decode()
        (link,) = re.findall(r'href="([^"]*posts/new/[^"]*)">[^<]*<svg.*?</svg>\s*Quote in a new post', html)
        composer = client.get(link.replace("&amp;", "&")).content.decode()
        assert f'name="option-{bluesky.pk}-quote" value="{address}"' in composer
        assert re.search(rf'name="channel" value="{bluesky.pk}"[^>]* checked', composer)
    assert "Quote in a new post" not in client.get(f"/o/lumiere/mentions/{reply.pk}/").content.decode()
    reader = client_for(actor_with(Right.VIEW, scope=bluesky).member)
    assert "Quote in a new post" not in reader.get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()


def test_networks_without_quotes_offer_none(client_for: Any, admin: Any, brand: Brand) -> None:
    delivery = published(ChannelFactory(brand=brand, network="x"))
    assert "Quote in a new post" not in client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
