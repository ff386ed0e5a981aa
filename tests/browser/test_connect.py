"""Leaving for a network under the strict policy, and coming back."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.browser


def test_a_channel_is_connected_at_a_server_the_policy_does_not_name(demo: Any, person: Any) -> None:
    """form-action stays 'self': Chromium would stop a redirect of the form's POST to any other host."""
    policy = httpx.get(f"{demo.url}/accounts/login/").headers["content-security-policy"]
    assert re.search(r"form-action 'self'(;|$)", policy), policy
    nadia = person("nadia@lumiere.example", language="en")
    page = nadia.page
    page.goto("/o/lumiere/channels/connect/mastodon/")
    page.fill("input[name=base_url]", demo.sandbox(1))
    page.locator("main form .btn-primary").first.click()
    page.wait_for_url(f"{demo.sandbox(1)}/**")
    page.locator("button[value=allow]").click()
    page.wait_for_url(f"{demo.url}/o/lumiere/channels/**")
    assert "connected" in page.inner_text("body")  # or: belongs to another brand already


@pytest.mark.parametrize(("width", "language"), [(1440, "fr"), (390, "en")])
def test_several_pages_are_chosen_at_once(demo: Any, person: Any, axe: Any, width: int, language: str) -> None:
    """Those of other brands can't be chosen and say where they are; the keyboard is enough; what became of each is said."""
    page = person("nadia@lumiere.example", width=width, language=language).page
    page.goto("/o/lumiere/channels/connect/?brand=maison-lumiere")
    page.locator("main .rows a", has_text="Facebook").first.click()
    page.locator("main form .btn-primary").first.click()
    page.locator("button[value=allow]").click()
    page.wait_for_url(f"{demo.url}/o/lumiere/channels/connect/choose/**")
    boxes = page.locator("input[name=account]")
    free = page.locator("input[name=account]:enabled")
    assert boxes.count() > free.count() >= 1
    assert page.locator("input[name=account]:enabled:not(:checked)").count() == 0
    assert page.locator("input[name=account]:disabled:checked").count() == 0
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    free.first.focus()
    page.keyboard.press("Space")
    assert not free.first.is_checked()
    page.locator("main form .btn-primary").press("Enter")
    if free.count() == 1:  # nothing was chosen: it is said, and nothing typed is lost
        page.locator(".banner").wait_for()
        page.locator("input[name=account]:enabled").check()
        page.locator("main form .btn-primary").press("Enter")
    page.get_by_role("heading", level=1).wait_for()
    page.locator("main .rows a[href*='/channels/']").first.wait_for()
    assert page.locator("input[name=account]").count() == 0
    assert axe(page) == []
