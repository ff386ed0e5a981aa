"""Subtitles, on each network that takes them: what goes along, what is refused, what a lost answer leaves."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from publishing.errors import sentence_for
from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, NetworkError, ValidationError
from socialops.networks.ports import Connector, Content, Finding, Published, Subtitles, Target
from socialops.networks.subtitles import as_srt, of_language
from socialops.ui.languages import LANGUAGES, language_name
from tests.fakes.files import media, subtitles, video
from tests.networks.driving import PATIENCE, Ledger, create, looked_for, publish, settled
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox

# What each network calls French and English; LinkedIn takes one track, of the post's own language.
NAMES = {
    "bluesky": ("fr", "en"),
    "facebook": ("fr_FR", "en_US"),
    "linkedin": ("fr_FR",),
    "x": ("FR", "EN"),
    "youtube": ("fr", "en"),
}
FRENCH, ENGLISH = subtitles("fr"), subtitles("en", "Salt & pepper")


@pytest.fixture(params=NAMES)
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


only = pytest.mark.parametrize


@pytest.fixture
def film(network: str) -> Callable[..., Content]:
    def make(*tracks: Subtitles, **more: Any) -> Content:
        return sample_of(network).content(media=(video(key=uuid.uuid4().hex, subtitles=tracks),), **more)

    return make


def seen(sandbox: Sandbox, target: Target) -> dict[str, str]:
    """Text by language, as the network shows it under our only post."""
    (post,) = sandbox.posts(target.network, account=target.external_id)
    return {language: text.strip() for language, text in post["subtitles"].items()}


def expected(target: Target, *tracks: Subtitles) -> dict[str, str]:
    as_sent = str if target.network == "bluesky" else as_srt
    named = zip(NAMES[target.network], tracks, strict=False)
    return {language: as_sent(track.webvtt).strip() for language, track in named}


def told(published: Published | None) -> list[Mapping[str, Any]]:
    assert published is not None
    return list(published.extra.get("unfinished", ()))


def test_tracks_in_two_languages_go_along_and_readers_see_them(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    what = film(FRENCH, ENGLISH)
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    assert seen(sandbox, target) == expected(target, FRENCH, ENGLISH)
    assert f"CC {', '.join(sorted(NAMES[target.network]))}" in sandbox.http.get(sandbox.url(target.network)).text
    alone = target.network == "linkedin"
    assert [item["detail"] for item in told(published)] == ([{"languages": ["en"]}] if alone else [])


def test_a_video_without_subtitles_has_none(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    assert told(publish(connector, target, film())) == []
    assert seen(sandbox, target) == {}


def test_a_track_that_is_too_heavy_is_said_before_anything_is_sent(
    connector: Connector, film: Callable[..., Content]
) -> None:
    most = network_data(connector.network)["limits"]["subtitles"]["max_bytes"]
    heavy = subtitles("fr", "é" * (most // 2))
    (problem,) = connector.check(film(heavy, ENGLISH), limits={})
    assert (problem.code, problem.detail["language"]) == (Code.SUBTITLES_TOO_LARGE, "fr")


STEPS = [
    ("bluesky", "uploadBlob$", "POST"),
    ("x", "/2/media/upload/[0-9]+/append$", "POST"),
    ("x", "/finalize$", "POST"),
    ("x", "/2/media/upload$", "GET"),
    ("x", "/2/media/subtitles$", "POST"),
    ("linkedin", "/captions$", "POST"),
    ("facebook", "/captions$", "POST"),
    ("youtube", "/upload/youtube/v3/captions$", "POST"),
]


@only(("network", "path", "method"), STEPS)
@only("effect", ["drop", "500_before", "500_after", "malformed"])
def test_a_lost_answer_on_the_way_makes_one_post_with_each_track_once(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    film: Callable[..., Content],
    path: str,
    method: str,
    effect: str,
) -> None:
    what, ledger = film(FRENCH, ENGLISH), Ledger()
    sandbox.fault(effect, target.network, path=path, method=method, count=1)
    started = datetime.now(UTC)
    while True:
        try:
            prepared, handles = create(connector, target, what, ledger)
        except NetworkError:
            if (datetime.now(UTC) - started).total_seconds() > PATIENCE:
                raise
        else:
            break
    published = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    sandbox.clear_faults()
    assert seen(sandbox, target) == expected(target, FRENCH, ENGLISH)
    assert [item["code"] for item in told(published)] == (
        ["subtitles_left_out"] if target.network == "linkedin" else []
    )


def test_a_lost_one_shot_is_found_with_its_subtitles(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    what, since = film(FRENCH, ENGLISH), datetime.now(UTC)
    sample = sample_of(target.network)
    prepared, handles = create(connector, target, what, Ledger())
    path = "/videos$" if target.network == "facebook" else sample.one_shot
    sandbox.fault("drop", target.network, path=path, method=sample.one_shot_method)
    with pytest.raises(NetworkError):
        connector.commit(target, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=since))
    assert found.finding is Finding.PUBLISHED
    assert seen(sandbox, target) == expected(target, FRENCH, ENGLISH)
    again = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=since))
    assert told(again.published) == told(found.published)
    assert seen(sandbox, target) == expected(target, FRENCH, ENGLISH)


def sentences(published: Published) -> list[str]:
    return [sentence_for("", item["code"], item["detail"]) for item in told(published)]


def raw(sandbox: Sandbox, target: Target, path: str, **params: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    found: dict[str, Any] = sandbox.http.get(
        f"{sandbox.url(target.network)}{path}", params=params, headers=headers
    ).json()
    return found


# ---------------------------------------------------------------- what each network has of its own


@only("network", ["bluesky"])
def test_bluesky_takes_twenty_tracks(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    tracks = [subtitles(tag) for tag in LANGUAGES[:21]]
    published = publish(connector, target, film(*tracks))
    assert list(seen(sandbox, target)) == [track.language for track in tracks[:20]]
    assert sentences(published) == [f"The network does not take the subtitles in: {language_name(LANGUAGES[20])}."]


@only("network", ["bluesky"])
def test_bluesky_counts_the_video_alone_as_its_file(
    connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    published = publish(connector, target, film(FRENCH, ENGLISH, options={"reply_control": "nobody"}))
    post = connector.read_post(target, external_id=published.external_id)
    assert post is not None
    assert post.media_count == 1


@only("network", ["x"])
def test_x_knows_languages_by_two_letters_each_once(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    what = film(subtitles("fr-FR"), subtitles("fr-CA"), subtitles("ast"), subtitles("pt-BR"))
    published = publish(connector, target, what)
    assert list(seen(sandbox, target)) == ["FR", "PT"]
    assert sentences(published) == ["The network does not take the subtitles in: French (Canada), Asturian."]


@only("network", ["x"])
@only("words", ["no subtitles", ""])
def test_subtitles_that_x_cannot_read_keep_the_post_from_going_out(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    film: Callable[..., Content],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
) -> None:
    monkeypatch.setattr("socialops.networks.x.media.as_srt", lambda _: words)
    with pytest.raises((MediaError, ValidationError)):
        create(connector, target, film(FRENCH), Ledger())
    assert sandbox.posts("x", account=target.external_id) == []


@only("network", ["x"])
def test_x_saying_no_to_a_track_is_told_in_its_words(
    connector: Connector, target: Target, film: Callable[..., Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = {"fr": FRENCH}  # a code in small letters
    monkeypatch.setattr("socialops.networks.x.media.tracks_of", lambda _: strange)
    with pytest.raises(MediaError) as refused:
        create(connector, target, film(FRENCH), Ledger())
    assert refused.value.code == Code.MEDIA_REFUSED
    assert "does not match the pattern" in refused.value.detail["message"]


@only("network", ["youtube"])
def test_youtube_counts_four_hundred_units_a_track(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    ledger, bare, what = Ledger(), film(), film(FRENCH, ENGLISH)
    units = [sum(c.units for c in connector.charges(content) if c.bucket == "units") for content in (bare, what)]
    assert units[1] - units[0] == 800
    published = publish(connector, replace(target, report=ledger.report), what)
    assert sorted(c.units for c in ledger.charges if c.bucket == "units")[-2:] == [400, 400]
    tracks = raw(sandbox, target, "/youtube/v3/captions", part="snippet", videoId=published.external_id)["items"]
    shown = [(track["snippet"]["language"], track["snippet"]["status"]) for track in tracks]
    assert shown == [("fr", "serving"), ("en", "serving")]


@only("network", ["youtube"])
@only("effect", ["429", "500_before"])
def test_what_youtube_refuses_of_subtitles_undoes_nothing(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content], effect: str
) -> None:
    what, since = film(FRENCH), datetime.now(UTC)
    prepared, handles = create(connector, target, what, Ledger())
    sandbox.fault(effect, "youtube", path="/captions$", count=None)
    commit = connector.commit(target, prepared, handles=handles)
    published = settled(connector, target, prepared, handles, commit)
    assert [item["field"] for item in told(published)] == ["subtitles"]
    sandbox.clear_faults()
    found = connector.find_published(target, prepared, handles=handles, since=since)
    assert told(found.published) == []
    assert seen(sandbox, target) == expected(target, FRENCH)


@only("network", ["linkedin"])
def test_linkedin_gets_the_track_of_the_posts_language_in_its_example(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    published = publish(connector, target, replace(film(FRENCH, ENGLISH), language="en"))
    assert list(seen(sandbox, target)) == ["en_US"]
    assert sentences(published) == ["The network does not take the subtitles in: French."]


@only("network", ["linkedin"])
def test_a_video_whose_subtitles_linkedin_refuses_goes_out_without_them(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    film: Callable[..., Content],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("socialops.networks.linkedin.captions.as_srt", lambda _: "no subtitles")
    published = publish(connector, target, film(FRENCH, cover=media(key="c1")))
    assert seen(sandbox, target) == {}
    assert sentences(published) == [
        "The network refuses a file. It says: “Invalid captions: metadata or file can't be read”"
    ]


@only("network", ["facebook", "linkedin"])
def test_a_language_without_a_locale_is_told_and_the_video_goes_out(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    published = publish(connector, target, film(subtitles("oc"), subtitles("fr-CH")))
    assert list(seen(sandbox, target)) == ["fr_FR"]
    assert sentences(published) == ["The network does not take the subtitles in: Occitan."]


@only("network", ["facebook"])
def test_facebooks_default_is_the_posts_language(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    published = publish(connector, target, film(ENGLISH, FRENCH))
    tracks = raw(sandbox, target, f"/v26.0/{published.extra['video_id']}/captions")["data"]
    assert {track["locale"]: track["is_default"] for track in tracks} == {"fr_FR": True, "en_US": False}


@only("network", ["facebook"])
def test_a_reel_has_subtitles_and_a_story_says_that_it_has_none(
    sandbox: Sandbox, connector: Connector, target: Target, film: Callable[..., Content]
) -> None:
    files = (video(key="r1", seconds=4, width=540, height=960, subtitles=(FRENCH,)),)
    publish(connector, target, replace(film(), media=files, options={"format": "reel"}))
    assert seen(sandbox, target) == expected(target, FRENCH)
    told_of = publish(connector, target, replace(film(), text="", media=files, options={"format": "story"}))
    assert sentences(told_of) == ["The network does not take the subtitles in: French."]


@only("network", ["facebook"])
def test_what_facebook_refuses_of_subtitles_undoes_nothing(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    film: Callable[..., Content],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("socialops.networks.facebook.captions.as_srt", lambda _: "no subtitles")
    published = publish(connector, target, film(FRENCH))
    (sentence,) = sentences(published)
    assert "in a format that we don't support" in sentence
    assert seen(sandbox, target) == {}


def test_every_locale_is_as_its_network_writes_it() -> None:
    facebook, linkedin = (network_data(name)["subtitles"]["locales"] for name in ("facebook", "linkedin"))
    assert [name for name in facebook.values() if not re.fullmatch("[a-z]{2}_[A-Z]{2}", name)] == []
    assert [found for found in linkedin.values() if not found.keys() <= {"language", "country", "variant"}] == []
    assert [tag for table in (facebook, linkedin) for tag in table if tag != tag.lower()] == []
    assert of_language("fr-CA", facebook) == "fr_CA"
    assert of_language("zh-Hant-HK", facebook) == "zh_TW"
    assert of_language("oc", facebook) is None
