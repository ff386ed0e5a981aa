"""Every screen: French and English, light and dark, desk and phone; no console error, no side scroll, nothing axe-core objects to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, Person

pytestmark = pytest.mark.browser
SCREENS = {
    "claire@lumiere.example": ["today", "calendar", "calendar/?view=week", "calendar/?view=list", "posts/new", "campaigns", "approvals", "mentions", "deliveries", "figures", "suspensions", "notifications", "notifications/preferences"],
    "antoine@lumiere.example": ["overview", "figures", "approvals"],
    "nadia@lumiere.example": ["team", "members", "roles", "channels", "channels/connect", "channels/apps/facebook", "channels/apps/mastodon", "settings", "audit"],
}  # fmt: skip
LOOKS = [(1440, "fr", False), (390, "en", True)]
ALL_LOOKS = [*LOOKS, (1440, "en", True), (390, "fr", False)]


@pytest.mark.parametrize(("width", "language", "dark"), LOOKS)
@pytest.mark.parametrize("email", SCREENS)
def test_screens_are_sound(
    email: str,
    width: int,
    language: str,
    dark: bool,  # noqa: FBT001 -- pytest parameter
    person: Callable[..., Person],
    axe: Callable[[Page], list[str]],
) -> None:
    page = person(email, width=width, language=language, dark=dark).page
    found = {}
    for screen in SCREENS[email]:
        answer = page.goto(f"/o/lumiere/{screen}" + ("" if "?" in screen else "/"))
        page.wait_for_load_state("networkidle")
        problems = [] if answer and answer.ok else [f"answered {answer and answer.status}"]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append("scrolls sideways")
        if page.locator("html").get_attribute("lang") != language:
            problems.append("wrong language")
        if page.locator("h1").count() != 1:
            problems.append("not one h1")
        problems += axe(page)
        if problems:
            found[screen] = problems
    assert found == {}


def test_screenshots_for_the_readme(person: Callable[..., Person]) -> None:
    folder = Path(os.environ.get("SOCIALOPS_SCREENSHOTS", ROOT / ".test" / "screenshots"))
    folder = folder if folder.is_absolute() else ROOT / folder
    folder.mkdir(parents=True, exist_ok=True)
    for email, screen, name in [
        ("claire@lumiere.example", "calendar/", "calendar"),
        ("claire@lumiere.example", "mentions/", "mentions"),
        ("antoine@lumiere.example", "overview/", "overview"),
    ]:
        page = person(email).page
        page.goto(f"/o/lumiere/{screen}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 20_000
