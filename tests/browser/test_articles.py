"""An article, the way people make one: written with the keyboard, seen as it will be read, approved, published, and read on the network."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo, Person

pytestmark = pytest.mark.browser
MANAGER, DIRECTOR = "claire@lumiere.example", "antoine@lumiere.example"


def choose(page: Page) -> Locator:
    """X, shown as an article. Gives its panel."""
    box = page.locator("label.pick", has=page.locator(".net-x")).locator("input")
    box.check()
    panel = page.locator(f"#own-{box.get_attribute('value')}")
    if panel.get_attribute("open") is None:
        panel.locator("> summary").click()
    panel.locator("label.format", has_text=re.compile("^Article$")).click()
    return panel


def wait_for(page: Page, demo: Demo, title: str) -> dict[str, Any]:
    deadline = time.monotonic() + 40
    while True:
        made = httpx.get(f"{demo.sandbox()}/_posts?source=client").json()["posts"]
        if found := [post for post in made if (post["article"] or {}).get("title") == title]:
            return dict(found[0])
        assert time.monotonic() < deadline, "it never went out"
        page.wait_for_timeout(500)


def test_an_article_is_written_approved_published_and_read(person: Callable[..., Person], demo: Demo) -> None:
    page, title = person(MANAGER).page, f"Réparer {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    page.locator("#text").focus()
    for line in ("## Avant d’ouvrir", "", "- Débrancher", "", "Attendre **dix** minutes"):
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    panel = choose(page)
    expect(panel).to_contain_text("Le texte s’écrit en Markdown")
    more, part = panel.get_by_role("button", name="Ajouter un post au fil"), panel.locator("[name^=parts-]")
    expect(more).to_be_hidden()
    panel.locator("label.format", has_text="Post simple").click()
    more.click()
    part.fill("Suite")
    panel.locator("label.format", has_text=re.compile("^Article$")).click()
    expect(part).to_be_hidden()  # an article is no thread
    expect(page.locator("#previews")).not_to_contain_text("Suite")
    panel.locator("label.format", has_text="Post simple").click()
    expect(part).to_have_value("Suite")
    panel.get_by_role("button", name="Retirer").click()
    expect(more).to_be_focused()
    panel.locator("label.format", has_text=re.compile("^Article$")).click()
    panel.get_by_label("Titre").fill(title)
    preview = page.locator("#previews .preview .article")
    expect(preview.locator(".article-title")).to_have_text(title)
    expect(preview.locator("h5")).to_have_text("Avant d’ouvrir")
    expect(preview.locator("li")).to_have_text("Débrancher")
    expect(preview.locator("strong")).to_have_text("dix")
    expect(page.locator("#previews .counter")).to_contain_text("100\u202f000")
    page.locator("button[name=action][value=submit]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))

    antoine = person(DIRECTOR).page
    antoine.goto(page.url)
    expect(antoine.locator(".preview .article-title")).to_have_text(title)
    antoine.locator("form[action$='/do/approve/'] button.btn-primary").click()
    antoine.wait_for_load_state("networkidle")

    page.reload()
    page.locator("form[action$='/do/now/'] button").click()
    found = wait_for(page, demo, title)
    assert found["article"]["text"] == "Avant d’ouvrir\nDébrancher\nAttendre dix minutes"
    page.reload()
    page.locator("main .lines a[href*='/deliveries/']").first.click()
    expect(page.locator(".article-title")).to_have_text(title)
    address = page.get_by_role("link", name="Ouvrir sur le réseau").get_attribute("href")
    page.goto(str(address))
    expect(page.locator(".article h2")).to_have_text(title)
    expect(page.locator(".article li")).to_have_text("Débrancher")


def test_the_title_comes_and_goes_with_the_format_and_fits_a_phone(
    person: Callable[..., Person], axe: Callable[[Page], list[str]]
) -> None:
    page = person(MANAGER, language="en", width=390, dark=True).page
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    code = "```\n" + "a very long line of code " * 8 + "\n```"
    page.fill("#text", f"# Heading\n\n{code}\n\n| a | b |\n|---|---|\n| {'wide ' * 20} | 2 |")
    panel = choose(page)
    title = panel.get_by_label("Title")
    title.fill("How a lamp is repaired")
    expect(page.locator("#previews h4")).to_have_text("Heading")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # elsewhere the buttons cover half of a field
    assert axe(page) == []
    panel.locator("label.format", has_text="Post in the feed").click()
    expect(title).to_be_hidden()
    expect(page.locator("#previews .article")).to_have_count(0)
    panel.locator("label.format", has_text="Article").click()
    expect(title).to_have_value("How a lamp is repaired")
    page.reload()
    page.locator("#restore [data-restore]").click()
    expect(title).to_have_value("How a lamp is repaired")
    expect(page.locator("#previews .article-title")).to_have_text("How a lamp is repaired")
