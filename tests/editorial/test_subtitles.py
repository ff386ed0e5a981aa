"""Subtitles of videos: brought by people, kept as they were approved, sent with the video."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from editorial.enums import PostState
from editorial.models import MediaAsset, Post, Revision, SubtitleTrack, Variant
from editorial.selectors.content import payload_for, problems_of
from editorial.selectors.posts import load
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
from teams.models import Brand, Channel
from tests.factories.editorial import MediaAssetFactory, VideoFactory
from tests.factories.teams import ChannelFactory
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
        with CaptureQueriesContext(connection) as asked:
            create_posts(items=items, actor=writer)
        return len(asked)

    assert queries(1) >= queries(20) - 1
    assert Variant.objects.count() == 21
