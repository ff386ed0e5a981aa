"""An article in the composer, the preview, the API, and on the delivery's page: shown as it will be read, and nothing of it is markup of ours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from editorial.models import Variant
from publishing.enums import DeliveryState
from publishing.models import Delivery
from socialops.networks.markdown import BlockKind, Style, blocks_of
from teams.models import Brand, Channel
from tests.factories.editorial import MediaAssetFactory
from tests.factories.teams import ChannelFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/lumiere/posts/"
NEW = "/o/lumiere/posts/new/"
PREVIEW = "/o/lumiere/posts/preview/"
TEXT = """## Trois *gestes*

- Débrancher
- <script>alert(1)</script>

Voir [le **livret**](https://example.com/?a=1&b=2) et [ceci](javascript:alert(1)).

![](2)

| Pièce | Prix |
| --- | --- |
| <i>Douille</i> | 4 € |"""


@pytest.fixture
def x(brand: Brand) -> Channel:
    return ChannelFactory(brand=brand, network="x", name="Lumière sur X")


def typed(brand: Brand, channel: Channel, title: str = "Réparer <b> & transmettre", **more: Any) -> dict[str, Any]:
    """A composer's form for an article."""
    pk = channel.pk
    return {
        "brand": brand.slug,
        "text": TEXT,
        "channel": str(pk),
        "action": "draft",
        f"options-{pk}": "1",
        f"format-{pk}": "article",
        f"option-{pk}-title": title,
        **more,
    }


def files(brand: Brand) -> dict[str, Any]:
    cover, second = (MediaAssetFactory(brand=brand, filename=name) for name in ("four.jpg", "douille.jpg"))
    return {
        "media": [str(cover.pk), str(second.pk)],
        f"alt-{cover.pk}": "Le four",
        f"alt-{second.pk}": "La <douille>",
    }


# ---------------------------------------------------------------- Markdown


def kinds(text: str) -> list[tuple[str, str]]:
    return [(str(block.kind), block.text or block.source) for block in blocks_of(text)]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# A\n## B\n##### C", [("heading", "A"), ("heading", "B"), ("heading", "C")]),
        ("un\ndeux  \ntrois", [("paragraph", "un\ndeux\ntrois")]),
        ("#mot et * étoile", [("paragraph", "#mot et * étoile")]),
        ("titre\n---\n    reste", [("paragraph", "titre"), ("rule", ""), ("paragraph", "reste")]),
        ("- a\n  - b\n\n    suite\n- c", [("bullet", "a"), ("bullet", "b\nsuite"), ("bullet", "c")]),
        ("1. a\n   ```\n   x\n   ```\n2. b", [("number", "a"), ("code", "x"), ("number", "b")]),
        ("> a\n>\n> b\n> - c", [("quote", "a"), ("quote", "b"), ("bullet", "c")]),
        ("<div>\n&amp; <b>x</b>\n</div>", [("paragraph", "<div>\n& <b>x</b>\n</div>")]),
        ("~~~md\n```\n~~~", [("code", "```")]),
        ("![](0)\n\n![x](2) y\n\n![](1234)", [("paragraph", "![](0)"), ("paragraph", "![x](2) y"), ("paragraph", "![](1234)")]),
        ("[a](mailto:a@b.fr) [](https://b.fr)", [("paragraph", "a (mailto:a@b.fr) https://b.fr")]),
        ("#\n\n", []),
    ],
)  # fmt: skip
def test_a_text_is_read_as_a_list_of_blocks(text: str, blocks: list[tuple[str, str]]) -> None:
    assert kinds(text) == blocks


def test_headings_styles_pictures_and_sources() -> None:
    found = blocks_of("###### C\n\n***a*** ~~b~~\n\n![](2)\n\n````\n```\n````\n\n|a\\|b|\n|-|\n|*c*|")
    heading, words, picture, code, table = found
    assert heading.level == 3
    assert [(piece.text, piece.styles) for piece in words.pieces if piece.text.strip()] == [
        ("a", {Style.BOLD, Style.ITALIC}),
        ("b", {Style.STRIKETHROUGH}),
    ]
    assert (picture.kind, picture.picture) == (BlockKind.PICTURE, 2)
    assert code.source == "````\n```\n````"
    assert table.source == "| a\\|b |\n| --- |\n| *c* |"


# ---------------------------------------------------------------- the screens


def test_it_is_no_thread_and_loses_nothing_that_was_typed_for_one(
    client_for: Any, admin: Any, brand: Brand, x: Channel
) -> None:
    client, parts = client_for(admin), {f"parts-{x.pk}": "Suite", f"first-comment-{x.pk}": "Et ici"}
    refused = client.post(NEW, typed(brand, x, "", action="now", **parts))
    html = refused.content.decode()
    assert refused.status_code == 400
    assert f'<textarea class="form-control" name="parts-{x.pk}" rows="3">Suite</textarea>' in html
    assert "thread" not in html[html.index('id="errors"') : html.index("</div>", html.index('id="errors"'))]
    assert client.post(NEW, typed(brand, x, **parts)).status_code == 302
    variant = Variant.objects.get()
    assert (variant.parts, variant.first_comment) == ([], "Et ici")
    plain = typed(brand, x, **parts) | {f"format-{x.pk}": "post", f"option-{x.pk}-title": ""}
    assert client.post(NEW, plain).status_code == 302
    assert Variant.objects.latest("pk").parts == ["Suite"]


def test_the_composer_offers_it_and_says_how_it_is_written(
    client_for: Any, admin: Any, brand: Brand, x: Channel
) -> None:
    ChannelFactory(brand=brand, network="mastodon")
    client = client_for(admin)
    html = client.get(NEW).content.decode()
    assert html.count('value="article"') == 1
    assert len(re.findall(r'data-formats="article"\s+hidden', html)) == 2  # the hint and the title
    assert client.post(NEW, typed(brand, x)).status_code == 302
    variant = Variant.objects.get()
    assert variant.options == {"format": "article", "title": "Réparer <b> & transmettre"}
    page = client.get(f"/o/lumiere/posts/{variant.post_id}/").content.decode()
    assert '<h3 class="article-title">Réparer &lt;b&gt; &amp; transmettre</h3>' in page  # whoever approves it reads it


def test_the_preview_is_set_as_it_will_be_read_and_escapes_everything(
    client_for: Any, admin: Any, brand: Brand, x: Channel
) -> None:
    more, client = files(brand), client_for(admin)
    html = client.post(PREVIEW, typed(brand, x, **more)).content.decode()
    for piece in (
        "<h5>Trois <em>gestes</em></h5>",
        "<ul><li>Débrancher</li><li>&lt;script&gt;alert(1)&lt;/script&gt;</li></ul>",
        '<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">le </a>',
        "<strong>livret</strong>",
        "[ceci](javascript:alert(1))",
        '<th scope="col">Pièce</th>',
        "<td>&lt;i&gt;Douille&lt;/i&gt;</td>",
        'alt="La &lt;douille&gt;"',
        "/ 100,000",
    ):
        assert piece in html, piece
    assert html.index('alt="Le four"') < html.index("article-title") < html.index('alt="La &lt;douille&gt;"')
    assert 'class="preview-media' not in html
    assert html.count("X: about US$0.225<") == 2


def test_in_french_it_is_an_article_with_a_title(client_for: Any, admin: Any, brand: Brand, x: Channel) -> None:
    client = client_for(admin)
    client.cookies["django_language"] = "fr"
    html = client.post(NEW, typed(brand, x, title="") | {"action": "now"}).content.decode()
    for piece in ("Article</span>", "Titre <small>", "Le texte s’écrit en Markdown", "Trois *gestes*"):
        assert piece in html, piece
    preview = client.post(PREVIEW, typed(brand, x)).content.decode()
    assert (
        "Le texte montre l’image 2, et il y en a 0\xa0: changez le numéro dans ![](2), ou ajoutez l’image." in preview
    )


def test_a_polls_question_is_counted_as_one(client_for: Any, admin: Any, brand: Brand) -> None:
    linkedin = ChannelFactory(brand=brand, network="linkedin")
    form = {
        "brand": brand.slug,
        "text": "Laquelle ?",
        "channel": str(linkedin.pk),
        f"options-{linkedin.pk}": "1",
        f"format-{linkedin.pk}": "poll",
    }
    client = client_for(admin)
    assert "10 / 140" in client.post(PREVIEW, form).content.decode()
    asked = form | {f"option-{linkedin.pk}-poll_question": "Laquelle ?"}
    assert "10 / 3,000" in client.post(PREVIEW, asked).content.decode()


def test_the_api_takes_an_article_and_the_delivery_shows_it(
    api_for: Any, client_for: Any, admin: Any, brand: Brand, x: Channel, tomorrow: Any
) -> None:
    photo = MediaAssetFactory(brand=brand, filename="four.jpg")
    body = {
        "brand": brand.slug,
        "text": TEXT.replace("![](2)\n\n", ""),
        "link": "https://example.com/suite",
        "channels": [x.pk],
        "media": [{"id": photo.pk, "alt_text": "Le four"}],
        "scheduled_at": tomorrow.isoformat(),
        "variants": [{"channel": x.pk, "format": "article", "options": {"title": "Réparer"}}],
    }
    answer = api_for(admin).post(API, body)
    assert answer.status_code == 201, answer.json()
    delivery = Delivery.objects.get()
    assert delivery.payload["options"] == {"format": "article", "title": "Réparer"}
    assert delivery.label == "Réparer"
    page = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert '<h3 class="article-title">Réparer</h3>' in page
    assert "four.jpg — Le four" in page
    assert "<p>https://example.com/suite</p>" in page
    Delivery.objects.update(state=DeliveryState.PUBLISHED, external_id="1", published_at=timezone.now())
    page = client_for(admin).get(f"/o/lumiere/deliveries/{delivery.pk}/").content.decode()
    assert "Only the network’s own editor changes an article" in page
    del body["variants"][0]["options"]["title"]
    refused = api_for(admin).post(API, body)
    assert refused.status_code in (400, 409, 422)
    assert "Title" in str(refused.json())
