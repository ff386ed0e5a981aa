"""The main job, end to end, the way people do it: write for two networks, get it approved by somebody else, see it go out, answered and measured."""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, Person

pytestmark = pytest.mark.browser
MANAGER, DIRECTOR, ADMIN, FREELANCER = (
    "claire@lumiere.example",
    "antoine@lumiere.example",
    "nadia@lumiere.example",
    "ines@freelance.example",
)


def _picture() -> bytes:
    image = Image.new("RGB", (1200, 800), "#f2e4cf")
    ImageDraw.Draw(image).ellipse((380, 180, 820, 620), fill="#e0a14b")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _until(page: Page, check: Callable[[], bool], seconds: float, why: str) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, why
        page.wait_for_timeout(700)
        page.reload()


@pytest.fixture
def say() -> str:
    """A text nobody published before."""
    return f"La lampe Aurore revient en édition limitée ✨ {uuid.uuid4().hex[:8]} #deco"


def _write(page: Page, text: str) -> str:
    """Claire writes for Mastodon and Bluesky, with an image, and submits. Gives the post's path."""
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    for network in ("Mastodon", "Bluesky"):
        page.locator("label.pick", has=page.locator(f".net-{network.lower()}")).locator("input").check()
    page.fill("#text", text)
    page.locator("input[type=file]").set_input_files(
        {"name": "aurore.jpg", "mimeType": "image/jpeg", "buffer": _picture()}
    )
    page.locator(".media-item textarea").fill("Une lampe ronde qui éclaire un mur clair")
    expect(page.locator("#previews")).to_contain_text("La lampe Aurore")
    expect(page.locator("#counters")).to_contain_text("500")
    page.locator("button[name=action][value=submit]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    return page.url.split("/o/", 1)[1].partition("?")[0]


def test_plan_approve_publish_listen_measure(
    person: Callable[..., Person], demo: Demo, crowd: Callable[..., Any], say: str
) -> None:
    claire = person(MANAGER).page
    path = "/o/" + _write(claire, say)
    assert (
        claire.locator("form[action$='/do/approve/'] button.btn-primary:not([disabled])").count() == 0
    )  # never one's own

    antoine = person(DIRECTOR).page
    antoine.goto("/o/lumiere/approvals/")
    antoine.get_by_role("link", name="La lampe Aurore").first.click()
    antoine.locator("form[action$='/do/approve/'] button.btn-primary").dblclick()  # a double click approves once
    antoine.wait_for_load_state("networkidle")
    expect(antoine.locator("main")).to_contain_text("Validé")

    claire.goto(path)
    claire.locator("form[action$='/do/now/'] button").click()
    _until(claire, lambda: claire.locator("main .pill", has_text="Publié").count() > 0, 40, "it did not go out")
    live = [p for p in httpx.get(f"{demo.sandbox()}/_posts?source=client").json()["posts"] if say in p["text"]]
    assert sorted(p["network"] for p in live) == ["bluesky", "mastodon"]

    mastodon = next(p for p in live if p["network"] == "mastodon")
    crowd(
        network="mastodon",
        action="comment",
        post_id=mastodon["id"],
        author="Julie",
        text=f"Magnifique, j'adore cette lampe ! {say[-14:-6]}",
    )
    claire.goto("/o/lumiere/mentions/")
    _until(
        claire,
        lambda: claire.locator(".said-entry", has_text="j'adore cette lampe").count() > 0,
        120,  # a channel is read each minute, when its turn is looked for, each quarter
        "the reply did not come in",
    )
    expect(claire.locator(".said-entry", has_text="j'adore cette lampe").first).to_contain_text("Positif")

    claire.goto("/o/lumiere/figures/?brand=maison-lumiere&period=7")
    _until(
        claire,
        lambda: (
            claire.locator("table a, .top-post-text, main").get_by_text("La lampe Aurore").count() > 0
            or claire.locator(".kpi-value").first.inner_text() not in {"—", "0"}
        ),
        60,
        "no figures",
    )
    expect(claire.locator("main")).to_contain_text("abonnés au moment de la publication")


def test_a_text_too_long_is_said_before_anything_is_sent_and_nothing_is_lost(person: Callable[..., Person]) -> None:
    page = person(MANAGER, language="en").page
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.locator("label.pick", has=page.locator(".net-bluesky")).locator("input").check()
    page.fill("#text", "é" * 301)
    expect(page.locator("#previews")).to_contain_text("301")
    page.locator("button[name=action][value=now]").click()
    page.wait_for_load_state("networkidle")
    assert page.input_value("#text") == "é" * 301
    expect(page.locator("#errors")).to_be_visible()


def test_the_admin_sees_where_each_right_came_from(person: Callable[..., Person]) -> None:
    page = person(ADMIN).page
    page.goto("/o/lumiere/members/")
    page.get_by_role("link", name="Inès Caron").first.click()
    expect(page.locator("main")).to_contain_text("Café Riviera")
    expect(page.locator("main")).to_contain_text("Freelance")


def test_a_freelancer_sees_their_brand_only(person: Callable[..., Person]) -> None:
    page = person(FREELANCER).page
    page.goto("/o/lumiere/calendar/")
    expect(page.locator("body")).not_to_contain_text("Maison Lumière")
    assert page.goto("/o/lumiere/members/").status == 403
    assert page.goto("/o/atelier-nord/today/").status == 404


def test_the_whole_job_by_keyboard_on_a_phone(person: Callable[..., Person], demo: Demo) -> None:
    text = f"Ouvert dimanche matin ☕ {uuid.uuid4().hex[:8]}"
    page = person(MANAGER, width=390).page
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.locator("label.pick", has=page.locator(".net-mastodon")).locator("input").focus()
    page.keyboard.press("Space")
    page.locator("#text").focus()
    page.keyboard.type(text)
    page.locator("button[name=action][value=now]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    _until(page, lambda: page.locator("main .pill", has_text="Publié").count() > 0, 40, "it did not go out")
    assert [
        p["network"] for p in httpx.get(f"{demo.sandbox()}/_posts?source=client").json()["posts"] if p["text"] == text
    ] == ["mastodon"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
