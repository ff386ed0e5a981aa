"""Subtitles, the way people bring them: beside the video, in the language they choose, seen in the preview, approved, and there on the publication's page."""

from __future__ import annotations

import itertools
import re
import time
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import FileChooser, Page, expect

from tests.browser.conftest import Person
from tests.fakes.files import movie
from tests.fakes.subtitles import srt

pytestmark = pytest.mark.browser
WIDTHS = itertools.count(320, 2)
MANAGER, DIRECTOR = "claire@lumiere.example", "antoine@lumiere.example"
SAID = """video => new Promise((done, fail) => {
    setTimeout(() => fail(new Error("no cue came")), 8000);
    const look = () => {
        const cues = [...video.textTracks].filter(track => track.mode === "showing").flatMap(track => [...(track.cues ?? [])]);
        if (cues.length) done(cues.map(cue => cue.text)); else setTimeout(look, 50);
    };
    video.preload = "metadata"; video.load(); look(); })"""


def start(page: Page, network: str, text: str) -> None:
    page.goto("/o/lumiere/posts/new/?brand=maison-lumiere")
    page.locator("label.pick", has=page.locator(f".net-{network}")).locator("input").check()
    page.fill("#text", text)
    data = movie(4, width=next(WIDTHS))  # a video of this test's own
    page.locator("input[type=file][name=file]").set_input_files(
        {"name": "atelier.mp4", "mimeType": "video/mp4", "buffer": data}
    )
    expect(page.locator(".media-item .subtitles")).to_contain_text(re.compile("Aucun|None yet"))


def test_they_are_brought_seen_approved_and_sent(person: Callable[..., Person]) -> None:
    page, text = person(MANAGER).page, f"L’atelier parle {uuid.uuid4().hex[:8]}"
    start(page, "linkedin", text)
    item = page.locator(".media-item .subtitles")
    expect(item.locator("select")).to_have_value("fr")
    item.locator("input[type=file]").set_input_files(
        {
            "name": "atelier.srt",
            "mimeType": "application/x-subrip",
            "buffer": srt("Sel & <i>lumière</i>", end="00:00:02,000"),
        }
    )
    expect(item.locator("li")).to_have_text("Français")
    video = page.locator("#previews video")
    expect(video.locator("track")).to_have_attribute("srclang", "fr")
    assert video.evaluate(SAID) == ["Sel &amp; lumière"]  # under the page's own content security policy
    page.locator("button[name=action][value=submit]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))

    antoine = person(DIRECTOR).page
    antoine.goto(page.url)
    video = antoine.locator("#previews video")
    assert video.evaluate(SAID) == ["Sel &amp; lumière"]
    video.evaluate("video => new Promise(done => { video.onseeked = done; video.currentTime = 1.5; })")
    assert video.evaluate("video => [...video.textTracks].map(track => track.activeCues.length)") == [1]  # in sight


def test_by_keyboard_on_a_phone_with_every_refusal_in_its_place(
    person: Callable[..., Person], axe: Callable[[Page], list[str]]
) -> None:
    page = person(MANAGER, language="en", width=390, dark=True).page
    choosers: list[FileChooser] = []

    def chosen(chooser: FileChooser) -> None:
        choosers.append(chooser)

    page.on("filechooser", chosen)  # long before the key: Playwright tells of them from a moment after it is asked to
    start(page, "instagram", "A film")
    item = page.locator(".media-item .subtitles")
    select, file = item.locator("select"), item.locator("input[type=file]")
    select.focus()
    page.keyboard.type("Ger")
    expect(select).to_have_value("de")
    page.keyboard.press("Tab")
    expect(file).to_be_focused()
    page.keyboard.press("Enter")
    deadline = time.monotonic() + 15
    while not choosers:
        assert time.monotonic() < deadline, "Enter opened no chooser"
        page.wait_for_timeout(50)
    choosers[0].set_files({"name": "long.srt", "mimeType": "", "buffer": srt("Zu spät", end="00:01:00,000")})
    expect(item.get_by_role("alert")).to_contain_text("long.srt: These subtitles end at 1:00, the video at 0:04")
    expect(select).to_have_value("de")
    expect(file).to_be_focused()
    file.set_input_files(
        {"name": "gut.vtt", "mimeType": "text/vtt", "buffer": b"WEBVTT\n\n00:01.000 --> 00:02.000\nGut\n"}
    )
    expect(item.locator("li")).to_have_text("German")
    expect(item.get_by_role("status")).to_contain_text("Kept with the video")
    expect(page.locator("#previews .preview-note")).to_contain_text(["This network takes no subtitles"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(page) == []
    item.get_by_role("button", name="Remove the subtitles in German").focus()
    page.keyboard.press("Enter")
    expect(item).to_contain_text("None yet")
    expect(select).to_be_focused()
    expect(page.locator("#previews")).not_to_contain_text("takes no subtitles")
    expect(page.locator("#text")).to_have_value("A film")  # nothing typed is lost
