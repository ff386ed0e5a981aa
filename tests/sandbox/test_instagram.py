"""The Instagram stand-in where our connector doesn't go: what it refuses, what its readers see, what it keeps of the past."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.sandbox_server import Sandbox

ACCOUNT = "17841400000000001"
PATIENCE = 60.0  # seconds, for a busy machine


class Graph:
    def __init__(self, sandbox: Sandbox, http: httpx.Client, token: str = "sandbox-instagram-maison_lumiere") -> None:
        self.base, self.http = f"{sandbox.url('instagram')}/v26.0", http
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.request(
            method, f"{self.base}/{path}", headers=self.headers, **options
        ).json()
        return answer

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self.call("GET", path, params=params)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self.call("POST", path, json=body)

    def finished(self, container: str) -> str:
        """The container, once it is processed."""
        started = time.monotonic()
        while self.get(container, fields="status_code")["status_code"] != "FINISHED":
            assert time.monotonic() - started < PATIENCE, "it was never processed"
            time.sleep(0.05)
        return container

    def refusal(self, path: str, **body: Any) -> tuple[int, int]:
        error = self.post(path, **body)["error"]
        return error["code"], error.get("error_subcode", 0)


@pytest.fixture
def graph(sandbox: Sandbox, http: httpx.Client) -> Graph:
    return Graph(sandbox, http)


@pytest.fixture
def image(sandbox: Sandbox, picture: bytes) -> str:
    return sandbox.host(picture, "image/jpeg")


def test_containers_refuse_what_instagram_refuses(graph: Graph, sandbox: Sandbox, image: str) -> None:
    media = f"{ACCOUNT}/media"
    assert graph.refusal(media, caption="Rien que des mots") == (9004, 2207052)
    assert graph.refusal(media, image_url="http://example.com/a.jpg") == (9004, 2207052)
    assert graph.refusal(media, image_url=image, media_type="VIDEO") == (100, 2207023)
    assert graph.refusal(media, image_url=image, caption="x" * 2201) == (36004, 2207010)
    assert graph.refusal(media, image_url=image, caption="#a " * 31) == (100, 2207040)
    assert graph.refusal(media, image_url=image, is_carousel_item=True, collaborators=["a"]) == (100, 0)
    assert graph.refusal(media, media_type="CAROUSEL", children=["1"]) == (100, 2207028)
    assert graph.refusal(media, media_type="CAROUSEL", children=["1", "2"]) == (24, 2207006)
    assert graph.refusal(media, image_url=sandbox.host(b"words", "image/jpeg")) == (36001, 2207005)
    stranger = Graph(sandbox, graph.http, "sandbox-instagram-cafe_riviera")
    assert stranger.refusal(media, image_url=image) == (100, 33)
    own_login = Graph(sandbox, graph.http, "IGsandbox-maison_lumiere")
    assert own_login.refusal(media, media_type="REELS", upload_type="resumable") == (100, 0)


def test_a_container_is_published_once_and_its_children_never(graph: Graph, sandbox: Sandbox, image: str) -> None:
    sandbox.pace(8)  # more than a second and a half
    container = graph.post(f"{ACCOUNT}/media", image_url=image, caption="Une fois")["id"]
    sandbox.pace(1)
    assert graph.refusal(f"{ACCOUNT}/media_publish", creation_id=container) == (9007, 2207027)
    child = graph.post(f"{ACCOUNT}/media", image_url=image, is_carousel_item=True)["id"]
    graph.finished(child)
    graph.finished(container)
    media = graph.post(f"{ACCOUNT}/media_publish", creation_id=container)["id"]
    assert media != container
    assert graph.get(container, fields="status_code")["status_code"] == "PUBLISHED"
    assert graph.refusal(f"{ACCOUNT}/media_publish", creation_id=container) == (24, 2207006)
    assert graph.refusal(f"{ACCOUNT}/media_publish", creation_id=child) == (100, 33)
    assert [m["id"] for m in graph.get(f"{ACCOUNT}/media", fields="id")["data"]] == [media]


def test_one_metric_that_does_not_fit_fails_the_call(graph: Graph, image: str) -> None:
    container = graph.post(f"{ACCOUNT}/media", image_url=image)["id"]
    graph.finished(container)
    media = graph.post(f"{ACCOUNT}/media_publish", creation_id=container)["id"]
    wrong = graph.get(f"{media}/insights", metric="reach,ig_reels_avg_watch_time")["error"]
    assert wrong["message"].startswith("(#100) metric[1] must be one of")
    assert graph.get(f"{media}/insights", metric="facebook_views")["error"]["code"] == 1
    account = f"{ACCOUNT}/insights"
    assert "total_value" in graph.get(account, metric="likes", period="day")["error"]["message"]
    [reach] = graph.get(account, metric="reach", period="day")["data"]
    assert reach["values"][0]["value"] > 0
    [count] = graph.get(account, metric="follower_count", period="day")["data"]
    assert count["values"][0]["value"] > 0


def test_a_mention_is_read_by_its_id(graph: Graph, sandbox: Sandbox) -> None:
    told = sandbox.crowd("instagram", "mention", account="maison_lumiere", text="Quel accueil !")
    found = graph.get(ACCOUNT, fields=f"mentioned_media.media_id({told['id']}){{caption,username}}")
    assert found["mentioned_media"]["caption"].endswith("Quel accueil !")
    assert graph.get(ACCOUNT, fields="mentioned_media.media_id(1){id}")["error"]["code"] == 100


def test_readers_see_pictures_captions_and_comments(graph: Graph, sandbox: Sandbox, image: str) -> None:
    container = graph.post(f"{ACCOUNT}/media", image_url=image, caption="Lampe #laiton", alt_text="Une lampe")["id"]
    graph.finished(container)
    media = graph.post(f"{ACCOUNT}/media_publish", creation_id=container)["id"]
    sandbox.crowd("instagram", "comment", post_id=media, text="<b>Superbe</b>")
    permalink = graph.get(media, fields="permalink")["permalink"]
    for url in (sandbox.url("instagram"), permalink, f"{sandbox.url('instagram')}/maison_lumiere/"):
        page = graph.http.get(url).text
        assert "Lampe" in page
        assert 'alt="Une lampe"' in page
        assert "&lt;b&gt;Superbe&lt;/b&gt;" in page
        assert "<script" not in page
    assert graph.http.get(f"{sandbox.url('instagram')}/nobody/").status_code == 404


def test_the_past_is_brought_in_with_its_pictures(sandbox: Sandbox, picture: bytes, graph: Graph) -> None:
    body = {
        "files": {"lampe": {"content": base64.b64encode(picture).decode(), "alt": "Une lampe"}},
        "posts": [
            {
                "account": "maison_lumiere",
                "key": "p1",
                "text": "Archive",
                "created_at": datetime(2026, 5, 1, tzinfo=UTC).isoformat(),
                "files": ["lampe"],
                "likes": 12,
                "views": 400,
                "comments": [{"author": "Léa Moreau", "text": "Joli", "created_at": "2026-05-02T10:00:00+00:00"}],
            }
        ],
    }
    made = sandbox.http.post(f"{sandbox.url('instagram')}/_history", json=body).json()["posts"][0]
    assert graph.http.get(made["url"]).status_code == 200
    seen = graph.get(made["id"], fields="caption,like_count,comments_count,timestamp,media_url,alt_text")
    assert (seen["caption"], seen["like_count"], seen["comments_count"]) == ("Archive", 12, 1)
    assert seen["timestamp"] == "2026-05-01T00:00:00+0000"
    assert graph.http.get(seen["media_url"]).content == picture
