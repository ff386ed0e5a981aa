"""What YouTube is told about a video, and what hangs on it: options, still picture, first comment, edits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    Code,
    MediaError,
    ValidationError,
)
from socialops.networks.ports import (
    Charge,
    Connector,
    Content,
    Target,
)
from socialops.networks.youtube.publish import tags_length
from tests.fakes.files import media, picture, video
from tests.networks.driving import Ledger, publish
from tests.networks.samples.youtube import SAMPLE
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "youtube"


@pytest.fixture
def youtube(connector: Connector) -> Connector:
    return connector


def film(**more: Any) -> Content:
    return SAMPLE.content(**more)


def with_options(**options: Any) -> Content:
    return SAMPLE.content(options={**SAMPLE.options, **options})


def seen(sandbox: Sandbox, target: Target, video_id: str) -> dict[str, Any]:
    """The video as its owner's API shows it."""
    answer = httpx.get(
        f"{sandbox.url('youtube')}/youtube/v3/videos",
        params={"part": "snippet,status,paidProductPlacementDetails,contentDetails,localizations", "id": video_id},
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json()["items"][0])


# ---------------------------------------------------------------- what is told about a video


def test_everything_chosen_reaches_youtube(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    chosen = {
        "title": "Une lampe, 🪔 du dessin à l’atelier",
        "privacy": "unlisted",
        "category": "26",
        "made_for_kids": "no",
        "tags": ["lampe", "fait main"],
        "synthetic_media": True,
        "paid_promotion": True,
        "notify_subscribers": False,
        "license": "creative_commons",
        "embeddable": False,
        "translations": ["en\nA lamp\nAll of it.\n\nReally.", "pt-BR\nUma lâmpada"],
    }
    what = SAMPLE.content("Tout y est.", link="https://example.com/lampes", options=chosen)
    assert list(youtube.check(what, limits={})) == []
    found = seen(sandbox, target, publish(youtube, target, what).external_id)
    snippet, status = found["snippet"], found["status"]
    assert (snippet["title"], snippet["categoryId"], snippet["tags"]) == (chosen["title"], "26", chosen["tags"])
    assert snippet["description"] == "Tout y est.\n\nhttps://example.com/lampes"
    assert snippet["defaultLanguage"] == "fr"
    assert (status["privacyStatus"], status["license"], status["embeddable"]) == ("unlisted", "creativeCommon", False)
    assert (status["selfDeclaredMadeForKids"], status["containsSyntheticMedia"]) == (False, True)
    assert found["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}
    assert found["localizations"] == {
        "en": {"title": "A lamp", "description": "All of it.\n\nReally.\n\nhttps://example.com/lampes"},
        "pt-BR": {"title": "Uma lâmpada", "description": "https://example.com/lampes"},
    }


def test_the_privacy_is_always_sent(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    private = publish(youtube, target, with_options(privacy="private"))
    assert seen(sandbox, target, private.external_id)["status"]["privacyStatus"] == "private"


@pytest.mark.parametrize(
    ("what", "code", "field"),
    [
        (Content("x", "k", datetime.now(UTC), options=dict(SAMPLE.options)), Code.MEDIA_MISSING, "media"),
        (with_options(title=""), Code.OPTION_MISSING, "options"),
        (with_options(title="x" * 101), Code.OPTION_TOO_LONG, "options"),
        (with_options(title="a < b"), Code.CHARACTER_REFUSED, "options"),
        (SAMPLE.content("a > b"), Code.CHARACTER_REFUSED, "text"),
        (with_options(made_for_kids=""), Code.OPTION_MISSING, "options"),
        (with_options(privacy="friends"), Code.OPTION_INVALID, "options"),
        (with_options(tags=["a" * 251, "b" * 249]), Code.OPTION_TOO_LONG, "options"),
        (with_options(tags=["a,b"]), Code.CHARACTER_REFUSED, "options"),
        (with_options(translations=["fr\nUne lampe"]), Code.TRANSLATION_LANGUAGE, "options"),
        (with_options(translations=["en\nA lamp", "EN\nA lamp"]), Code.TRANSLATION_LANGUAGE, "options"),
        (with_options(translations=["und\nA lamp"]), Code.TRANSLATION_LANGUAGE, "options"),
        (with_options(translations=["in English\nA lamp"]), Code.TRANSLATION_LANGUAGE, "options"),
        (with_options(translations=["en\n\nNo title"]), Code.TRANSLATION_TITLE, "options"),
        (with_options(translations=["en\n" + "x" * 101]), Code.TRANSLATION_TITLE, "options"),
        (with_options(translations=["en\nA lamp\n" + "é" * 2501]), Code.TRANSLATION_TEXT, "options"),
        (with_options(translations=["en\nA <lamp>"]), Code.CHARACTER_REFUSED, "options"),
        (replace(with_options(translations=["en\nA lamp"]), language=""), Code.LANGUAGE_MISSING, "language"),
        (with_options(playlists="PL1"), Code.OPTION_INVALID, "options"),
        (with_options(playlists=["PL1", "PL1"]), Code.OPTION_REPEATED, "options"),
        (with_options(playlists=[f"PL{n}" for n in range(11)]), Code.OPTION_COUNT, "options"),
        (SAMPLE.content(media=(video(), video("v2"))), Code.TOO_MANY_MEDIA, "media"),
        (SAMPLE.content(media=(media(),)), Code.MEDIA_KIND, "media"),
        (SAMPLE.content(parts=("Suite",)), Code.NOT_SUPPORTED, "parts"),
        (SAMPLE.content(cover=video("c")), Code.MEDIA_KIND, "cover"),
        (replace(with_options(made_for_kids="yes"), first_comment="Oui"), Code.REPLY_NOT_ALLOWED, "first_comment"),
        (replace(with_options(privacy="private"), first_comment="Oui"), Code.REPLY_NOT_ALLOWED, "first_comment"),
    ],
)
def test_what_youtube_would_refuse_is_said_before(youtube: Connector, what: Content, code: Code, field: str) -> None:
    assert (code, field) in [(problem.code, problem.field) for problem in youtube.check(what, limits={})]


def test_tags_count_their_commas_and_quotes(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    assert tags_length(["abc"]) == 3
    assert tags_length(["abc", "de"]) == 6
    assert tags_length(["a b", "c"]) == 7
    fits = with_options(tags=["a" * 250, "b" * 249])
    assert list(youtube.check(fits, limits={})) == []
    publish(youtube, target, fits)
    with pytest.raises(ValidationError):
        publish(youtube, target, with_options(tags=["a" * 250, "b" * 247 + " c"]))


def test_the_description_is_counted_in_bytes(youtube: Connector, target: Target) -> None:
    fits = SAMPLE.content("é" * 2500)
    assert list(youtube.check(fits, limits={})) == []
    publish(youtube, target, fits)
    over = SAMPLE.content("é" * 2500 + "x")
    assert [(p.code, p.detail["length"]) for p in youtube.check(over, limits={})] == [(Code.TEXT_TOO_LONG, 5001)]
    with pytest.raises(ValidationError):
        publish(youtube, target, over)


def test_an_unverified_channel_takes_fifteen_minutes(youtube: Connector) -> None:
    facts = video().video
    assert facts is not None
    long = replace(video(), video=replace(facts, duration=1000.0))
    assert list(youtube.check(film(media=(long,)), limits={})) == []
    limits = {"video": {"max_seconds": network_data("youtube")["account"]["unverified_seconds"]}}
    assert [p.code for p in youtube.check(film(media=(long,)), limits=limits)] == [Code.VIDEO_TOO_LONG]


def test_the_channel_tells_its_limits(youtube: Connector, target: Target) -> None:
    limits = youtube.fetch_limits(target)
    assert limits["video"]["max_seconds"] == 43_200
    assert limits["text"]["max"] == 5000


def test_the_categories_are_those_of_the_channels_country_under_youtubes_names(
    youtube: Connector, target: Target
) -> None:
    ledger = Ledger()
    limits = youtube.fetch_limits(replace(target, report=ledger.report))
    category = next(option for option in youtube.options(limits=limits) if option.name == "category")
    assert not {"18", "21", "30"} & set(category.choices)  # only YouTube itself assigns those
    assert category.default == "22"
    assert (category.names["fr"]["28"], category.names["en"]["28"]) == (
        "Science et technologie",
        "Science & Technology",
    )
    assert ledger.charges == [Charge("units", 1)] * 4  # the channel, its categories twice, its playlists
    fewer = {**limits, "categories": {language: {"10": "Musique"} for language in ("en", "fr")}}
    what = film(options={**SAMPLE.options, "category": "28"})
    assert list(youtube.check(what, limits=limits)) == []
    assert [(p.code, p.detail["allowed"]) for p in youtube.check(what, limits=fewer)] == [("option_invalid", "10")]
    assert list(youtube.check(film(), limits=fewer)) == []


@pytest.mark.parametrize("effect", ["500_before", "429", "drop"])
def test_categories_that_can_not_be_read_leave_those_known(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    known = {"fr": {"10": "Musique"}}
    for before in ({}, known):
        sandbox.fault(effect, "youtube", path="/videoCategories$")
        limits = youtube.fetch_limits(replace(target, limits={"categories": before}))
        sandbox.clear_faults()
        assert limits["categories"] == before
        assert limits["video"]["max_seconds"] == 43_200


# ---------------------------------------------------------------- playlists

ATELIER, CONSEILS = "PLsandboxAtelier", "PLsandboxConseils"


def held(sandbox: Sandbox, target: Target, playlist: str) -> list[str]:
    """The videos of a playlist, as its owner's API shows them."""
    answer = httpx.get(
        f"{sandbox.url('youtube')}/youtube/v3/playlistItems",
        params={"part": "contentDetails", "playlistId": playlist, "maxResults": 50},
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return [item["contentDetails"]["videoId"] for item in answer.json()["items"]]


def test_the_channels_playlists_are_read_page_by_page_and_keep_their_titles(
    sandbox: Sandbox, youtube: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("youtube")["playlists"], "page_size", 1)  # type: ignore[arg-type]
    limits = json.loads(json.dumps(youtube.fetch_limits(target)))
    option = next(option for option in youtube.options(limits=limits) if option.name == "playlists")
    assert option.choices == (ATELIER, CONSEILS)
    assert option.names[""][CONSEILS] == "Conseils & entretien"
    monkeypatch.setitem(network_data("youtube")["playlists"], "pages", 1)  # type: ignore[arg-type]
    assert youtube.fetch_limits(target)["playlists"] == {"listed": [[ATELIER, "Dans l’atelier"]]}
    sandbox.fault("500_before", "youtube", path="/playlists$")
    kept = youtube.fetch_limits(replace(target, limits=limits))
    sandbox.clear_faults()
    assert kept["playlists"] == limits["playlists"]


def test_a_video_goes_once_into_each_playlist_chosen(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    ledger, what = Ledger(), with_options(playlists=[ATELIER, CONSEILS])
    assert list(youtube.check(what, limits={})) == []
    published = publish(youtube, replace(target, report=ledger.report), what)
    assert "unfinished" not in published.extra
    assert [held(sandbox, target, playlist) for playlist in (ATELIER, CONSEILS)] == [[published.external_id]] * 2
    foreseen = {charge.bucket: charge.units for charge in youtube.charges(what)}
    assert foreseen == {"uploads": 1, "units": 1 + 2 * 51}
    assert sum(charge.units == 50 for charge in ledger.charges) == 2
    again = youtube.find_published(target, what, handles={}, since=datetime.now(UTC))
    assert again.published == published
    assert held(sandbox, target, ATELIER) == [published.external_id]


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed", "500_before", "429"])
def test_a_lost_answer_puts_a_video_into_no_playlist_twice(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    sandbox.fault(effect, "youtube", method="POST", path="/playlistItems$")
    published = publish(youtube, target, with_options(playlists=[ATELIER]))
    sandbox.clear_faults()
    there = held(sandbox, target, ATELIER)
    if effect == "429":
        (told,) = published.extra["unfinished"]
        assert (there, told["field"], told["code"]) == ([], "playlists", "too_many_requests")
    else:
        assert (there, published.extra) == ([published.external_id], {})


def test_a_playlist_that_is_gone_costs_nothing_but_itself(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    limits = youtube.fetch_limits(target)
    httpx.delete(
        f"{sandbox.url('youtube')}/youtube/v3/playlists",
        params={"id": ATELIER},
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    ).raise_for_status()
    what = with_options(playlists=[ATELIER, CONSEILS])
    assert list(youtube.check(what, limits=youtube.fetch_limits(target))) == []
    published = publish(youtube, replace(target, limits=limits), what)
    (told,) = published.extra["unfinished"]
    assert (told["code"], told["detail"]["playlist"]) == ("playlist_gone", "Dans l’atelier")
    assert held(sandbox, target, CONSEILS) == [published.external_id]


# ---------------------------------------------------------------- thumbnail, first comment, afterwards


def test_the_still_picture_is_set_once_the_video_is_processed(
    sandbox: Sandbox, youtube: Connector, target: Target
) -> None:
    ledger = Ledger()
    what = film(cover=media("c", data=picture("navy", 1280, 720)))
    published = publish(youtube, replace(target, report=ledger.report), what)
    assert "unfinished" not in published.extra
    assert seen(sandbox, target, published.external_id)["contentDetails"]["hasCustomThumbnail"] is True
    assert sum(charge.units == 50 for charge in ledger.charges) == 1


@pytest.mark.parametrize("effect", ["500_before", "429", "drop"])
def test_a_refused_still_picture_never_fails_the_post_and_is_told(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    sandbox.fault(effect, "youtube", method="POST", path="/thumbnails/set$")
    published = publish(youtube, target, film(cover=media("c")))
    (told,) = published.extra["unfinished"]
    assert told["field"] == "cover"
    assert told["code"] in ("server_error", "too_many_requests", "answer_lost")
    assert json.dumps(told)


def test_a_broken_still_picture_is_told_before_anything_is_out(youtube: Connector, target: Target) -> None:
    with pytest.raises(MediaError) as broken:
        youtube.prepare(target, film(cover=replace(media("c"), read=lambda: b"no picture")))
    assert broken.value.code == "image_unreadable"


def test_comments_for_children_are_closed(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, with_options(made_for_kids="yes"))
    with pytest.raises(ValidationError) as closed:
        youtube.commit_part(target, film(), root=published, parent=published, text="Oui", key="k")
    assert closed.value.code == "reply_not_allowed"


def test_commenting_on_a_deleted_video_says_so(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, film())
    youtube.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        youtube.commit_part(target, film(), root=published, parent=published, text="Oui", key="k")
    assert gone.value.code == "parent_gone"


def test_an_edit_changes_what_it_says_and_leaves_the_rest(sandbox: Sandbox, youtube: Connector, target: Target) -> None:
    chosen = {"tags": ["lampe"], "category": "26", "synthetic_media": True, "translations": ["en\nA lamp"]}
    before = with_options(privacy="unlisted", **chosen)
    published = publish(youtube, target, before)
    changed = replace(before, text="Autre description", options={"title": "Autre titre"})
    kept = seen(sandbox, target, published.external_id)["localizations"]
    for _ in range(2):
        youtube.edit(target, changed, external_id=published.external_id)
    found = seen(sandbox, target, published.external_id)
    assert (found["snippet"]["title"], found["snippet"]["description"]) == ("Autre titre", "Autre description")
    assert (found["snippet"]["tags"], found["snippet"]["categoryId"]) == (["lampe"], "26")
    assert found["localizations"] == kept == {"en": {"title": "A lamp", "description": ""}}
    assert (found["status"]["privacyStatus"], found["status"]["containsSyntheticMedia"]) == ("unlisted", True)
    youtube.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        youtube.edit(target, changed, external_id=published.external_id)
    assert gone.value.code == "parent_gone"
