"""A passkey in a virtual authenticator: registered, signed in with, removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
EMAIL = "hugo@lumiere.example"  # of nobody else's journey: with a passkey the password alone signs in no more


@pytest.fixture
def page(demo: Any, chromium: Browser) -> Iterator[Page]:
    """A browser with an authenticator that is always present and always says yes. At localhost: no passkey belongs to an IP address."""
    context = chromium.new_context(base_url=f"http://localhost:{urlsplit(demo.url).port}", locale="en-GB")
    context.set_default_timeout(15000)
    opened = context.new_page()
    devtools = context.new_cdp_session(opened)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert complaints == []


def _sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main form button[type=submit], main form .btn").first.click()
    page.wait_for_url("**/accounts/login/**")


def test_a_passkey_is_registered_signs_in_and_is_removed(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form .btn-primary").first.click()
    page.wait_for_url("**/o/**")

    page.goto("/accounts/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)  # asked again, however fresh the session
    page.locator("main form button").first.click()
    page.fill("input[name=name]", "Laptop")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)

    _sign_out(page)
    page.click("#passkey_login")
    page.wait_for_url("**/o/**")

    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("Laptop")
    page.locator("main a[href$='/remove/']").first.click()
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/remove/" not in url)
    expect(page.locator("main")).not_to_contain_text("Laptop")
