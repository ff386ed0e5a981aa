"""A carousel of links and a podcast's extract, the way people make them: files chosen, filled in, seen before, and out at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo, Person
from tests.browser.test_polls import MANAGER, live, wait_for
from tests.fakes.files import picture, sound

pytestmark = pytest.mark.browser
COLORS = ("teal", "navy", "olive")


def choose(page: Page, network: str) -> Locator:
    """A channel. Gives its panel, open."""
    box = page.locator("label.pick", has=page.locator(f".net-{network}")).locator("input")
    box.check()
    panel = page.locator(f"#own-{box.get_attribute('value')}")
    if panel.get_attribute("open") is None:
        panel.locator("> summary").click()
    return panel


def bring(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    )
    expect(page.locator(".media-item")).to_have_count(len(files))


def lines(panel: Locator, name: str) -> list[str]:
    return [line.input_value() for line in panel.locator(f"[data-list={name}] .line-field input").all()]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_carousel_is_filled_in_seen_kept_and_published(
    person: Callable[..., Person], demo: Demo, axe: Callable[[Page], list[str]], width: int
) -> None:
    page, text = person(MANAGER, width=width, dark=width < 600).page, f"Trois lampes {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.fill("#text", text)
    page.fill("input[name=link]", "https://lumiere.example/")
    bring(page, *((f"{color}.jpg", "image/jpeg", picture(color, 640 + len(color))) for color in COLORS))
    for description in page.locator(".media-item textarea").all():
        description.fill("Une lampe")
    panel = choose(page, "facebook")
    expect(panel.locator("[data-list=card_links]")).to_be_hidden()
    panel.locator("label.format", has_text="Carrousel de liens").click()
    links = panel.locator("[data-list=card_links]")
    links.locator("input").first.focus()
    for key in ("https://lumiere.example/laiton", "Enter", "Enter", "https://www.verre.example/"):
        (page.keyboard.press if key == "Enter" else page.keyboard.type)(key)
    assert lines(panel, "card_links") == ["https://lumiere.example/laiton", "", "https://www.verre.example/"]
    pictures = page.locator(".media-item")
    pictures.nth(2).locator("[data-earlier]").click()  # what was written goes with its picture
    assert lines(panel, "card_links") == ["https://lumiere.example/laiton", "https://www.verre.example/", ""]
    pictures.nth(2).locator("[data-earlier]").click()
    page.locator("input[type=file]").set_input_files(
        [{"name": "gris.jpg", "mimeType": "image/jpeg", "buffer": picture("gray", 700)}]
    )
    expect(links.locator("input")).to_have_count(4)
    pictures.nth(3).locator("[data-remove=li]").click()
    assert lines(panel, "card_links") == ["https://lumiere.example/laiton", "", "https://www.verre.example/"]
    panel.locator("[data-list=card_titles] input").nth(1).fill("Papier")
    cards = page.locator("#previews .cards li")
    expect(cards).to_have_count(4)  # and the last one
    expect(cards.nth(1)).to_contain_text("Papier")
    expect(cards.nth(1)).to_contain_text("lumiere.example")
    expect(cards.nth(2)).to_contain_text("verre.example")
    expect(page.locator("#previews")).to_contain_text("les descriptions des images ne partent pas")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#previews").evaluate("box => box.scrollWidth <= box.clientWidth")  # the cards slide within
    assert axe(page) == []

    page.reload()
    page.locator("#restore [data-restore]").click()
    expect(cards).to_have_count(4)
    assert lines(panel, "card_links") == ["https://lumiere.example/laiton", "", "https://www.verre.example/"]
    page.locator("button[name=action][value=now]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    post = wait_for(page, demo, text, ("facebook",))["facebook"]
    assert [card["link"] for card in post["cards"]] == [
        "https://lumiere.example/laiton",
        "https://lumiere.example/",
        "https://www.verre.example/",
    ]
    page.reload()
    page.locator("main .lines a[href*='/deliveries/']").first.click()
    expect(page.locator("ol.cards li")).to_have_count(3)
    expect(page.locator("#what-title")).to_have_text("Ce qui est parti")


def test_a_channels_own_files_follow_the_posts_and_a_refusal_leads_to_its_field(
    person: Callable[..., Person], axe: Callable[[Page], list[str]]
) -> None:
    page = person(MANAGER, width=390).page
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.fill("#text", "Deux lampes")
    panel = choose(page, "mastodon")
    panel.get_by_label("Un texte et des fichiers propres à ce canal").check()
    bring(page, *((f"{color}.jpg", "image/jpeg", picture(color)) for color in COLORS[:2]))
    own, shown = panel.locator("input[name^=images-]"), page.locator("#previews .preview-media li")
    expect(own).to_have_count(2)
    expect(shown).to_have_count(2)
    assert axe(page) == []
    panel.get_by_label("teal.jpg").uncheck()
    expect(shown).to_have_count(1)
    page.locator(".media-item").nth(1).locator("[data-earlier]").click()
    assert [box.is_checked() for box in own.all()] == [True, False]
    page.locator(".media-item").nth(0).locator("[data-remove=li]").click()
    expect(own).to_have_count(1)
    expect(page.locator(".media-item [data-remove=li]")).to_be_focused()  # not thrown back to the top
    expect(shown).to_have_count(0)
    page.locator("button[name=action][value=schedule]").click()
    page.locator("#errors").get_by_role("link", name="Choisissez quand ce post doit partir.").click()
    expect(page.get_by_label("Jour")).to_be_in_viewport()


def test_an_extract_of_a_podcast_is_heard_before_and_published(person: Callable[..., Person], demo: Demo) -> None:
    page, text = person(MANAGER, language="en").page, f"Listen {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.fill("#text", text)
    bring(page, ("episode.mp3", "audio/mpeg", sound(title="Chez Camille")))
    panel = choose(page, "mastodon")
    page.locator(".media-item textarea").fill("Two minutes about brass")
    heard: Any = page.locator("#previews audio")
    expect(heard).to_have_attribute("aria-label", "Two minutes about brass")
    assert (
        heard.evaluate(
            """audio => new Promise((done, fail) => {
            audio.onloadedmetadata = () => done(Math.round(audio.duration));
            audio.onerror = () => fail(audio.error.message); audio.preload = "metadata"; audio.load(); })"""
        )
        == 3
    )  # under the page's own content security policy
    expect(panel.get_by_text("A frame of the video")).to_be_hidden()
    expect(panel.get_by_text("The network chooses")).to_be_visible()
    page.locator("button[name=action][value=now]").click()
    assert len(wait_for(page, demo, text, ("mastodon",))["mastodon"]["media"]) == 1
    assert set(live(demo, text)) == {"mastodon"}
