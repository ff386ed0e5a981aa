"""A poll, the way people make one: written with the keyboard, seen before, approved, published, and voted on."""

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
NETWORKS = ("mastodon", "linkedin", "x")
CHOICES = ["Cuivre, poli", "Papier", "Verre"]


def choose(page: Page, network: str) -> Locator:
    """A channel, shown as a poll. Gives its panel."""
    box = page.locator("label.pick", has=page.locator(f".net-{network}")).locator("input")
    box.check()
    panel = page.locator(f"#own-{box.get_attribute('value')}")
    if panel.get_attribute("open") is None:
        panel.locator("> summary").click()
    panel.locator("label.format", has_text=re.compile("^(Sondage|Poll)$")).click()
    return panel


def write(page: Page, panel: Locator, choices: list[str]) -> None:
    """As fast hands do it: a line, Enter, the next."""
    panel.locator(".line-field input").first.focus()
    for number, choice in enumerate(choices):
        page.keyboard.type(choice)
        if number + 1 < len(choices):
            page.keyboard.press("Enter")


def typed(panel: Locator) -> list[str]:
    return [line.input_value() for line in panel.locator(".line-field input").all()]


def live(demo: Demo, text: str) -> dict[str, dict[str, Any]]:
    """What is out with this text, by network."""
    made = httpx.get(f"{demo.sandbox()}/_posts?source=client").json()["posts"]
    return {post["network"]: post for post in made if text in post["text"]}


def wait_for(page: Page, demo: Demo, text: str, networks: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    deadline = time.monotonic() + 40
    while set(networks) - (found := live(demo, text)).keys():
        assert time.monotonic() < deadline, f"only on {sorted(found)}"
        page.wait_for_timeout(500)
    return found


def test_a_poll_is_written_approved_published_and_voted_on(
    person: Callable[..., Person], demo: Demo, crowd: Callable[..., Any]
) -> None:
    page, text = person(MANAGER).page, f"Nous hésitons {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    page.fill("#text", text)
    write(page, choose(page, "mastodon"), CHOICES)
    linkedin, x = choose(page, "linkedin"), choose(page, "x")
    assert (typed(linkedin), typed(x)) == (CHOICES, CHOICES)  # nobody types them three times
    linkedin.locator("input[name$=poll_question]").fill("Quelle lampe ensuite ?")
    previews = page.locator("#previews .preview")
    expect(previews.locator(".poll li")).to_have_text(CHOICES * 3)
    expect(page.locator("#previews")).to_contain_text("Quelle lampe ensuite ?")
    expect(page.locator("#previews")).to_contain_text("Ouvert pendant 7\xa0jours")  # LinkedIn's usual
    page.locator("button[name=action][value=submit]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))

    antoine = person(DIRECTOR).page
    antoine.goto(page.url)
    expect(antoine.locator(".preview .poll li")).to_have_text(CHOICES * 3)
    antoine.locator("form[action$='/do/approve/'] button.btn-primary").click()
    antoine.wait_for_load_state("networkidle")

    page.reload()
    page.locator("form[action$='/do/now/'] button").click()
    found = wait_for(page, demo, text, NETWORKS)
    assert {network: post["poll"]["choices"] for network, post in found.items()} == dict.fromkeys(NETWORKS, CHOICES)
    crowd(network="x", action="vote", post_id=found["x"]["id"], author="Julie", choice=2)
    assert live(demo, text)["x"]["poll"]["votes"][2] >= 1
    page.reload()
    page.locator("main .lines a[href*='/deliveries/']").first.click()
    expect(page.locator(".poll li")).to_have_text(CHOICES)


def test_a_threads_poll_goes_out_at_once(person: Callable[..., Person], demo: Demo) -> None:
    page, text = person(MANAGER, language="en").page, f"Tea or coffee? {uuid.uuid4().hex[:8]}"
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.fill("#text", text)
    panel = choose(page, "threads")
    expect(panel).to_contain_text("1 day")
    write(page, panel, ["Tea", "Coffee"])
    expect(page.locator("#previews .poll li")).to_have_text(["Tea", "Coffee"])
    page.locator("button[name=action][value=now]").click()
    assert wait_for(page, demo, text, ("threads",))["threads"]["poll"]["choices"] == ["Tea", "Coffee"]


def test_lines_come_and_go_and_nothing_is_lost(person: Callable[..., Person], axe: Callable[[Page], list[str]]) -> None:
    page = person(MANAGER, language="en", width=390, dark=True).page
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    page.fill("#text", "Which lamp?")
    panel = choose(page, "x")
    add = panel.locator("button[data-adds*=poll_choices]")
    write(page, panel, ["Copper", "Paper", "Glass", "Steel"])
    expect(add).to_be_hidden()  # X takes four
    panel.get_by_role("button", name="Remove the choice").first.click()
    assert typed(panel) == ["Copper", "Paper", "Steel"]
    expect(panel.locator(".line-field input").nth(1)).to_be_focused()
    expect(add).to_be_visible()
    panel.locator("label.format", has_text="Post in the feed").click()
    expect(panel.locator(".lines-field")).to_be_hidden()
    panel.locator("label.format", has_text="Poll").click()
    assert typed(panel) == ["Copper", "Paper", "Steel"]
    panel.locator(".line-field input").nth(2).fill("A very long name for a lamp")
    expect(page.locator("#previews")).to_contain_text("“A very long name for a lamp” is too long: 27 characters")
    linkedin = choose(page, "linkedin")
    linkedin.get_by_text("More settings").press("Enter")
    several = linkedin.locator(".choices-field", has=page.locator("[name$=-audience_seniorities]"))
    several.locator("summary").press("Enter")
    several.get_by_label("Director", exact=True).check()
    expect(page.locator("#previews dd")).to_have_text(["Director"])
    panel.get_by_role("button", name="Add a post to the thread").click()
    page.keyboard.type("The second post")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    page.reload()
    page.locator("#restore [data-restore]").click()
    expect(several.get_by_label("Director", exact=True)).to_be_visible()  # unfolded, since something is chosen in it
    expect(several.locator(":checked")).to_have_count(1)
    expect(panel.locator(".line-field input").nth(2)).to_have_value("A very long name for a lamp")
    assert typed(panel) == ["Copper", "Paper", "A very long name for a lamp"]
    expect(panel.locator("textarea[name^=parts]")).to_have_value("The second post")
