"""From a publication to another that quotes it, the way people make one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, Person
from tests.browser.test_polls import MANAGER, wait_for

pytestmark = pytest.mark.browser


def to_the_delivery(page: Page) -> None:
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    page.locator("main .lines a[href*='/deliveries/']").first.click()


def test_a_publication_is_quoted_in_the_next(
    person: Callable[..., Person], demo: Demo, axe: Callable[[Page], list[str]]
) -> None:
    page, text = person(MANAGER, language="en", width=390, dark=True).page, f"New tea {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.fill("#text", text)
    page.locator("label.pick", has=page.locator(".net-threads")).locator("input").check()
    page.locator("button[name=action][value=now]").click()
    first = wait_for(page, demo, text, ("threads",))["threads"]
    to_the_delivery(page)
    page.get_by_role("link", name="Quote in a new post").click()
    page.wait_for_url(re.compile(r"/posts/new/"))
    address = page.get_by_role("textbox", name="Post quoted (address)")
    expect(address).to_have_value(re.compile("/post/"))
    expect(page.locator("#previews .quoted a")).to_be_visible()
    expect(page.locator("#previews")).to_contain_text("There is nothing to publish yet")  # Threads wants words

    page.fill("#text", f"Here is why: {text}")
    expect(page.locator("#previews .preview-problem")).to_have_count(0)
    whole = address.input_value()
    address.fill("our last post")
    expect(page.locator("#previews")).to_contain_text("paste the address of a post as the browser shows it")
    address.fill(whole)
    expect(page.locator("#previews .preview-problem")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    page.locator("button[name=action][value=now]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    second = wait_for(page, demo, f"Here is why: {text}", ("threads",))["threads"]
    assert second["quotes"] == first["id"]
    to_the_delivery(page)
    expect(page.locator(".quoted a")).to_have_attribute("href", whole)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
