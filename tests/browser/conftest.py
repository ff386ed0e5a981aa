"""The product as people meet it: `make demo`'s own processes on free ports, and headless Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from socialops.sandbox.models import NETWORKS

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "socialops" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
START_SECONDS = 300
CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PASSWORD = "socialops-demo"


def _free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    for start in range(20100 + os.getpid() % 1000 * 8, 60000, count):
        try:
            for port in range(start, start + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return start
    raise RuntimeError("no free ports")


@dataclass
class Demo:
    url: str
    sandbox_port: int
    data: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def sandbox(self, step: int = 0) -> str:
        """Home (0), then the networks in the order of `NETWORKS`: Mastodon (1), Bluesky (2), Facebook (3), …"""
        return f"http://127.0.0.1:{self.sandbox_port + step}"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A fresh demo, started the way a newcomer starts it; stopped by Ctrl-C."""
    first = _free_ports(2 + len(NETWORKS))  # the product's, the home page's, and one a network
    data = ROOT / ".test" / f"browser-{os.getpid()}"
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "SOCIALOPS_DURABLE"}
    } | {"PORT": str(first), "SANDBOX_PORT": str(first + 1), "SOCIALOPS_DATA_DIR": str(data)}
    process = subprocess.Popen(
        [sys.executable, "-m", "socialops.embedded", "demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Demo(f"http://127.0.0.1:{first}", first + 1, data, process)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            running.lines.append(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    deadline = time.monotonic() + START_SECONDS
    while not any("SocialOps is ready" in line for line in running.lines):
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            pytest.fail("the demo did not start:\n" + "".join(running.lines[-40:]))
        time.sleep(0.2)
    yield running
    process.send_signal(2)
    process.wait(timeout=60)
    reader.join(timeout=5)
    assert process.stdout is not None
    process.stdout.close()
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: `make test` says how to install it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Person:
    """A signed-in browser, and everything the console or the network complained about."""

    page: Page
    context: BrowserContext
    complaints: list[str]


@pytest.fixture(scope="session")
def _sessions() -> dict[str, Any]:
    return {}


@pytest.fixture
def person(demo: Demo, chromium: Browser, _sessions: dict[str, Any]) -> Iterator[Callable[..., Person]]:
    """`person("claire@lumiere.example", width=390, language="en", dark=True)`; complaints of any page fail the test."""
    opened: list[Person] = []

    def sign_in(
        email: str, *, width: int = 1440, language: str = "fr", dark: bool = False, touch: bool = False
    ) -> Person:
        context = chromium.new_context(
            base_url=demo.url,
            viewport={"width": width, "height": 900 if width > 600 else 844},
            locale="fr-FR" if language == "fr" else "en-GB",
            timezone_id="Europe/Paris",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=touch,
            storage_state=_sessions.get(email),
        )
        context.set_default_timeout(15000)
        context.add_cookies([{"name": "django_language", "value": language, "url": demo.url}])
        page = context.new_page()
        someone = Person(page, context, [])
        # htmx reports a request that a newer one replaced, which is what typing does, as an error
        replaced = (
            "htmx:sendAbort",
            "htmx:afterRequest",
            "Failed to load resource",
        )  # answers are judged by status below
        page.on(
            "console",
            lambda message: (
                someone.complaints.append(message.text)
                if message.type == "error" and not message.text.startswith(replaced)
                else None
            ),
        )
        page.on("pageerror", lambda error: someone.complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: someone.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )
        opened.append(someone)
        if email not in _sessions:
            page.goto("/accounts/login/")
            page.fill("input[name=login]", email)
            page.fill("input[name=password]", PASSWORD)
            page.locator("main form .btn-primary").first.click()
            page.wait_for_url("**/o/**")
            _sessions[email] = context.storage_state()
        return someone

    yield sign_in
    complaints = [complaint for someone in opened for complaint in someone.complaints]
    for someone in opened:
        someone.context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """WCAG 2.2 AA by axe-core: a line each for what it finds. The window is as tall as the page meanwhile: what a bar at its edge covers depends on where one has scrolled to, and
    axe would call it a target too small.
    """
    source = AXE.read_text()

    def run(page: Page) -> list[str]:
        page.evaluate(source)
        window = page.viewport_size
        assert window is not None
        tall = max(window["height"], page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({**window, "height": tall})
        found = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
        page.set_viewport_size(window)
        return [
            f"{v['id']} {node['target']} {node['failureSummary']}" for v in found["violations"] for node in v["nodes"]
        ]

    return run


@pytest.fixture(scope="session")
def crowd(demo: Demo) -> Callable[..., Any]:
    """Make somebody on a sandbox network say something now."""

    def act(**body: Any) -> Any:
        answer = httpx.post(f"{demo.sandbox()}/_crowd", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    return act
