"""Meta's own Python client against the Facebook stand-in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.user import User
from facebook_business.exceptions import FacebookRequestError

from socialops.networks.subtitles import as_srt
from tests.fakes.files import movie, picture, subtitles
from tests.real_servers.graph import graph_api
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = [
    pytest.mark.networks,
    # its own table of fields and types is behind Meta's documentation
    pytest.mark.filterwarnings("ignore:.*(does not allow field|might not be compatible):UserWarning"),
]

PAGE = "106700000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    with graph_api(sandbox.facebook, "sandbox-facebook-maison_lumiere") as api:
        yield Page(PAGE, api=api)


def until_ready(video: AdVideo) -> dict[str, Any]:
    for _ in range(60):
        status = video.api_get(fields=["status", "post_id", "published"]).export_all_data()
        if status["status"]["video_status"] == "ready":
            return status
        time.sleep(0.1)
    raise AssertionError(status)


def test_the_pages_of_a_person_come_with_their_tokens(sandbox: Sandbox) -> None:
    with graph_api(sandbox.facebook, "sandbox-facebook-user") as api:
        pages = list(User("me", api=api).get_accounts(fields=["id", "name", "access_token", "tasks"]))
    assert [page["id"] for page in pages[:3]] == ["106700000000001", "106700000000002", "106700000000003"]
    assert pages[0]["access_token"] == "sandbox-facebook-maison_lumiere"
    assert "CREATE_CONTENT" in pages[0]["tasks"]


def test_text_photos_comment_and_counters(sandbox: Sandbox, page: Page) -> None:
    api = page.get_api()
    photo = page.create_photo(params={"url": sandbox.host(picture(), "image/jpeg"), "published": False})
    made = page.create_feed(params={"message": "Nouvelle lampe", "attached_media": [{"media_fbid": photo["id"]}]})
    post = PagePost(made["id"], api=api)
    assert post.api_get(fields=["message", "permalink_url"])["message"] == "Nouvelle lampe"
    comment = post.create_comment(params={"message": "Disponible en ligne"})
    theirs = sandbox.crowd("facebook", "comment", post_id=made["id"], text="Bravo")["id"]
    said = {c["id"]: c["message"] for c in post.get_comments(fields=["id", "message"], params={"filter": "stream"})}
    assert said == {comment["id"]: "Disponible en ligne", theirs: "Bravo"}
    Comment(theirs, api=api).api_update(params={"is_hidden": True})
    assert Comment(theirs, api=api).api_get(fields=["is_hidden"])["is_hidden"] is True
    [views] = post.get_insights(params={"metric": ["post_media_view"], "period": "lifetime"})
    assert views["values"] == [{"value": 0}]
    assert made["id"] in [p["id"] for p in page.get_published_posts(fields=["id"])]
    post.api_update(params={"message": "Nouvelle lampe, en laiton"})
    assert post.api_get(fields=["message"])["message"] == "Nouvelle lampe, en laiton"
    post.api_delete()
    with pytest.raises(FacebookRequestError) as gone:
        post.api_get(fields=["message"])
    assert (gone.value.api_error_code(), gone.value.api_error_subcode()) == (100, 33)


def test_subtitles_of_a_video_by_locale(sandbox: Sandbox, page: Page, tmp_path: Path) -> None:
    """Sent by the client's own call below its generated methods: those open the file by its name and never close it."""
    api = page.get_api()
    made = page.create_video(params={"file_url": sandbox.host(movie(), "video/mp4"), "description": "Le film"})
    film, path = AdVideo(made["id"], api=api), tmp_path / "atelier.fr_FR.srt"
    until_ready(film)
    path.write_text(as_srt(subtitles().webvtt), encoding="utf-8")

    def add() -> dict[str, Any]:
        with path.open("rb") as file:
            answer = api.call(
                "POST", (made["id"], "captions"), params={"default_locale": "fr_FR"}, files={"captions_file": file}
            )
            return dict(answer.json())

    assert add() == {"success": True}
    tracks = [track.export_all_data() for track in film.get_captions(fields=["locale", "is_default"])]
    assert [(track["locale"], track["is_default"]) for track in tracks] == [("fr_FR", True)]
    with pytest.raises(FacebookRequestError) as there:
        add()
    assert there.value.api_error_code() == 482


def test_a_video_a_reel_and_a_story(sandbox: Sandbox, page: Page) -> None:
    api, film = page.get_api(), movie(3, 540, 960)
    made = page.create_video(params={"file_url": sandbox.host(film, "video/mp4"), "description": "Le film"})
    status = until_ready(AdVideo(made["id"], api=api))
    assert status["published"] is True
    assert PagePost(f"{PAGE}_{status['post_id']}", api=api).api_get(fields=["message"])["message"] == "Le film"
    started = page.create_video_reel(params={"upload_phase": "start"})
    headers = {"Authorization": "OAuth sandbox-facebook-maison_lumiere", "offset": "0", "file_size": str(len(film))}
    assert sandbox.http.post(started["upload_url"], content=film, headers=headers).json()["success"]
    params = {
        "upload_phase": "finish",
        "video_id": started["video_id"],
        "video_state": "PUBLISHED",
        "description": "Court",
    }
    page.create_video_reel(params=params)
    until_ready(AdVideo(started["video_id"], api=api))
    assert started["video_id"] in [reel["id"] for reel in page.get_video_reels()]
    insights = AdVideo(started["video_id"], api=api).get_video_insights(params={"period": "lifetime"})
    assert "blue_reels_play_count" in [row["name"] for row in insights]
    photo = page.create_photo(params={"url": sandbox.host(picture(), "image/jpeg"), "published": False})
    story = page.create_photo_story(params={"photo_id": photo["id"]})
    assert [(s["post_id"], s["media_id"]) for s in page.get_stories(params={"status": ["PUBLISHED"]})] == [
        (story["post_id"], photo["id"])
    ]


def test_page_metrics_messages_and_errors(sandbox: Sandbox, page: Page) -> None:
    [views] = page.get_insights(params={"metric": ["page_media_view"], "period": "day"})
    assert views["name"] == "page_media_view"
    assert len(views["values"]) == 2
    with pytest.raises(FacebookRequestError) as dead:
        page.get_insights(params={"metric": ["page_impressions"], "period": "day"})
    assert dead.value.api_error_code() == 100
    written = sandbox.http.post(
        f"{sandbox.facebook}/_message", json={"account": "maison_lumiere", "text": "Bonjour ?"}
    ).json()
    [conversation] = page.get_conversations(params={"platform": "MESSENGER"}, fields=["id", "updated_time"])
    assert conversation["id"] == f"t_{PAGE}_{written['person']}"
    sent = page.create_message(
        params={
            "recipient": {"id": written["person"]},
            "messaging_type": "RESPONSE",
            "message": {"text": "Bonjour !"},
        }
    )
    assert sent["message_id"].startswith("m_")
    page.create_subscribed_app(params={"subscribed_fields": ["feed", "messages"]})
    with graph_api(sandbox.facebook, "no-such-token") as api, pytest.raises(FacebookRequestError) as refused:
        Page(PAGE, api=api).api_get(fields=["name"])
    assert refused.value.api_error_code() == 190
