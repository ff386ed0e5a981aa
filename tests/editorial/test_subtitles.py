"""Subtitles of videos: brought by people, kept as they were approved, sent with the video."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from editorial.enums import PostState
from editorial.models import MediaAsset, Post, Revision, SubtitleTrack, Variant
from editorial.selectors.content import payload_for, problems_of
from editorial.selectors.posts import load
from editorial.services.media import delete_media
from editorial.services.posts import (
    MediaUse,
    NewPost,
    approve_post,
    create_posts,
    duplicate_post,
    request_changes,
    schedule_post,
    submit_post,
    unschedule_post,
    update_post,
)
from editorial.services.subtitles import add_subtitles, remove_subtitles
from publishing.models import Delivery
from publishing.services.content import content_of
from socialops.audit.models import Event
from socialops.networks.errors import Code
from socialops.networks.ports import Subtitles
from socialops.permissions.actor import Actor
from socialops.permissions.decision import RightMissing
from socialops.permissions.rights import Right
from teams.models import Brand, Channel
from tests.counting import questions
from tests.factories.editorial import MediaAssetFactory, VideoFactory
from tests.factories.teams import BrandFactory, ChannelFactory
from tests.fakes.subtitles import srt

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(brand: Brand) -> MediaAsset:
    return VideoFactory(brand=brand)


@pytest.fixture
def say(video: MediaAsset, writer: Actor) -> Callable[..., SubtitleTrack]:
    """`say("Bonjour")`: the video's subtitles say that from now on."""

    def add(words: str, language: str = "fr") -> SubtitleTrack:
        return add_subtitles(asset=video, language=language, data=srt(words), actor=writer)

    return add


def sent(post: Post) -> list[tuple[str, str]]:
    """What would go out now on its only channel, as (language, what is said)."""
    loaded = load(Post.objects.get(pk=post.pk))
    (file,) = payload_for(loaded.post, loaded.variants[0], loaded.assets)["media"]
    return [(said["language"], said["webvtt"].strip().splitlines()[-1]) for said in file["subtitles"]]


def test_they_are_added_replaced_and_removed(video: MediaAsset, say: Any, writer: Actor) -> None:
    first = say("Bonjour")
    assert (first.language, first.webvtt.splitlines()[0], first.size) == ("fr", "WEBVTT", len(first.webvtt.encode()))
    assert say("Bonjour").pk == first.pk  # the same again
    second, other = say("Bonsoir"), say("Hello", "en")
    now = SubtitleTrack.objects.filter(asset=video, retired_at=None)
    assert [(track.pk, track.language) for track in now] == [(other.pk, "en"), (second.pk, "fr")]
    remove_subtitles(asset=video, language="fr", actor=writer)
    remove_subtitles(asset=video, language="fr", actor=writer)
    assert [track.pk for track in now.all()] == [other.pk]
    events = Event.objects.filter(action__startswith="media.").order_by("pk")
    assert [event.action for event in events] == [*["media.subtitled"] * 3, "media.subtitles_removed"]
    assert "Bonsoir" not in str(events[3].changes)
    assert str(events[3].changes["subtitles"][0]).startswith("French, ")


@pytest.mark.parametrize(
    ("language", "data", "words"),
    [
        ("tlh", srt("Qapla’"), "Choose the language"),
        ("fr", b"MZ\x90", "SRT or WebVTT"),
        ("fr", srt("Trop tard", end="00:00:05,100"), "end at 0:05, the video at 0:03"),
        ("fr", srt("x" * 600_000), "larger than 500 KB"),
    ],
)
def test_what_are_none_is_refused_in_a_sentence(
    language: str, data: bytes, words: str, video: MediaAsset, writer: Actor
) -> None:
    with pytest.raises(ValidationError, match=words):
        add_subtitles(asset=video, language=language, data=data, actor=writer)
    assert not SubtitleTrack.objects.exists()


def test_they_go_with_their_video(video: MediaAsset, say: Any, writer: Actor) -> None:
    say("Bonjour")
    say("Bonsoir")
    delete_media(asset=video, actor=writer)
    assert not SubtitleTrack.objects.exists()


def test_only_videos_have_them_and_only_who_writes_brings_them(
    brand: Brand, video: MediaAsset, writer: Actor, approver: Actor
) -> None:
    photo = MediaAssetFactory(brand=brand)
    with pytest.raises(ValidationError, match="Only a video"):
        add_subtitles(asset=photo, language="fr", data=srt("Bonjour"), actor=writer)
    with pytest.raises(RightMissing):
        add_subtitles(asset=video, language="fr", data=srt("Bonjour"), actor=approver)
    with pytest.raises(RightMissing):
        remove_subtitles(asset=video, language="fr", actor=approver)


def test_a_draft_follows_its_video_and_what_is_submitted_stays_as_it_was(
    write: Any, video: MediaAsset, say: Any, strict_brand: Brand, writer: Actor, approver: Actor, tomorrow: dt.datetime
) -> None:
    post = write(media=[MediaUse(video)], scheduled_at=tomorrow, as_draft=True)
    bare = post.content_hash
    say("Bonjour")
    assert sent(post) == [("fr", "Bonjour")]
    submit_post(post=post, actor=writer)
    say("Bonsoir")
    remove_subtitles(asset=video, language="fr", actor=writer)
    say("Hello", "en")
    assert sent(post) == [("fr", "Bonjour")]
    post = approve_post(post=post, content_hash=Post.objects.get(pk=post.pk).content_hash, actor=approver)
    assert post.content_hash != bare
    assert post.state == PostState.SCHEDULED
    (file,) = content_of(Delivery.objects.get(post_key=post.pk)).media
    (track,) = SubtitleTrack.objects.filter(retired_at__isnull=False, webvtt__contains="Bonjour")
    assert file.subtitles == (Subtitles("fr", track.webvtt),)


def test_an_edit_takes_the_new_ones_and_asks_for_approval_again(
    write: Any, video: MediaAsset, say: Any, strict_brand: Brand, writer: Actor, approver: Actor, tomorrow: dt.datetime
) -> None:
    say("Bonjour")
    post = write(media=[MediaUse(video)], scheduled_at=tomorrow, as_draft=True)
    submit_post(post=post, actor=writer)
    approve_post(post=post, actor=approver)
    say("Bonsoir")
    loaded = load(Post.objects.get(pk=post.pk))
    problems = problems_of(loaded.post, loaded.variants, loaded.assets, loaded.channels)
    assert ("subtitles_changed", False) in [(problem.code, problem.blocking) for problem in problems]

    update_post(post=post, fields={"title": "Sans rapport"}, actor=writer)
    assert (sent(post), Post.objects.get(pk=post.pk).state) == ([("fr", "Bonjour")], PostState.SCHEDULED)
    post = update_post(post=post, fields={"media": [MediaUse(MediaAsset.objects.get(pk=video.pk))]}, actor=writer)
    assert (sent(post), post.state) == ([("fr", "Bonsoir")], PostState.IN_REVIEW)
    loaded = load(Post.objects.get(pk=post.pk))
    problems = problems_of(loaded.post, loaded.variants, loaded.assets, loaded.channels)
    assert "subtitles_changed" not in [problem.code for problem in problems]
    newest = Revision.objects.filter(post=post).latest("pk")
    assert newest.content["media"][0]["subtitles"].keys() == {"fr"}


def test_what_comes_back_to_its_author_follows_the_video_again(
    write: Any, video: MediaAsset, say: Any, strict_brand: Brand, writer: Actor, approver: Actor
) -> None:
    post = write(media=[MediaUse(video)])
    submit_post(post=post, actor=writer)
    request_changes(post=post, comment="Des sous-titres !", actor=approver)
    say("Bonjour")
    submitted = submit_post(post=post, actor=writer)
    assert sent(submitted) == [("fr", "Bonjour")]
    assert submitted.version == 2


def test_an_approval_is_of_those_that_were_seen(
    write: Any, video: MediaAsset, say: Any, strict_brand: Brand, writer: Actor, approver: Actor, tomorrow: dt.datetime
) -> None:
    """Approved, sent back, other subtitles, scheduled by somebody who may publish: it is another content."""
    say("Bonjour")
    post = write(media=[MediaUse(video)], scheduled_at=tomorrow, as_draft=True)
    submit_post(post=post, actor=writer)
    approve_post(post=post, actor=approver)
    request_changes(post=post, comment="Attendons.", actor=approver)
    say("Bonsoir")
    assert schedule_post(post=post, scheduled_at=tomorrow, actor=writer).state == PostState.IN_REVIEW


def test_scheduled_directly_they_are_fixed_too(
    write: Any, video: MediaAsset, say: Any, publisher: Actor, tomorrow: dt.datetime
) -> None:
    say("Bonjour")
    post = write(media=[MediaUse(video)], scheduled_at=tomorrow, actor=publisher)
    say("Bonsoir")
    schedule_post(post=post, scheduled_at=tomorrow + dt.timedelta(hours=1), actor=publisher)
    assert sent(post) == [("fr", "Bonjour")]
    unschedule_post(post=post, actor=publisher)
    assert sent(post) == [("fr", "Bonsoir")]
    assert sent(duplicate_post(post=post, actor=publisher)) == [("fr", "Bonsoir")]


def test_a_network_that_takes_none_says_so_and_the_post_goes_out_all_the_same(
    write: Any, video: MediaAsset, say: Any, channel: Channel, brand: Brand, monkeypatch: Any
) -> None:
    say("Bonjour")
    post = write(media=[MediaUse(video)])
    loaded = load(post)

    def told() -> list[tuple[str, str, bool]]:
        found = problems_of(loaded.post, loaded.variants, loaded.assets, loaded.channels)
        return [(problem.code, problem.field, problem.blocking) for problem in found]

    assert told() == [(Code.NOT_SUPPORTED, "subtitles", False)]
    monkeypatch.setattr("socialops.networks.mastodon.connector.MastodonConnector.takes_subtitles", True)
    assert told() == []


def test_a_network_refuses_more_than_it_takes(write: Any, video: MediaAsset, say: Any, brand: Brand) -> None:
    track = say("Bonjour")
    channel = ChannelFactory(brand=brand, limits={"subtitles": {"max_bytes": track.size - 1}})
    loaded = load(write(media=[MediaUse(video)], channels=[channel]))
    (problem,) = [
        problem
        for problem in problems_of(loaded.post, loaded.variants, loaded.assets, loaded.channels)
        if problem.blocking
    ]
    assert (problem.code, problem.field) == (Code.SUBTITLES_TOO_LARGE, "subtitles")
    assert "in French" in problem.sentence


def test_many_posts_read_them_once(brand: Brand, channel: Channel, video: MediaAsset, say: Any, writer: Actor) -> None:
    say("Bonjour")

    def queries(count: int) -> int:
        items = [
            NewPost(brand, "Bonjour", [channel], media=[MediaUse(MediaAsset.objects.get(pk=video.pk))])
            for _ in range(count)
        ]
        with questions() as asked:
            create_posts(items=items, actor=writer)
        return len(asked)

    assert queries(20) <= queries(1)
    assert Variant.objects.count() == 21


# ---------------------------------------------------------------- screens

UPLOAD = "/o/lumiere/media/{}/subtitles/"


def bring(client: Client, video: MediaAsset, data: bytes, language: str = "fr") -> str:
    file = SimpleUploadedFile("film.fr.srt", data, content_type="application/x-subrip")
    answer = client.post(UPLOAD.format(video.pk), {f"language-{video.pk}": language, f"subtitles-{video.pk}": file})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_composer_brings_shows_and_removes_them(client_for: Any, writer: Actor, video: MediaAsset) -> None:
    client = client_for(writer)
    html = client.get("/o/lumiere/media/items/", {"media": [video.pk]}).content.decode()
    assert "None yet" in html
    assert re.findall(r'<option value="([\w-]+)"', html)[:2] == ["fr", "en"]  # the brand's, then the reader's
    html = bring(client, video, srt("Bonjour"))
    assert "Remove the subtitles in French" in html
    assert re.findall(r'<option value="([\w-]+)"', html)[0] == "en"  # what is still missing comes first
    assert '<option value="" selected>Choose a language' in bring(client, video, srt("Hello"), "en")
    client.post(f"/o/lumiere/media/{video.pk}/subtitles/en/remove/")
    html = bring(client, video, b"MZ", "br")
    assert "film.fr.srt: This file holds no subtitles" in html
    assert '<option value="br" selected>' in html
    assert "Remove the subtitles in French" in html
    assert "Choose the language" in bring(client, video, srt("Qapla’"), "tlh")
    (track,) = SubtitleTrack.objects.filter(language="fr")
    shown = client.get(f"/o/lumiere/media/{video.pk}/subtitles/{track.pk}.vtt")
    assert shown.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.content.decode() == track.webvtt
    gone = client.post(f"/o/lumiere/media/{video.pk}/subtitles/fr/remove/")
    assert gone.headers["HX-Trigger"] == "refresh"
    assert "None yet" in gone.content.decode()
    assert client.get(f"/o/lumiere/media/{video.pk}/subtitles/{track.pk}.vtt").status_code == 200  # posts may have it


def test_no_file_and_too_much_of_one_are_said(client_for: Any, writer: Actor, video: MediaAsset, settings: Any) -> None:
    client = client_for(writer)
    assert "No file came in" in client.post(UPLOAD.format(video.pk), {f"language-{video.pk}": "fr"}).content.decode()
    assert "larger than 500 KB" in bring(client, video, srt("x" * 600_000))
    settings.UPLOAD_MAX_BYTES = 1000
    assert "larger than 500 KB" in bring(client, video, srt("x" * 2000))


def test_readers_see_them_and_change_nothing_and_strangers_see_nothing(
    client_for: Any, foreign: Any, actor_with: Any, brand: Brand, video: MediaAsset, say: Any
) -> None:
    track = say("Bonjour")
    file, reader, stranger = (
        f"/o/lumiere/media/{video.pk}/subtitles/{track.pk}.vtt",
        client_for(actor_with(Right.VIEW, scope=brand)),
        client_for(actor_with(Right.VIEW, Right.WRITE, scope=BrandFactory())),
    )
    assert reader.get(file).status_code == 200
    for path in (UPLOAD.format(video.pk), f"/o/lumiere/media/{video.pk}/subtitles/fr/remove/"):
        data = {f"subtitles-{video.pk}": SimpleUploadedFile("a.srt", srt("Non")), f"language-{video.pk}": "fr"}
        assert reader.post(path, data).status_code == 403
        assert stranger.post(path, data).status_code == 404
    assert stranger.get(file).status_code == 404
    other = VideoFactory(brand=brand)
    assert reader.get(f"/o/lumiere/media/{other.pk}/subtitles/{track.pk}.vtt").status_code == 404
    assert client_for(foreign.actor).get(file).status_code == 404


def test_a_post_shows_those_it_was_submitted_with_and_its_history_what_changed(
    client_for: Any, write: Any, video: MediaAsset, say: Any, strict_brand: Brand, writer: Actor
) -> None:
    first, client = say("Bonjour"), client_for(writer)
    post = write(media=[MediaUse(video)])
    submit_post(post=post, actor=writer)
    second, third = say("Bonsoir"), say("Hello", "en")

    def tracks(path: str) -> list[int]:
        page = client.get(f"/o/lumiere/posts/{post.pk}/{path}").content.decode()
        return [int(pk) for pk in re.findall(rf'<track kind="captions"[^>]*/{video.pk}/subtitles/(\d+)\.vtt"', page)]

    page = client.get(f"/o/lumiere/posts/{post.pk}/").content.decode()
    assert page.count("A video has other subtitles now than this post") == 1
    assert tracks("") == [first.pk]
    assert tracks("edit/") == [third.pk, second.pk]  # what saving would take
    update_post(post=post, fields={"media": [MediaUse(MediaAsset.objects.get(pk=video.pk))]}, actor=writer)
    assert tracks("") == [third.pk, second.pk]
    history = client.get(f"/o/lumiere/posts/{post.pk}/history/").content.decode()
    assert "Subtitles: English added, French replaced." in history
    assert "adaptations changed too" not in history


def test_the_page_of_a_publication_shows_which_went_along(
    client_for: Any, publisher: Actor, write: Any, video: MediaAsset, say: Any, tomorrow: dt.datetime, monkeypatch: Any
) -> None:
    say("Bonjour")
    post = write(media=[MediaUse(video)], scheduled_at=tomorrow, actor=publisher)
    path = f"/o/lumiere/deliveries/{Delivery.objects.get(post_key=post.pk).pk}/"
    client = client_for(publisher)
    assert "Subtitles, which this network does not take: French" in _plain(client.get(path))
    monkeypatch.setattr("socialops.networks.mastodon.connector.MastodonConnector.takes_subtitles", True)
    assert "Subtitles: French" in _plain(client.get(path))


def _plain(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# ---------------------------------------------------------------- API


def test_the_api_lists_brings_reads_and_removes_them(
    api_for: Any, admin: Actor, brand: Brand, video: MediaAsset
) -> None:
    api, path = api_for(admin), f"/api/v1/organizations/lumiere/media/{video.pk}/subtitles/"
    assert api.get(path).json() == []
    body = {"language": "fr", "file": SimpleUploadedFile("film.srt", srt("Bonjour"))}
    made = api.post(path, body, format="multipart")
    assert made.status_code == 201, made.json()
    assert (made.json()["language"], made.json()["size"]) == ("fr", SubtitleTrack.objects.get().size)
    assert api.get(path).json() == [made.json()]
    assert api.get(f"{path}fr/").json()["webvtt"].startswith("WEBVTT")
    MediaAssetFactory.create_batch(3, brand=brand)
    VideoFactory.create_batch(3, brand=brand)
    with questions() as asked:
        listed = api.get("/api/v1/organizations/lumiere/media/").json()["results"]
    assert [item["subtitles"] for item in listed if item["id"] == video.pk] == [[made.json()]]
    assert sum("editorial_subtitletrack" in sql for sql in asked) == 1
    assert "webvtt" not in str(asked)
    for wrong, pointer in (
        ({"language": "tlh", "file": SimpleUploadedFile("a.srt", srt("Qapla’"))}, "/language"),
        ({"language": "fr", "file": SimpleUploadedFile("a.srt", b"MZ")}, "/file"),
        ({"language": "fr"}, "/file"),
    ):
        refused = api.post(path, wrong, format="multipart")
        assert refused.status_code == 400
        assert pointer in str(refused.json()), refused.json()
    assert api.delete(f"{path}fr/").status_code == 204
    assert api.delete(f"{path}fr/").status_code == 404
    assert api.get(f"{path}fr/").status_code == 404
