"""Playlists and titles in other languages on YouTube, chosen and written as people do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
MANAGER = "claire@lumiere.example"
PATIENCE = 60_000  # milliseconds until the channel's own limits are read


def open_youtube(page: Page) -> None:
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    box = page.locator("label.pick", has=page.locator(".net-youtube")).locator("input")
    box.check()
    panel = page.locator(f"#own-{box.get_attribute('value')}")
    if panel.get_attribute("open") is None:
        panel.locator("> summary").click()


def test_playlists_and_titles_in_other_languages_survive_a_reload_on_a_phone(
    person: Callable[..., Person], axe: Callable[[Page], list[str]]
) -> None:
    page = person(MANAGER, language="en", width=390, dark=True).page
    open_youtube(page)
    playlist = page.get_by_label("Conseils & entretien")
    for _round in range(PATIENCE // 2000):
        if playlist.count():
            break
        page.wait_for_timeout(2000)
        open_youtube(page)
    playlist.check()
    page.fill("#text", "Comment changer une ampoule")
    page.get_by_text("More settings").locator("visible=true").click()
    groups = page.locator(".translation")
    for number, (language, title) in enumerate((("en", "Changing a bulb"), ("de", "Eine Birne wechseln"))):
        page.get_by_role("button", name="Add a language").click()
        group = groups.nth(number)
        expect(group.locator("select")).to_be_focused()
        group.locator("select").select_option(language)
        group.get_by_label("Title").fill(title)
        group.get_by_label("Description").fill(f"{title}.\nEasy.")
    preview = page.locator("#previews")
    expect(preview).to_contain_text("Conseils & entretien")
    expect(preview).to_contain_text("Eine Birne wechseln")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    page.reload()
    page.locator("#restore [data-restore]").click()
    expect(groups).to_have_count(2)
    expect(playlist).to_be_checked()
    for number, title in enumerate(("Changing a bulb", "Eine Birne wechseln")):
        expect(groups.nth(number).get_by_label("Title")).to_have_value(title)
        expect(groups.nth(number).get_by_label("Description")).to_have_value(f"{title}.\nEasy.")
    groups.nth(0).get_by_role("button", name="Remove the language").click()
    expect(groups).to_have_count(1)
    expect(groups.locator("select")).to_have_value("de")
