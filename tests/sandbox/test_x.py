"""The X stand-in, where the connector doesn't reach: its pages, its strictness, its consent page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox_server import Sandbox, start_sandbox

TOKEN = {"Authorization": "Bearer sandbox-x-maison_lumiere"}


@pytest.fixture
def base(sandbox: Sandbox) -> str:
    return sandbox.url("x")


def post(base: str, http: httpx.Client, **body: Any) -> httpx.Response:
    return http.post(f"{base}/2/tweets", json=body, headers=TOKEN)


def test_readers_see_posts_with_their_replies(base: str, http: httpx.Client, sandbox: Sandbox) -> None:
    made = post(base, http, text="Bonjour @velo_citadin https://example.com").json()["data"]["id"]
    sandbox.crowd("x", "comment", post_id=made, text="Joli")
    for path in ("/", "/maison_lumiere", f"/maison_lumiere/status/{made}"):
        page = http.get(base + path).text
        assert "Bonjour" in page
        assert "Joli" in page
    assert http.get(f"{base}/nobody").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"text": "Bonjour", "colour": "red"},
        {"text": "Bonjour", "reply_settings": "everyone"},
        {"text": "Bonjour", "made_with_ai": "yes"},
        {"text": ""},
        {"text": "a\ufffe"},
        {"text": "é" * 281},
        {"text": "Bonjour", "media": {"media_ids": ["1"]}},
        {"text": "Bonjour", "media": {"media_ids": []}},
        {"text": "Bonjour", "media": {"media_ids": ["1"]}, "poll": {}},
        {"text": "Bonjour", "reply": {}},
    ],
)
def test_what_the_schema_forbids_is_an_invalid_request(base: str, http: httpx.Client, body: dict[str, Any]) -> None:
    answer = post(base, http, **body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")


def test_what_self_serve_apps_may_not(base: str, http: httpx.Client, sandbox: Sandbox) -> None:
    stranger = sandbox.crowd("x", "mention", account="velo_citadin", text="")["id"]
    assert post(base, http, text="Bonjour", quote_tweet_id=stranger).status_code == 403
    refused = post(base, http, text="Bonjour", reply={"in_reply_to_tweet_id": stranger})
    assert refused.status_code == 403
    assert "have not been mentioned" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"tweet.fields": "text", "post.fields": "text"},
        {"tweet.fields": "note_post"},
        {"post.fields": "author_id"},
        {"colour": "red"},
        {"max_results": "4"},
        {"expansions": "referenced_posts", "tweet.fields": "text"},
    ],
)
def test_unknown_and_mixed_parameters_are_refused(base: str, http: httpx.Client, query: dict[str, str]) -> None:
    answer = http.get(f"{base}/2/users/1700000000000000001/tweets", params=query, headers=TOKEN)
    assert answer.status_code == 400, answer.text


def test_consent_wants_pkce_and_known_scopes(base: str, http: httpx.Client) -> None:
    good = {
        "response_type": "code",
        "client_id": "sandbox-app",
        "redirect_uri": "http://127.0.0.1:1/back",
        "scope": "tweet.read users.read",
        "state": "s",
        "code_challenge": "c",
        "code_challenge_method": "plain",
    }
    page = http.get(f"{base}/i/oauth2/authorize", params=good)
    assert page.status_code == 200
    assert "@maison_lumiere" in page.text
    for name, value in (
        ("scope", "everything"),
        ("code_challenge", ""),
        ("client_id", "x"),
        ("redirect_uri", "ftp://x"),
    ):
        assert http.get(f"{base}/i/oauth2/authorize", params={**good, name: value}).status_code == 400
    form = {**good, "account": "1700000000000000001", "decision": "allow"}
    back = http.post(f"{base}/i/oauth2/authorize", data=form)
    code = httpx.URL(back.headers["location"]).params["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": good["redirect_uri"]}
    basic = ("sandbox-app", "sandbox-secret")
    wrong = http.post(f"{base}/2/oauth2/token", data={**grant, "code_verifier": "other"}, auth=basic)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    assert http.post(f"{base}/2/oauth2/token", data=grant, auth=("sandbox-app", "no")).status_code == 401


def test_limits_are_counted_in_headers(base: str, http: httpx.Client) -> None:
    left = [int(post(base, http, text=f"n{n}").headers["x-rate-limit-remaining"]) for n in range(2)]
    assert left[0] - left[1] == 1
    assert http.get(f"{base}/2/tweets/1").status_code == 401


# ---------------------------------------------------------------- articles


def draft(base: str, http: httpx.Client, **body: Any) -> httpx.Response:
    usual = {"title": "Réparer", "content_state": {"blocks": [{"text": "Bonjour", "type": "unstyled"}], "entities": []}}
    return http.post(f"{base}/2/articles/draft", json={**usual, **body}, headers=TOKEN)


def state(block: dict[str, Any], *entities: dict[str, Any]) -> dict[str, Any]:
    return {"content_state": {"blocks": [{"text": "Bonjour", "type": "unstyled", **block}], "entities": list(entities)}}


LINK = {"key": "0", "value": {"type": "link", "mutability": "mutable", "data": {"url": "https://example.com"}}}


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"title": None},
        {"text": "Bonjour"},
        {"content_state": {"blocks": []}},
        {"content_state": {"blocks": [{"text": "Bonjour"}], "entities": []}},
        state({"type": "paragraph"}),
        state({"depth": 0}),
        state({"inlineStyleRanges": []}),
        state({"inline_style_ranges": [{"offset": 0, "length": 3, "style": "Bold"}]}),
        state({"inline_style_ranges": [{"offset": 5, "length": 3, "style": "bold"}]}),
        state({"inline_style_ranges": [{"offset": -1, "length": 3, "style": "bold"}]}),
        state({"entity_ranges": [{"key": 0, "offset": 0, "length": 3}]}),
        state({"type": "atomic", "text": " "}),
        state({"data": {"mentions": [{"from_index": 0, "to_index": 8, "text": "Bonjour"}]}}),
        state({}, {**LINK, "value": {**LINK["value"], "type": "table"}}),
        state({}, {**LINK, "value": {**LINK["value"], "data": {}}}),
        state({}, {**LINK, "value": {**LINK["value"], "data": {"href": "https://example.com"}}}),
        state({"text": "é" * 100_001}),
        {"cover_media": {"media_id": "1", "media_category": "tweet_image"}},
        {"cover_media": {"media_id": "1"}},
    ],
)
def test_a_draft_that_the_document_forbids_is_refused(base: str, http: httpx.Client, body: dict[str, Any]) -> None:
    answer = draft(base, http, **body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")


def test_a_draft_is_published_once_by_its_subscriber(base: str, http: httpx.Client, sandbox: Sandbox) -> None:
    made = draft(base, http, **state({"entity_ranges": [{"key": 0, "offset": 0, "length": 7}]}, LINK))
    assert made.status_code == 201
    before = len(sandbox.posts("x"))
    path = f"{base}/2/articles/{made.json()['data']['id']}/publish"
    assert http.post(path, headers=TOKEN).status_code == 403
    http.put(f"{base}/_subscription", json={"account": "maison_lumiere", "type": "Premium"})
    other = {"Authorization": "Bearer sandbox-x-velo_citadin"}
    assert http.post(path, headers=other).status_code == 404
    assert len(sandbox.posts("x")) == before
    assert set(http.post(path, headers=TOKEN).json()["data"]) == {"post_id"}
    assert http.post(path, headers=TOKEN).status_code == 400
    assert len(sandbox.posts("x")) == before + 1


def test_a_day_takes_ten_drafts_refused_ones_too() -> None:
    with start_sandbox(rate_limits="real") as limited:
        for number in range(10):
            assert draft(limited.url("x"), limited.http, title="Réparer" if number else "").status_code in (201, 400)
        answer = draft(limited.url("x"), limited.http)
        assert answer.status_code == 429
        assert answer.headers["x-user-limit-24hour-remaining"] == "0"
