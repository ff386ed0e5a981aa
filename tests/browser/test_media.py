"""A video, from the disk to the calendar: uploaded, described by its settings, kept through a reload, scheduled."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Demo, Person
from tests.fakes.files import film, paper

pytestmark = pytest.mark.browser
TAKES_VIDEOS = """
from socialops.tenancy.scope import system
from teams.models import Channel
with system("a server whose limits allow videos"):
    Channel.objects.filter(network="mastodon").update(limits={"media": {"kinds": ["image", "video"]}})
"""


@pytest.fixture(scope="module")
def _server_takes_videos(demo: Demo) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment["SOCIALOPS_DATA_DIR"] = str(demo.data)
    command = [sys.executable, "manage.py", "shell", "-c", TAKES_VIDEOS]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)


@pytest.mark.usefixtures("_server_takes_videos")
def test_a_video_with_its_settings_is_scheduled(person: Callable[..., Person]) -> None:
    text = f"Dans l’atelier {uuid.uuid4().hex[:8]}"
    page = person("claire@lumiere.example").page
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    mastodon = page.locator("label.pick", has=page.locator(".net-mastodon")).locator("input")
    mastodon.check()
    own = page.locator(f"#own-{mastodon.get_attribute('value')}")
    page.fill("#text", text)
    page.locator("input[type=file]").set_input_files(
        {"name": "atelier.mov", "mimeType": "video/quicktime", "buffer": film("mov", location="+48.85+002.35/")}
    )
    item = page.locator(".media-item")
    expect(item).to_contain_text("lieu et appareil effacés")
    expect(item).to_contain_text("0:02")
    item.locator("textarea").fill("Une lampe se fait")
    expect(page.locator("#previews video")).to_have_attribute("controls", "")
    assert page.locator("#previews video").evaluate(
        """video => new Promise((done, fail) => {
            video.onloadedmetadata = () => done([video.videoWidth, video.videoHeight, Math.round(video.duration)]);
            video.onerror = () => fail(video.error.message); video.preload = "metadata"; video.load(); })"""
    ) == [320, 240, 2]  # under the page's own content security policy

    own.locator("> summary").click()
    own.locator("select[name$=-visibility]").select_option("unlisted")
    own.locator("input[name$=-spoiler_text]").fill("Lumière vive")
    expect(page.locator("#previews")).to_contain_text("Lumière vive")

    page.reload()  # the browser dies: what was typed comes back
    page.locator("[data-restore]").click()
    expect(own.locator("select[name$=-visibility]")).to_have_value("unlisted")
    expect(own.locator("input[name$=-spoiler_text]")).to_have_value("Lumière vive")
    expect(own).to_have_attribute("open", "")
    expect(item).to_have_count(1)
    expect(item).to_contain_text("atelier.mov")
    expect(item.locator("textarea")).to_have_value("Une lampe se fait")
    page.fill("#date", (datetime.now(UTC) + timedelta(days=2)).date().isoformat())
    page.fill("#time", "09:30")
    page.locator("button[name=action][value=schedule]").click()
    page.wait_for_url(re.compile(r"/posts/\d+/"))
    expect(page.locator("main .pill").first).to_contain_text("Programmé")
    expect(page.locator("#previews")).to_contain_text("Tout le monde, mais hors des listes publiques")
    expect(page.locator("#previews video")).to_be_visible()


def test_what_cannot_be_used_is_said_and_the_rest_stays(person: Callable[..., Person]) -> None:
    page = person("claire@lumiere.example", language="en", width=390).page
    page.goto("/o/lumiere/posts/new/?brand=cafe-riviera")
    page.locator("label.pick", has=page.locator(".net-bluesky")).locator("input").check()
    page.fill("#text", "A document")
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "carte.pdf", "mimeType": "application/pdf", "buffer": paper(3)},
            {"name": "film.mp4", "mimeType": "video/mp4", "buffer": film()[:2000]},
        ]
    )
    expect(page.locator(".media-list")).to_contain_text("film.mp4: This video can’t be read")
    expect(page.locator(".media-item")).to_contain_text("3 pages")
    expect(page.locator("#previews")).to_contain_text("does not take this kind of file here. It takes: images")
    page.locator(".media-item [data-remove]").click()
    expect(page.locator("#previews")).not_to_contain_text("does not take")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
