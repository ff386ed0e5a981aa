"""What a Threads post may carry, in the composer, the preview, the API, and on the delivery's page."""

from __future__ import annotations

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
def threads(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand, network="threads", name="Lumière sur Threads")


def typed(brand: Brand, channel: Channel, form: str = "post", text: str = "Bonjour", **options: str) -> dict[str, Any]:
    """A composer's form."""
    pk = channel.pk
    return {
        "brand": brand.slug,
        "text": text,
        "channel": str(pk),
        "action": "draft",
        f"options-{pk}": "1",
        f"format-{pk}": form,
        **{f"option-{pk}-{name}": value for name, value in options.items()},
    }


def test_a_long_text_is_written_in_an_area_of_its_own_and_seen_with_its_styles(
    client_for: Any, admin: Any, brand: Brand, threads: Channel
) -> None:
    client, written = client_for(admin), "**Titre**\r\n\r\nUn <b>paragraphe</b> ==important==."
    answer = client.post(NEW, typed(brand, threads, "long", long_text=written))
    assert answer.status_code == 302, answer.content.decode()
    variant = Variant.objects.get()
    assert variant.options == {"format": "long", "long_text": written.replace("\r\n", "\n")}
    edit = client.get(f"/o/lumiere/posts/{variant.post_id}/edit/").content.decode()
    assert f'<textarea class="form-control" id="option-{threads.pk}-long_text"' in edit
    assert "\n**Titre**\n\nUn &lt;b&gt;paragraphe&lt;/b&gt; ==important==.</textarea>" in edit
    page = client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()  # as whoever approves it sees it
    assert "<strong>Titre</strong><br><br>Un &lt;b&gt;paragraphe&lt;/b&gt; <mark>important</mark>." in page
    assert "Long text" in page


def test_hidden_words_are_shown_as_such_and_not_counted(
    client_for: Any, admin: Any, brand: Brand, threads: Channel
) -> None:
    mastodon = ChannelFactory(brand=brand, network="mastodon", name="Lumière sur Mastodon")
    client, form = client_for(admin), typed(brand, threads, text="C’est ||elle||")
    html = client.post(PREVIEW, form | {"channel": [str(threads.pk), str(mastodon.pk)]}).content.decode()
    assert 'C’est <span class="spoiler"><span class="visually-hidden">Hidden: </span>elle</span>' in html
    assert "10 / 500" in html
    assert "C’est ||elle||" in html  # Mastodon hides nothing so: it would go out as it stands
    assert "14 / 500" in html
    composer = client.get(NEW).content.decode()
    assert "write bars around them" in composer


@pytest.mark.parametrize(
    ("form", "more", "sentence"),
    [
        ("long", {}, "«\xa0Texte long\xa0» manque\xa0: ce réseau le demande."),
        ("ghost", {"file": True}, "Dans ce format, le canal n’accepte aucun fichier"),
        ("post", {"gif": "https://giphy.com/gifs/a-JIX9t2j0ZTN9S", "file": True}, "n’accompagne qu’un texte seul"),
        ("post", {"gif": "https://example.com"}, "«\xa0GIF\xa0» a une valeur que ce canal n’accepte pas"),
        ("post", {"text": "||a|| " * 11}, "Trop de passages masqués (||…||)\xa0: 11, le réseau en accepte 10."),
    ],
)
def test_what_does_not_go_together_is_said_in_french(
    client_for: Any, admin: Any, brand: Brand, threads: Channel, form: str, more: dict[str, Any], sentence: str
) -> None:
    client, photo = client_for(admin), MediaAssetFactory(brand=brand)
    client.cookies["django_language"] = "fr"
    options = {name: value for name, value in more.items() if name in ("gif", "text")}
    body = typed(brand, threads, form, **options)
    if "file" in more:
        body |= {"media": [str(photo.pk)], f"alt-{photo.pk}": "Une lampe"}
    assert sentence in client.post(PREVIEW, body).content.decode()


def test_a_ghost_post_has_no_first_comment(
    client_for: Any, api_for: Any, admin: Any, brand: Brand, threads: Channel, tomorrow: Any
) -> None:
    client = client_for(admin)
    form = typed(brand, threads, "ghost") | {f"first-comment-{threads.pk}": "Lien"}
    assert "Lien" not in client.post(PREVIEW, form).content.decode()  # the field has left
    variant = {"channel": threads.pk, "format": "ghost", "first_comment": "Lien"}
    body = {"brand": brand.slug, "text": "Bonjour", "channels": [threads.pk], "variants": [variant]}
    refused = api_for(admin).post(API, body | {"scheduled_at": tomorrow.isoformat()})
    assert refused.status_code == 400
    assert "In this format there is no first comment: remove it" in str(refused.json())


def test_the_api_takes_a_long_text_and_the_delivery_shows_it(
    api_for: Any, client_for: Any, admin: Any, brand: Brand, threads: Channel, tomorrow: Any
) -> None:
    options = {"long_text": "**Titre**\n\n" + "a" * 9_900, "reply_approvals": True}
    body = {
        "brand": brand.slug,
        "text": "À ||lire||",
        "channels": [threads.pk],
        "scheduled_at": tomorrow.isoformat(),
        "variants": [{"channel": threads.pk, "format": "long", "options": options}],
    }
    answer = api_for(admin).post(API, body)
    assert answer.status_code == 201, answer.json()
    said = answer.json()["variants"][0]
    assert (said["format"], said["options"]) == ("long", options)
    delivery = Delivery.objects.get()
    assert delivery.payload["options"] == {"format": "long", **options}
    page = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert "<strong>Titre</strong>\n\naaa" in page
    assert '<span class="spoiler">' in page
    body["variants"][0]["options"]["long_text"] = "a" * 10_001
    refused = api_for(admin).post(API, body)
    assert refused.status_code in (400, 409, 422)
    assert "“Long text” is too long: 10001, this network takes 10000." in str(refused.json())
