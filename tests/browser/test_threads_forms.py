"""A long text, hidden words and a place on Threads, the way people write them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from socialops.sandbox.models import PORT_OFFSETS
from tests.browser.conftest import Demo, Person
from tests.browser.test_polls import wait_for

pytestmark = pytest.mark.browser
MANAGER = "claire@lumiere.example"


def open_threads(page: Page) -> str:
    """The composer with the Threads channel chosen. Gives its panel's selector."""
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    box = page.locator("label.pick", has=page.locator(".net-threads")).locator("input")
    box.check()
    panel = f"#own-{box.get_attribute('value')}"
    if page.locator(panel).get_attribute("open") is None:
        page.locator(f"{panel} > summary").click()
    return panel


def test_a_long_text_with_a_place_goes_out(
    person: Callable[..., Person], demo: Demo, axe: Callable[[Page], list[str]]
) -> None:
    page, text = person(MANAGER).page, f"La recette {uuid.uuid4().hex[:8]}"
    panel = page.locator(open_threads(page))
    page.fill("#text", f"{text} est ||au citron||")
    panel.locator("label.format", has_text="Texte long").click()
    area = panel.locator("textarea[name$=long_text]")
    expect(area).to_be_visible()
    expect(panel.locator("input[name$=gif]")).to_be_hidden()
    area.fill("**Trois citrons**\n\nEt du ==sucre==.")
    place = panel.locator("input[name$=location]")
    place.fill("café riviera")
    place.press("Enter")  # searches, and does not save the post
    panel.locator(".places button").first.click()
    expect(place).to_have_value("106078429431815 Café Riviera, 12 quai des États-Unis, Nice, France")
    expect(panel.locator(".places")).to_have_count(0)
    preview = page.locator("#previews")
    expect(preview.locator(".spoiler")).to_have_text(re.compile("au citron"))
    expect(preview.locator("strong")).to_have_text("Trois citrons")
    expect(preview.locator("dd")).to_have_text(["Café Riviera, 12 quai des États-Unis, Nice, France"])
    assert axe(page) == []
    page.locator("button[name=action][value=now]").click()
    wait_for(page, demo, f"{text} est au citron", ("threads",))
    seen = httpx.get(demo.sandbox(PORT_OFFSETS["threads"])).text
    assert "<strong>Trois citrons</strong>" in seen
    assert f"{text} est ▒▒▒▒▒▒▒▒▒" in seen
    assert "Café Riviera, Nice" in seen


def test_a_ghost_post_has_no_settings_and_nothing_is_lost_on_a_phone(
    person: Callable[..., Person], axe: Callable[[Page], list[str]]
) -> None:
    page = person(MANAGER, language="en", width=390, dark=True).page
    selector = open_threads(page)
    panel = page.locator(selector)
    page.fill("#text", "Tonight only")
    panel.locator("label.format", has_text="Long text").click()
    panel.locator("textarea[name$=long_text]").fill("Not now.\nLater.")
    panel.locator("label.format", has_text="Ghost post").click()
    for name in ("long_text", "reply_control", "topic_tag", "location", "gif"):
        expect(panel.locator(f"[name$='-{name}']")).to_be_hidden()
    expect(page.locator("#previews")).to_contain_text("Ghost post, 24 hours")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    page.reload()
    page.locator("#restore [data-restore]").click()
    panel.locator("label.format", has_text="Long text").click()
    expect(panel.locator("textarea[name$=long_text]")).to_have_value("Not now.\nLater.")
