"""Mentions on a phone: what people said comes first, the filters wait in a drawer; on a desk they stand in the line."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_phone_shows_mentions_first_and_filters_in_a_drawer(person: Any, axe: Any) -> None:
    page = person("claire@lumiere.example", width=390, language="en", touch=True).page
    page.goto("/o/lumiere/mentions/?state=all")
    sentiment = page.get_by_label("Sentiment")
    expect(sentiment).to_be_hidden()
    box = page.locator(".said-entry").first.bounding_box()
    assert box is not None
    assert box["y"] < 844 * 0.75  # of the first screen, above the bottom bar
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("dialog", name="Filters")).to_be_visible()
    assert axe(page) == []
    sentiment.select_option("negative")
    page.get_by_text("More filters").click()
    page.get_by_label("On our posts only").check()
    expect(sentiment).to_be_visible()  # chosen in peace
    page.get_by_role("dialog", name="Filters").get_by_role("button", name="Show").click()
    page.wait_for_url("**/mentions/?**sentiment=negative**ours=on**")
    expect(page.get_by_role("button", name="Filters (2)")).to_be_visible()
    expect(sentiment).to_be_hidden()


def test_a_desk_shows_them_in_the_line(person: Any) -> None:
    page = person("claire@lumiere.example", language="en").page
    page.goto("/o/lumiere/mentions/?state=all")
    expect(page.locator("[data-opens='mention-filters']")).to_be_hidden()
    page.get_by_label("Sentiment").select_option("negative")
    page.wait_for_url("**/mentions/?**sentiment=negative**")
