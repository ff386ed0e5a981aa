"""The document that Bluesky's servers fetch to know us."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from socialops.networks.bluesky.dpop import new_key


def test_says_who_we_are_without_a_secret(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://social.example"
    answer = client.get("/oauth/bluesky/client-metadata.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    said = answer.json()
    assert said["client_id"] == "https://social.example/oauth/bluesky/client-metadata.json"
    assert said["redirect_uris"] == ["https://social.example/connect/bluesky/callback/"]
    assert said["token_endpoint_auth_method"] == "none"
    assert "jwks" not in said


def test_publishes_only_the_public_half_of_the_key(client: Client, settings: Any) -> None:
    key = {**new_key(), "kid": "2026"}
    bluesky = {"client_id": "", "client_secret": json.dumps(key), "base_url": ""}
    settings.NETWORKS = {**settings.NETWORKS, "bluesky": bluesky}
    answer = client.get("/oauth/bluesky/client-metadata.json")
    [public] = answer.json()["jwks"]["keys"]
    assert (public["kid"], public["alg"], public["x"]) == ("2026", "ES256", key["x"])
    assert key["d"] not in answer.content.decode()
