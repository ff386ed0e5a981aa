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
