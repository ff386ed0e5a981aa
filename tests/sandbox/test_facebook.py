"""The Facebook Pages stand-in, by plain Graph calls."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.sandbox_server import Sandbox

PAGE = "106700000000001"


class Graph:
    def __init__(self, sandbox: Sandbox, http: httpx.Client, token: str = "sandbox-facebook-maison_lumiere") -> None:
        self.base, self.http, self.headers = f"{sandbox.facebook}/v26.0", http, {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **options) -> httpx.Response:
        return self.http.request(method, f"{self.base}/{path}", headers=self.headers, **options)

    def get(self, path: str, **params):
        return self.call("GET", path, params=params).json()

    def post(self, path: str, **body):
        return self.call("POST", path, json=body).json()


@pytest.fixture
def graph(sandbox: Sandbox, http: httpx.Client) -> Graph:
    return Graph(sandbox, http)


def test_text_link_and_read_after_write(graph, sandbox):
    made = graph.call(
        "POST",
        f"{PAGE}/feed",
        params={"fields": "id,permalink_url"},
        data={"message": "Bonjour", "link": "https://example.com/a"},
    ).json()
    assert graph.http.get(made["permalink_url"]).status_code == 200
    found = graph.get(
        f"{PAGE}/published_posts",
        fields="id,message,created_time,permalink_url,status_type,attachments{target,media_type,unshimmed_url}",
        since=int(time.time()) - 60,
    )["data"]
    assert [(p["id"], p["message"]) for p in found] == [(made["id"], "Bonjour")]
    assert found[0]["attachments"]["data"][0]["unshimmed_url"] == "https://example.com/a"
    assert graph.get(f"{PAGE}/published_posts", since=int(time.time()) + 60)["data"] == []


def test_several_photos_with_alt_text(graph, sandbox, picture):
    ids = []
    for alt in ("une", "deux"):
        answer = graph.call(
            "POST",
            f"{PAGE}/photos",
            data={"published": "false", "alt_text_custom": alt},
            files={"source": ("a.jpg", picture, "image/jpeg")},
        )
        ids.append(answer.json()["id"])
    assert sandbox.posts("facebook") == []
    post = graph.post(f"{PAGE}/feed", message="album", attached_media=[{"media_fbid": key} for key in ids])
    album = graph.get(post["id"], fields="attachments{subattachments{target{id},media_type}}")["attachments"]["data"][
        0
    ]["subattachments"]["data"]
    assert [item["target"]["id"] for item in album] == ids
    assert graph.get(ids[1], fields="alt_text_custom,page_story_id") == {
        "alt_text_custom": "deux",
        "page_story_id": post["id"],
        "id": ids[1],
    }
    again = graph.post(f"{PAGE}/feed", message="encore", attached_media=json.dumps([{"media_fbid": ids[0]}]))
    assert again["error"]["code"] == 100
    assert 'alt="deux"' in sandbox.http.get(f"{sandbox.facebook}/").text


def test_one_photo_gives_a_post_of_its_own(graph, picture):
    made = graph.call(
        "POST", f"{PAGE}/photos", data={"caption": "Lampe"}, files={"source": ("a.jpg", picture, "image/jpeg")}
    ).json()
    assert made["post_id"].startswith(PAGE + "_")
    assert made["id"] != made["post_id"]
    assert graph.get(made["post_id"])["message"] == "Lampe"
    bad = graph.call("POST", f"{PAGE}/photos", files={"source": ("a.jpg", b"text", "image/jpeg")}).json()
    assert bad["error"]["error_subcode"] == 1366046


def test_comments_replies_hiding_and_counts(graph, sandbox):
    post = graph.post(f"{PAGE}/feed", message="x")["id"]
    theirs = sandbox.crowd("facebook", "comment", post_id=post, text="Bravo", author="Léa Moreau")["id"]
    mine = graph.post(f"{theirs}/comments", message="Merci")["id"]
    sandbox.crowd("facebook", "like", post_id=post)
    top = graph.get(f"{post}/comments", fields="id,message,from{id,name},parent{id},can_hide", summary="total_count")
    assert [(c["message"], c["from"]["name"]) for c in top["data"]] == [("Bravo", "Léa Moreau")]
    assert top["summary"]["total_count"] == 2
    stream = graph.get(f"{post}/comments", filter="stream", fields="id,parent{id}")["data"]
    assert [(c["id"], c.get("parent", {}).get("id")) for c in stream] == [(theirs, None), (mine, theirs)]
    assert graph.post(theirs, is_hidden=True) == {"success": True}
    assert graph.get(theirs, fields="is_hidden")["is_hidden"] is True
    counts = graph.get(post, fields="reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)")
    assert (counts["reactions"], counts["comments"]["summary"]["total_count"]) == (
        {"data": [], "summary": {"total_count": 1}},
        2,
    )
    person = Graph(sandbox, graph.http, "sandbox-facebook-user")
    assert person.post(f"{post}/comments", message="x")["error"]["code"] == 1705


def test_edit_delete_and_another_pages_post(graph, sandbox):
    post = graph.post(f"{PAGE}/feed", message="un")["id"]
    assert graph.post(post, message="deux") == {"success": True}
    stranger = Graph(sandbox, graph.http, "sandbox-facebook-cafe_riviera")
    for answer in (stranger.get(post), stranger.post(post, message="x"), stranger.post(f"{PAGE}/feed", message="x")):
        assert (answer["error"]["code"], answer["error"]["error_subcode"]) == (100, 33)
    assert [graph.call("DELETE", post).status_code for _ in range(2)] == [200, 400]
    assert graph.get(post)["error"]["error_subcode"] == 33
    assert sandbox.posts("facebook") == []


def test_mentions_are_tagged_posts(graph, sandbox):
    sandbox.crowd("facebook", "mention", account="maison_lumiere", text="Maison Lumière, quel accueil !")
    [post] = graph.get(f"{PAGE}/tagged", fields="message,from")["data"]
    assert post["message"] == "Maison Lumière, quel accueil !"


def test_insights_by_current_names_only(graph):
    post = graph.post(f"{PAGE}/feed", message="x")["id"]
    week = graph.get(
        f"{PAGE}/insights", metric="page_media_view,page_follows", period="day", since="2026-11-01", until="2026-11-08"
    )["data"]
    assert [(s["name"], len(s["values"])) for s in week] == [("page_media_view", 7), ("page_follows", 7)]
    assert (
        week
        == graph.get(
            f"{PAGE}/insights",
            metric="page_media_view,page_follows",
            period="day",
            since="2026-11-01",
            until="2026-11-08",
        )["data"]
    )
    assert week[0]["values"][0]["end_time"].endswith("+0000")
    for dead in ("page_impressions", "page_media_view,page_fans"):
        assert "valid insights metric" in graph.get(f"{PAGE}/insights", metric=dead)["error"]["message"]
    reads = graph.get(f"{post}/insights", metric="post_media_view,post_reactions_by_type_total")["data"]
    assert reads[0]["period"] == "lifetime"
    assert graph.get(f"{post}/insights", metric="post_impressions")["error"]["code"] == 100


def test_fields_ids_versions_and_errors(graph, sandbox, http):
    assert graph.get("me", fields="id,name,followers_count")["name"] == "Maison Lumière"
    post = graph.post(f"{PAGE}/feed", message="x")["id"]
    many = http.get(
        f"{sandbox.facebook}/", params={"ids": f"{post},{PAGE}", "fields": "id"}, headers=graph.headers
    ).json()
    assert set(many) == {post, PAGE}
    assert http.get(f"{sandbox.facebook}/{post}", headers=graph.headers).json()["message"] == "x"
    assert "nonexisting field" in graph.get(post, fields="nonsense")["error"]["message"]
    assert graph.get(post, fields="comments{id")["error"]["code"] == 2500
    assert graph.post(f"{PAGE}/feed", message=" ")["error"]["code"] == 100
    assert graph.post(f"{PAGE}/feed", message="x" * 63207)["error"]["code"] == 100
    assert http.get(f"{graph.base}/me").json()["error"]["code"] == 104
    unknown = http.get(f"{graph.base}/me", headers={"Authorization": "Bearer no"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, 190)
    usage = graph.call("GET", "me").headers
    assert json.loads(usage["X-Business-Use-Case-Usage"])[PAGE][0]["type"] == "pages"
    assert json.loads(usage["X-App-Usage"])["call_count"] == 0
