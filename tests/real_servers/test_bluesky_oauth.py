"""OAuth with the real authorization server: PAR, PKCE, DPoP, and its consent pages in a real browser."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Request, sync_playwright
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from socialops.networks.errors import AuthError
from socialops.networks.ports import Authorization, Connector
from tests.fakes.files import media
from tests.networks.driving import content, publish
from tests.real_servers.conftest import PASSWORD, Person, target_of
from tests.real_servers.servers import AtprotoNetwork

pytestmark = pytest.mark.networks

REDIRECT = "http://127.0.0.1:1/networks/bluesky/return"  # never served: its address is all we need
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]


def _click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click(timeout=15_000)


def consent(authorization: Authorization, answer: str) -> dict[str, str]:
    """Sign in on the server's pages and press `answer`; gives the query of the return."""
    returned: list[str] = []

    def watch(request: Request) -> None:
        if request.url.startswith(REDIRECT):
            returned.append(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=ARGUMENTS
        )
        page = browser.new_page(locale="en-US")
        page.on("request", watch)
        page.goto(authorization.url)
        field = page.locator('input[name="password"], input[type="password"]').first
        field.wait_for(timeout=15_000)
        field.fill(PASSWORD)
        _click(page, "Sign in")
        with contextlib.suppress(BrowserTimeoutError):
            _click(page, answer)
        deadline = time.monotonic() + 15
        while not returned and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        words = page.inner_text("body")
        browser.close()
    assert returned, f"the server never sent us back; its page said: {words}"
    parts = urlsplit(returned[0])
    return dict(parse_qsl(parts.query or parts.fragment))


@pytest.fixture
def start(bluesky: Connector, network: AtprotoNetwork) -> Callable[[Person], Authorization]:
    def begin(person: Person) -> Authorization:
        return bluesky.authorization(
            base_url=network.pds, redirect_uri=REDIRECT, app={}, login_hint=f"@{person.handle}"
        )

    return begin


def complete(connector: Connector, query: dict[str, str], authorization: Authorization) -> Any:
    pending = json.loads(json.dumps(dict(authorization.pending)))
    return connector.complete_authorization(query=query, pending=pending, redirect_uri=REDIRECT, app={})


def test_connect_publish_refresh_and_revoke_with_the_real_authorization_server(
    bluesky: Connector, network: AtprotoNetwork, us: Person, start: Callable[[Person], Authorization]
) -> None:
    authorization = start(us)
    query = consent(authorization, "Authorize")
    with pytest.raises(AuthError) as forged:
        complete(bluesky, {**query, "state": "forged"}, authorization)
    assert forged.value.code == "state_mismatch"
    with pytest.raises(AuthError) as other:
        complete(bluesky, {**query, "iss": "https://evil.example"}, authorization)
    assert other.value.code == "issuer_mismatch"

    (account,) = complete(bluesky, query, authorization)
    assert (account.external_id, account.handle) == (us.did, us.handle)
    target = target_of(account, bluesky, network.pds)
    assert target.credentials.expires_at is not None
    assert bluesky.verify(target).handle == us.handle
    published = publish(bluesky, target, content("Par OAuth", media=(media(),)))
    assert us.client.com.atproto.repo.list_records({"repo": us.did, "collection": "app.bsky.feed.post"}).records
    bluesky.delete(target, external_id=published.external_id)

    with pytest.raises(AuthError):
        complete(bluesky, query, authorization)  # a code works once

    authorization = start(us)
    (account,) = complete(bluesky, consent(authorization, "Authorize"), authorization)
    target = target_of(account, bluesky, network.pds)
    fresh = bluesky.refresh(target)
    assert fresh is not None
    assert fresh.values["refresh_token"] != target.credentials.values["refresh_token"]
    renewed = replace(target, credentials=fresh)
    assert bluesky.verify(renewed).external_id == us.did
    bluesky.revoke(renewed, app={})
    bluesky.revoke(renewed, app={})
    with pytest.raises(AuthError) as ended:
        bluesky.refresh(renewed)
    assert ended.value.code == "token_revoked"


def test_a_person_who_says_no(bluesky: Connector, us: Person, start: Callable[[Person], Authorization]) -> None:
    authorization = start(us)
    query = consent(authorization, "Deny access")
    with pytest.raises(AuthError) as refused:
        complete(bluesky, query, authorization)
    assert refused.value.code == "consent_refused"


def test_a_handle_nobody_has(bluesky: Connector, network: AtprotoNetwork) -> None:
    with pytest.raises(AuthError) as unknown:
        bluesky.authorization(base_url=network.pds, redirect_uri=REDIRECT, app={}, login_hint="nobody-here.test")
    assert unknown.value.code == "account_not_found"
