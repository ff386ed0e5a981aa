"""What happened before anybody looked: imported once, in order, with its dates."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from socialops.sandbox.models import NETWORKS
from tests.fakes.files import movie
from tests.sandbox_server import Sandbox, start_sandbox

PAST = "2026-10-01T09:30:00+02:00"
ACCOUNTS = {"mastodon": "maison_lumiere", "bluesky": "maison-lumiere.test", "facebook": "maison_lumiere"}


def history(network: str, picture: bytes) -> dict[str, Any]:
    account = {"network": network, "account": ACCOUNTS[network]}
    comments = [
        {"author": "Hugo Petit", "text": "Bof.", "created_at": "2026-10-01T11:00:00+02:00"},
        {"author": "Rose Nguyen", "text": "J’adore !", "created_at": "2026-10-01T10:00:00+02:00"},
    ]
    post = {
        **account,
        "key": "p1",
        "text": "La lampe Aurore",
        "created_at": PAST,
        "files": ["lamp"],
        "comments": comments,
    }
    older = {**account, "key": "p0", "text": "Avant", "created_at": "2026-09-01T09:30:00+02:00"}
    mention = {**account, "key": "m1", "author": "Rose Nguyen", "text": "Vu chez {at}"}
    mention["created_at"] = "2026-10-01T12:00:00+02:00"
    return {
        "files": {"lamp": {"content": base64.b64encode(picture).decode(), "alt": "Une lampe"}},
        "posts": [{**post, "likes": 37, "shares": 4, "views": 900, "clicks": 12}, older],
        "mentions": [mention],
    }


def bring(sandbox: Sandbox, http: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(f"{sandbox.home}/_history", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("network", ACCOUNTS)
def test_a_history_comes_once_with_its_dates_and_in_their_order(
    sandbox: Sandbox, http: httpx.Client, picture: bytes, network: str
) -> None:
    made = bring(sandbox, http, history(network, picture))
    assert bring(sandbox, http, history(network, picture)) == made
    found = sandbox.posts(network)
    assert [post["created_at"] for post in found] == sorted(post["created_at"] for post in found)
    assert len(found) == 5
    lamp = next(post for post in found if post["key"] == "p1")
    assert lamp["created_at"] == "2026-10-01T07:30:00.000Z"
    assert lamp["likes"] == 37
    assert len(lamp["media"]) == 1
    assert "{at}" not in next(post["text"] for post in found if post["key"] == "m1")
    page = http.get(made["posts"][0]["url"])
    assert page.status_code == 200
    assert "La lampe Aurore" in page.text
    assert "Rose Nguyen" in page.text


def test_mastodon_shows_it_as_its_own(sandbox: Sandbox, http: httpx.Client, picture: bytes) -> None:
    made = bring(sandbox, http, history("mastodon", picture))
    token = {"Authorization": "Bearer sandbox-mastodon-maison_lumiere"}
    status = http.get(f"{sandbox.mastodon}/api/v1/statuses/{made['posts'][0]['id']}").json()
    assert (status["favourites_count"], status["reblogs_count"], status["replies_count"]) == (37, 4, 2)
    notices = http.get(f"{sandbox.mastodon}/api/v1/notifications", headers=token).json()
    assert [notice["created_at"][:16] for notice in notices] == [
        "2026-10-01T10:00",
        "2026-10-01T09:00",
        "2026-10-01T08:00",
    ]


def test_facebook_measures_it(sandbox: Sandbox, http: httpx.Client, picture: bytes) -> None:
    made = bring(sandbox, http, history("facebook", picture))
    params = {"metric": "post_media_view,post_clicks", "access_token": "sandbox-facebook-maison_lumiere"}
    rows = http.get(f"{sandbox.facebook}/v26.0/{made['posts'][0]['id']}/insights", params=params).json()["data"]
    assert {row["name"]: row["values"][0]["value"] for row in rows} == {"post_media_view": 900, "post_clicks": 12}


def test_it_survives_a_restart_in_its_order(tmp_path: Path, http: httpx.Client, picture: bytes) -> None:
    with start_sandbox(data=tmp_path) as first:
        for network in ACCOUNTS:
            bring(first, http, history(network, picture))
        before = {network: first.posts(network) for network in ACCOUNTS}
    with start_sandbox(data=tmp_path) as second:
        assert {network: second.posts(network) for network in ACCOUNTS} == before


def test_every_network_takes_a_history(sandbox: Sandbox, http: httpx.Client) -> None:
    film = {"film": {"content": base64.b64encode(movie()).decode(), "alt": "Un film"}}
    for network in NETWORKS:
        told = http.get(f"{sandbox.url(network)}/_accounts").json()["accounts"]
        assert [account["name"] for account in told] == ["Maison Lumière", "Vélo Citadin", "Café Riviera"]
        comment = {"author": "Rose Nguyen", "text": "Et en noir ?", "created_at": "2026-10-01T10:00:00+02:00"}
        comment["answer"] = {"text": "Au printemps.", "created_at": "2026-10-01T10:20:00+02:00"}
        post = {
            "account": told[0]["id"],
            "key": "p1",
            "text": "Une lampe\nSoufflée",
            "created_at": PAST,
            "files": ["film"],
        }
        body = {"files": film, "posts": [{**post, "comments": [comment]}]}
        answer = http.post(f"{sandbox.url(network)}/_history", json=body)
        assert answer.status_code == 201, answer.text
        page = http.get(answer.json()["posts"][0]["url"]).text
        for words in ("Soufflée", "<video", "Et en noir", "Au printemps."):
            assert words in page, (network, words)
        (ours,) = answer.json()["posts"][0]["answers"]
        assert ours["text"] == "Au printemps."
        (there,) = [one for one in sandbox.posts(network) if one["id"] == ours["id"]]
        assert there["text"].endswith("Au printemps.")
        assert "Au printemps." in http.get(ours["url"]).text, network
        again = http.post(f"{sandbox.url(network)}/_history", json=body)
        assert again.json() == answer.json(), network


def test_private_messages_come_once_and_only_where_there_are_any(sandbox: Sandbox, http: httpx.Client) -> None:
    account = http.get(f"{sandbox.url('x')}/_accounts").json()["accounts"][0]
    message = {"account": account["id"], "key": "w1", "author": "Rose Nguyen", "text": "Bonjour", "created_at": PAST}
    for _time in range(2):
        assert http.post(f"{sandbox.url('x')}/_history", json={"messages": [message]}).status_code == 201
    bearer = {"Authorization": f"Bearer {account['access_token']}"}
    events = http.get(f"{sandbox.url('x')}/2/dm_events", headers=bearer).json()
    assert [event["text"] for event in events["data"]] == ["Bonjour"]
    page = http.get(f"{sandbox.url('tiktok')}/_accounts").json()["accounts"][0]
    refused = http.post(f"{sandbox.url('tiktok')}/_history", json={"messages": [{**message, "account": page["id"]}]})
    assert refused.status_code == 400
    assert "privately" in refused.json()["error"]


def test_a_quote_shows_what_it_quotes(sandbox: Sandbox, http: httpx.Client) -> None:
    account = http.get(f"{sandbox.url('x')}/_accounts").json()["accounts"][0]
    quote = {"author": "Rose Nguyen", "text": "quote: Regardez", "created_at": "2026-10-01T10:00:00+02:00"}
    post = {"account": account["id"], "key": "p1", "text": "La lampe Aurore", "created_at": PAST, "comments": [quote]}
    http.post(f"{sandbox.url('x')}/_history", json={"posts": [post]})
    feed = http.get(f"{sandbox.url('x')}/").text
    shown = feed[feed.index("Regardez") : feed.index("</blockquote>")]
    assert "La lampe Aurore" in shown


def test_players_may_jump_ahead(sandbox: Sandbox, http: httpx.Client) -> None:
    account = http.get(f"{sandbox.url('youtube')}/_accounts").json()["accounts"][0]
    film = movie()
    files = {"film": {"content": base64.b64encode(film).decode()}}
    post = {"account": account["id"], "key": "p1", "text": "Une lampe", "created_at": PAST, "files": ["film"]}
    made = http.post(f"{sandbox.url('youtube')}/_history", json={"files": files, "posts": [post]}).json()
    page = http.get(made["posts"][0]["url"]).text
    place = page[page.index("/media/") :].split('"')[0]
    part = http.get(f"{sandbox.url('youtube')}{place}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, film[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(film)}"
    rest = http.get(f"{sandbox.url('youtube')}{place}", headers={"Range": f"bytes={len(film) - 5}-"})
    assert rest.content == film[-5:]
    beyond = http.get(f"{sandbox.url('youtube')}{place}", headers={"Range": f"bytes={len(film)}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"created_at": "yesterday"}, "ISO 8601"),
        ({"created_at": "2026-10-01T09:30:00"}, "zone"),
        ({"account": "nobody"}, "no account"),
        ({"network": "myspace"}, "must be one of"),
        ({"tags": ["lampe"]}, "Nothing here is called tags"),
        ({"files": ["other"]}, "not in"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_imported(
    sandbox: Sandbox, http: httpx.Client, change: dict[str, Any], words: str
) -> None:
    good = {"network": "mastodon", "account": "maison_lumiere", "key": "p", "text": "A", "created_at": PAST}
    answer = http.post(f"{sandbox.home}/_history", json={"posts": [good, {**good, **change}]})
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.posts() == []
