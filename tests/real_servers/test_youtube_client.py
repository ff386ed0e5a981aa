"""Google's own Python client, unchanged, against our stand-in of YouTube; and its answers against Google's own description of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httplib2
import httpx
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload, MediaInMemoryUpload

from socialops.networks.subtitles import as_srt
from socialops.sandbox.seed import CLIENT_ID, CLIENT_SECRET
from tests.contracts.discovery import described, problems
from tests.fakes.files import movie, picture, subtitles
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.networks
GRAIN = 262_144


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started


@pytest.fixture
def channel(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.account("youtube", f"c{uuid.uuid4().hex[:12]}", "Café Test")


class Plain(httplib2.Http):  # type: ignore[misc]  # -- httplib2 has no types
    """A transport without TLS: the library makes every upload's address https, whatever the endpoint."""

    def __init__(self) -> None:
        super().__init__(timeout=20)
        self.redirect_codes = self.redirect_codes - {308}  # as the library's own transport does

    def request(self, uri: str, *arguments: Any, **named: Any) -> Any:
        return super().request(uri.replace("https://127.0.0.1:", "http://127.0.0.1:"), *arguments, **named)


def client(sandbox: Sandbox, name: str, version: str, channel: Mapping[str, Any]) -> Any:
    """The client library with nothing changed but the host, by its own setting."""
    credentials = Credentials(
        channel["access_token"],
        refresh_token=channel["refresh_token"],
        token_uri=f"{sandbox.url('youtube')}/token",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    options = {"api_endpoint": sandbox.url("youtube")}
    http = AuthorizedHttp(credentials, http=Plain())
    return build(name, version, http=http, client_options=options, static_discovery=True)


@pytest.fixture
def youtube(sandbox: Sandbox, channel: dict[str, Any]) -> Iterator[Any]:
    with client(sandbox, "youtube", "v3", channel) as service:
        yield service


@pytest.fixture
def film(tmp_path: Path) -> str:
    path = tmp_path / "atelier.mp4"
    path.write_bytes(movie().ljust(3 * GRAIN + 500, b"\0"))
    return str(path)


def upload(youtube: Any, film: str, **status: Any) -> dict[str, Any]:
    body = {
        "snippet": {"title": "L’atelier 🪔", "description": "De l’intérieur.", "tags": ["lampe"], "categoryId": "26"},
        "status": {"privacyStatus": "public", "selfDeclaredMadeForKids": False, **status},
    }
    media = MediaFileUpload(film, mimetype="video/mp4", chunksize=GRAIN, resumable=True)
    request = youtube.videos().insert(part="snippet,status", body=body, media_body=media)
    answer, steps = None, []
    while answer is None:
        progress, answer = request.next_chunk()
        steps.append(progress.resumable_progress if progress else None)
    assert steps == [GRAIN, 2 * GRAIN, 3 * GRAIN, None]
    return dict(answer)


def processed(youtube: Any, video_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        video = youtube.videos().list(part="status,processingDetails,statistics", id=video_id).execute()["items"][0]
        if video["processingDetails"]["processingStatus"] != "processing":
            return dict(video)
        time.sleep(0.2)
    raise AssertionError("never processed")


def test_a_video_goes_up_in_chunks_is_processed_commented_measured_and_deleted(
    sandbox: Sandbox, youtube: Any, film: str, channel: dict[str, Any], tmp_path: Path
) -> None:
    mine = youtube.channels().list(part="snippet,contentDetails", mine=True).execute()["items"][0]
    assert mine["id"] == channel["id"]
    video_id = upload(youtube, film)["id"]
    done = processed(youtube, video_id)
    assert (done["status"]["uploadStatus"], done["statistics"]["viewCount"]) == ("processed", "0")
    cover = tmp_path / "cover.jpg"
    cover.write_bytes(picture("navy", 1280, 720))
    set_to = youtube.thumbnails().set(videoId=video_id, media_body=MediaFileUpload(str(cover))).execute()
    assert set_to["items"][0]["default"]["url"].startswith(sandbox.url("youtube"))

    body = {"snippet": {"videoId": video_id, "topLevelComment": {"snippet": {"textOriginal": "Merci !"}}}}
    thread = youtube.commentThreads().insert(part="snippet", body=body).execute()
    reply = {"snippet": {"parentId": thread["id"], "textOriginal": "De rien."}}
    youtube.comments().insert(part="snippet", body=reply).execute()
    listed = youtube.commentThreads().list(part="snippet,replies", videoId=video_id, order="time").execute()
    assert listed["items"][0]["snippet"]["topLevelComment"]["snippet"]["textOriginal"] == "Merci !"
    assert [c["snippet"]["textOriginal"] for c in listed["items"][0]["replies"]["comments"]] == ["De rien."]
    youtube.comments().setModerationStatus(id=thread["id"], moderationStatus="heldForReview").execute()
    held = youtube.commentThreads().list(part="id", videoId=video_id, moderationStatus="heldForReview").execute()
    assert [item["id"] for item in held["items"]] == [thread["id"]]

    uploads = mine["contentDetails"]["relatedPlaylists"]["uploads"]
    items = youtube.playlistItems().list(part="contentDetails", playlistId=uploads).execute()["items"]
    assert [item["contentDetails"]["videoId"] for item in items] == [video_id]
    changed = {"id": video_id, "snippet": {"title": "Autre titre", "categoryId": "26"}}
    assert youtube.videos().update(part="snippet", body=changed).execute()["snippet"]["description"] == ""
    youtube.videos().delete(id=video_id).execute()
    assert youtube.videos().list(part="id", id=video_id).execute()["items"] == []


def test_a_small_video_in_one_request(youtube: Any, tmp_path: Path) -> None:
    path = tmp_path / "court.mp4"
    path.write_bytes(movie())
    body = {"snippet": {"title": "Court"}, "status": {"privacyStatus": "private"}}
    media = MediaFileUpload(str(path), mimetype="video/mp4")
    made = youtube.videos().insert(part="snippet,status", body=body, media_body=media).execute()
    assert made["status"]["privacyStatus"] == "private"


def test_subtitles_are_added_listed_and_there_once(youtube: Any, film: str) -> None:
    video_id = upload(youtube, film)["id"]
    processed(youtube, video_id)
    body = {"snippet": {"videoId": video_id, "language": "fr", "name": "fr", "isDraft": False}}
    text = as_srt(subtitles().webvtt).encode()

    def insert() -> Any:
        track = MediaInMemoryUpload(text, mimetype="application/octet-stream")
        return youtube.captions().insert(part="snippet", body=body, media_body=track).execute()

    made = insert()
    (listed,) = youtube.captions().list(part="snippet", videoId=video_id).execute()["items"]
    assert (listed["id"], listed["snippet"]["language"]) == (made["id"], "fr")
    schemas = described("youtube.v3")
    answer = youtube.captions().list(part="id,snippet", videoId=video_id).execute()
    assert [*problems(schemas, "Caption", made), *problems(schemas, "CaptionListResponse", answer)] == []
    with pytest.raises(HttpError) as again:
        insert()
    assert (again.value.resp.status, again.value.error_details[0]["reason"]) == (409, "captionExists")


def test_a_broken_upload_is_resumed(sandbox: Sandbox, youtube: Any, film: str, channel: dict[str, Any]) -> None:
    body = {"snippet": {"title": "Coupé"}, "status": {"privacyStatus": "unlisted"}}
    media = MediaFileUpload(film, mimetype="video/mp4", chunksize=GRAIN, resumable=True)
    request = youtube.videos().insert(part="snippet,status", body=body, media_body=media)
    request.next_chunk()
    sandbox.fault("500_before", "youtube", method="PUT", path="/upload/youtube/v3/videos$")
    with pytest.raises(HttpError) as broken:
        request.next_chunk()
    assert broken.value.resp.status == 500
    answer = None
    while answer is None:
        _, answer = request.next_chunk()
    assert len(sandbox.posts("youtube", account=channel["id"])) == 1


def test_refusals_have_googles_shape(youtube: Any, film: str) -> None:
    with pytest.raises(HttpError) as long:
        body = {"snippet": {"title": "x" * 101}, "status": {"privacyStatus": "private"}}
        media = MediaFileUpload(film, mimetype="video/mp4", chunksize=GRAIN, resumable=True)
        youtube.videos().insert(part="snippet,status", body=body, media_body=media).next_chunk()
    assert long.value.error_details[0]["reason"] == "invalidTitle"
    with pytest.raises(HttpError) as gone:
        youtube.videos().delete(id="-----------").execute()
    assert (gone.value.resp.status, gone.value.error_details[0]["reason"]) == (404, "videoNotFound")


def test_an_expired_token_is_renewed_by_the_library(sandbox: Sandbox, channel: dict[str, Any]) -> None:
    with client(sandbox, "youtube", "v3", {**channel, "access_token": "expired"}) as service:
        assert service.channels().list(part="id", mine=True).execute()["items"][0]["id"] == channel["id"]


def test_analytics(sandbox: Sandbox, channel: dict[str, Any]) -> None:
    with client(sandbox, "youtubeAnalytics", "v2", channel) as service:
        days = {"startDate": "2020-01-01", "endDate": "2026-01-01"}
        table = service.reports().query(ids="channel==MINE", metrics="views,likes", **days).execute()
        assert [column["name"] for column in table["columnHeaders"]] == ["views", "likes"]
        with pytest.raises(HttpError) as unknown:
            service.reports().query(ids="channel==MINE", metrics="reposts", **days).execute()
        assert unknown.value.resp.status == 400


# ---------------------------------------------------------------- the answers, by Google's description of them


def assert_described(schemas: Mapping[str, Any], kind: str, answer: Any) -> None:
    assert list(problems(schemas, kind, answer)) == []


def test_answers_are_what_googles_discovery_documents_describe(
    sandbox: Sandbox, youtube: Any, film: str, channel: dict[str, Any]
) -> None:
    schemas = described("youtube.v3")
    made = upload(youtube, film, license="creativeCommon", containsSyntheticMedia=True)
    assert_described(schemas, "Video", made)
    bearer = {"Authorization": f"Bearer {channel['access_token']}"}

    def get(path: str, **params: str) -> Any:
        answer = httpx.get(f"{sandbox.url('youtube')}{path}", params=params, headers=bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    parts = "snippet,status,statistics,contentDetails,processingDetails,paidProductPlacementDetails,fileDetails"
    assert_described(schemas, "VideoListResponse", get("/youtube/v3/videos", part=parts, id=made["id"]))
    processed(youtube, made["id"])
    finished = get("/youtube/v3/videos", part=parts, id=made["id"])
    assert_described(schemas, "VideoListResponse", finished)
    sandbox.crowd("youtube", "comment", post_id=made["id"], text="Beau")
    threads = get("/youtube/v3/commentThreads", part="snippet,replies", videoId=made["id"])
    sandbox.crowd("youtube", "comment", post_id=threads["items"][0]["id"], text="Oui")
    threads = get("/youtube/v3/commentThreads", part="snippet,replies", videoId=made["id"])
    assert threads["items"][0]["replies"]["comments"]
    assert_described(schemas, "CommentThreadListResponse", threads)
    replies = get("/youtube/v3/comments", part="snippet", parentId=threads["items"][0]["id"])
    assert_described(schemas, "CommentListResponse", replies)
    everything = "snippet,statistics,status,contentDetails,brandingSettings"
    assert_described(schemas, "ChannelListResponse", get("/youtube/v3/channels", part=everything, mine="true"))
    items = get("/youtube/v3/playlistItems", part="snippet,contentDetails,status", playlistId=f"UU{channel['id'][2:]}")
    assert_described(schemas, "PlaylistItemListResponse", items)
    assert_described(
        schemas, "VideoCategoryListResponse", get("/youtube/v3/videoCategories", part="snippet", regionCode="FR")
    )
    numbers = get("/v2/reports", ids="channel==MINE", startDate="2026-01-01", endDate="2026-12-31", metrics="views")
    assert_described(described("youtubeAnalytics.v2"), "QueryResponse", numbers)
    assert list(problems(schemas, "VideoListResponse", {**finished, "unknown": 1})) != []
