"""What is particular to Facebook Pages: videos, reels and stories with their states, editing, visitors, metrics of videos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import Code, MediaError, OutageError, UnknownOutcomeError, ValidationError
from socialops.networks.facebook import webhooks
from socialops.networks.ports import Action, Charge, Connector, Content, EventKind, Finding, MentionRef, Target
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, create, publish, settled
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox

SAMPLE = sample_of("facebook")
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def network() -> str:
    return "facebook"


@pytest.fixture
def read(sandbox: Sandbox, target: Target) -> Read:
    """The network's own word about an object."""
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}

    def get(path: str, **params: Any) -> dict[str, Any]:
        answer = sandbox.http.get(f"{sandbox.facebook}/v26.0/{path}", params=params, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    return get


def film(key: str = "v1", more: int = 0) -> Any:
    """An upright video that a reel may be, made heavier by `more` bytes."""
    data = movie(3, 540, 960) + b"\x00" * more
    return replace(video(key, width=540, height=960), size=len(data), read=lambda: data)


def reel(text: str = "Dans l’atelier", **options: Any) -> Content:
    return SAMPLE.content(text, media=(film(),), options={"format": "reel", **options})


def story(item: Any) -> Content:
    return replace(SAMPLE.content(media=(item,), options={"format": "story"}), text="")


CONTENTS: dict[str, Callable[[], Content]] = {
    "video": lambda: SAMPLE.content("Le film", media=(film(),)),
    "reel": reel,
    "photo story": lambda: story(media()),
    "video story": lambda: story(film()),
}
ONE_SHOTS = {
    "video": "/videos$",
    "reel": "/video_reels$",
    "photo story": "/photo_stories$",
    "video story": "/video_stories$",
}


# ---------------------------------------------------------------- videos, reels, stories


@pytest.mark.usefixtures("slow_files")
def test_a_video_goes_up_in_chunks_and_becomes_a_post(connector: Connector, target: Target, read: Read) -> None:
    cover = media("cover", data=picture("navy"))
    what = SAMPLE.content(
        "Le film",
        link="https://example.com/film",
        media=(film(more=2_500_000),),
        cover=cover,
        options={"title": "Atelier"},
    )
    assert list(connector.check(what, limits={})) == []
    ledger = Ledger()
    prepared, handles = create(connector, target, what, ledger)
    starts = [saved["video"]["start"] for saved in ledger.saved]
    assert starts == sorted(set(starts))
    assert len(starts) == 4
    assert connector.commit(target, prepared, handles=handles) is None
    assert connector.confirm(target, prepared, handles=handles) is None
    published = settled(connector, target, prepared, handles, None)
    assert published.external_id.startswith(f"{target.external_id}_")
    assert published.extra["video_id"] == handles["video"]["id"]
    seen = read(published.external_id, fields="message,attachments{media_type,target{id}}")
    assert seen["message"] == "Le film\n\nhttps://example.com/film"
    [item] = seen["attachments"]["data"]
    assert (item["media_type"], item["target"]["id"]) == ("video", handles["video"]["id"])
    assert read(handles["video"]["id"], fields="title")["title"] == "Atelier"
    assert published.url.startswith("https://www.facebook.com/videos/")


@pytest.mark.parametrize("effect", ["drop", "500_after", "close_before"])
def test_a_chunk_whose_answer_is_lost_is_not_sent_twice(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, read: Read
) -> None:
    film_ = film(more=2_500_000)
    what, ledger = SAMPLE.content("Le film", media=(film_,)), Ledger()
    handles: dict[str, Any] = {}
    sandbox.fault(effect, "facebook", method="POST", path="/videos$", count=1, probability=1)
    with pytest.raises(OutageError):
        connector.create(target, what, handles=handles, save=ledger.save)
    sandbox.fault("latency", "facebook", method="POST", path="/videos$", seconds=0.01)  # the start
    sandbox.fault(effect, "facebook", method="POST", path="/videos$")  # the first chunk
    with pytest.raises(OutageError):
        connector.create(target, what, handles={}, save=ledger.save)
    prepared, handles = create(connector, target, what, ledger)
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    source = read(handles["video"]["id"], fields="source")["source"]
    assert httpx.get(source, trust_env=False).content == film_.read()


@pytest.mark.usefixtures("slow_files")
def test_a_reel_is_a_video_of_its_own(connector: Connector, target: Target, read: Read) -> None:
    what, ledger = reel(title="Coulisses"), Ledger()
    assert list(connector.check(what, limits={})) == []
    assert connector.charges(what) == (Charge("reels"),)
    metered = replace(target, report=ledger.report)
    prepared, handles = create(connector, target, what, ledger)
    assert connector.commit(metered, prepared, handles=handles) is None
    assert connector.confirm(target, prepared, handles=handles) is None
    published = settled(connector, target, prepared, handles, None)
    assert published.external_id == handles["video"]["id"]
    assert published.url == f"https://www.facebook.com/reel/{published.external_id}/"
    assert ledger.charges == [Charge("reels")]
    assert [item["id"] for item in read(f"{target.external_id}/video_reels")["data"]] == [published.external_id]
    assert read(f"{target.external_id}/published_posts")["data"] == []
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert (seen.text, seen.media_count) == ("Dans l’atelier", 1)


def test_a_broken_upload_goes_on_where_it_was(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read
) -> None:
    what, ledger = reel(), Ledger()
    sandbox.fault("close_before", "facebook", method="POST", path="/video-upload/")
    with pytest.raises(OutageError):
        connector.create(target, what, handles={}, save=ledger.save)
    video_id = ledger.saved[-1]["video"]["id"]
    data = what.media[0].read()
    headers = {"Authorization": f"OAuth {target.credentials.values['access_token']}"}
    first = {**headers, "offset": "0", "file_size": str(len(data))}
    url = f"{sandbox.facebook}/video-upload/v26.0/{video_id}"
    assert sandbox.http.post(url, content=data[:1000], headers=first).json()["success"]
    _prepared, handles = create(connector, target, what, ledger)
    assert handles["video"] == {"id": video_id, "whole": True}
    assert read(video_id, fields="status")["status"]["uploading_phase"]["bytes_transfered"] == len(data)
    assert httpx.get(f"{sandbox.facebook}/media/{video_id}", trust_env=False).content == data


@pytest.mark.parametrize("kind", ["photo", "video"])
def test_a_story_shows_its_file_for_a_day(connector: Connector, target: Target, read: Read, kind: str) -> None:
    what = story(media() if kind == "photo" else film())
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    [item] = read(f"{target.external_id}/stories", status="PUBLISHED")["data"]
    assert published.external_id == f"{target.external_id}_{item['post_id']}"
    assert item["media_type"] == kind


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed"])
@pytest.mark.parametrize("kind", CONTENTS)
def test_a_lost_answer_of_any_kind_is_found_by_the_file(
    sandbox: Sandbox, connector: Connector, target: Target, kind: str, effect: str
) -> None:
    prepared, handles = create(connector, target, CONTENTS[kind](), Ledger())
    sandbox.fault(effect, "facebook", method="POST", path=ONE_SHOTS[kind])
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=before)
    while found.finding is Finding.UNDECIDED:
        assert found.look_again_at is not None
        found = connector.find_published(target, prepared, handles=handles, since=before)
    assert found.published is not None
    [post] = sandbox.posts("facebook", account=target.external_id)
    assert post["id"] == found.published.external_id


@pytest.mark.parametrize("kind", CONTENTS)
def test_one_that_never_arrived_may_be_sent_again(
    sandbox: Sandbox, connector: Connector, target: Target, kind: str
) -> None:
    prepared, handles = create(connector, target, CONTENTS[kind](), Ledger())
    sandbox.fault("close_before", "facebook", method="POST", path=ONE_SHOTS[kind])
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    now = datetime.now(UTC)
    early = connector.find_published(target, prepared, handles=handles, since=now)
    assert early.finding is Finding.UNDECIDED
    assert early.look_again_at is not None
    late = connector.find_published(target, prepared, handles=handles, since=now - timedelta(minutes=2))
    assert late.finding is Finding.NOT_PUBLISHED
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("facebook", account=target.external_id)) == 1


@pytest.mark.parametrize("form", ["post", "reel"])
def test_a_video_that_cannot_be_processed_is_refused_in_facebooks_words(
    sandbox: Sandbox, connector: Connector, target: Target, form: str
) -> None:
    broken = replace(film(), size=2000, read=lambda: b"\x00" * 2000)
    what = SAMPLE.content(media=(broken,), options={"format": form})
    prepared, handles = create(connector, target, what, Ledger())
    with pytest.raises(MediaError) as refused:
        settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert refused.value.detail["message"] == "The video format isn't supported."
    assert sandbox.posts("facebook", account=target.external_id) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"media": (video(width=960, height=540),), "options": {"format": "reel"}}, ("video_ratio", "media")),
        ({"media": (video(width=360, height=640),), "options": {"format": "reel"}}, ("video_resolution", "media")),
        ({"media": (), "options": {"format": "reel"}}, ("media_missing", "media")),
        ({"media": (film("a"), film("b"))}, ("too_many_media", "media")),
        ({"media": (film(), media())}, ("media_mixed", "media")),
        ({"media": (media(),), "options": {"format": "story"}}, ("not_supported", "text")),
        ({"options": {"format": "polaroid"}}, ("not_supported", "format")),
        ({"options": {"visibility": "public"}}, ("option_invalid", "options")),
    ],
)
def test_what_facebook_would_refuse_is_said_before(
    connector: Connector, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    found = [(p.code, p.field) for p in connector.check(replace(SAMPLE.content("Bonjour"), **changes), limits={})]
    assert found == [problem]


# ---------------------------------------------------------------- changing


def test_a_post_and_a_reel_are_edited_and_deleted(connector: Connector, target: Target) -> None:
    for what in (SAMPLE.content("Avant"), reel("Avant")):
        published = publish(connector, target, what)
        for _time in range(2):
            connector.edit(target, replace(what, text="Après"), external_id=published.external_id)
        seen = connector.read_post(target, external_id=published.external_id)
        assert seen is not None
        assert seen.text == "Après"
        connector.delete(target, external_id=published.external_id)
        assert connector.read_post(target, external_id=published.external_id) is None
        with pytest.raises(ValidationError) as gone:
            connector.edit(target, what, external_id=published.external_id)
        assert gone.value.code == "parent_gone"


def test_a_comment_is_liked_as_often_as_asked(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, reel())
    made = sandbox.crowd("facebook", "comment", post_id=published.external_id, text="Beau geste")
    [said] = connector.pull_mentions(target, cursor={}, watched=[published.external_id]).mentions
    assert said.external_id == made["id"]
    on = MentionRef(said.external_id, said.kind)
    for action, likes in ((Action.LIKE, 1), (Action.LIKE, 1), (Action.UNLIKE, 0), (Action.UNLIKE, 0)):
        connector.act(target, action=action, on=on)
        found = {post["id"]: post["likes"] for post in sandbox.posts("facebook")}
        assert found[said.external_id] == likes


# ---------------------------------------------------------------- reading


def test_what_visitors_write_on_the_page_is_read_and_answered(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    body = {"account": target.external_id, "text": "Ouverts dimanche ?"}
    made = sandbox.http.post(f"{sandbox.facebook}/_visit", json=body).json()
    page = connector.pull_mentions(target, cursor={}, watched=[])
    [visit] = page.mentions
    assert (visit.external_id, visit.kind, visit.text) == (made["id"], "mention", "Ouverts dimanche ?")
    answer = connector.reply(target, to=MentionRef(visit.external_id, "mention"), text="De 10 h à 18 h", key="k")
    replies = {p["id"]: p["reply_to"] for p in sandbox.posts("facebook", account=target.external_id)}
    assert replies[answer.external_id] == visit.external_id
    again = connector.pull_mentions(target, cursor=page.cursor, watched=[])
    assert {m.external_id for m in again.mentions} <= {visit.external_id}


def test_what_is_told_of_the_feed() -> None:
    author = {"id": "55", "name": "Léa"}
    comment = {"item": "comment", "from": author, "post_id": "1_2", "comment_id": "2_3", "created_time": 1700000000}
    told = [
        ({**comment, "verb": "add", "message": "Oui", "parent_id": "1_2"}, [(EventKind.MENTION, "2_3")]),
        ({**comment, "verb": "add", "from": {"id": "1"}}, []),
        ({**comment, "verb": "edited"}, []),
        ({**comment, "verb": "remove"}, [(EventKind.MENTION_GONE, "2_3")]),
        ({**comment, "verb": "hide"}, [(EventKind.MENTION_GONE, "2_3")]),
        ({"item": "status", "verb": "add", "from": author, "post_id": "1_9"}, [(EventKind.MENTION, "1_9")]),
        ({"item": "reaction", "verb": "add", "from": author, "post_id": "1_2"}, []),
    ]
    for value, expected in told:
        events = list(webhooks._change("1", datetime.now(UTC), "feed", value))
        assert [(event.kind, event.external_id) for event in events] == expected
    mention = {"post_id": "77_8", "sender_id": "55", "item": "post", "verb": "add"}
    [event] = webhooks._change("1", datetime.now(UTC), "mention", mention)
    assert (event.kind, event.external_id, event.mention) == (EventKind.MENTION, "77_8", None)


# ---------------------------------------------------------------- measuring


def test_videos_and_reels_have_their_own_metrics(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    film_ = publish(connector, target, CONTENTS["video"]())
    short = publish(connector, target, reel())
    sandbox.crowd("facebook", "like", post_id=short.external_id)
    sandbox.crowd("facebook", "comment", post_id=short.external_id, text="Encore !")
    found = connector.pull_post_metrics(target, external_ids=[film_.external_id, short.external_id])
    assert not found.dead
    assert found.metrics[film_.external_id]["total_video_views"] == 0
    assert found.metrics[film_.external_id]["post_media_view"] == 0
    reels = found.metrics[short.external_id]
    assert (reels["likes"], reels["comments"], reels["blue_reels_play_count"]) == (1, 1, 3)


def test_a_dead_metric_hides_no_other(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    published = publish(connector, target, SAMPLE.content())
    monkeypatch.setitem(network_data("facebook")["metrics"], "post", ["post_impressions", "post_media_view"])
    found = connector.pull_post_metrics(target, external_ids=[published.external_id])
    assert found.dead == {"post_impressions": "(#100) The value must be a valid insights metric"}
    assert found.metrics[published.external_id]["post_media_view"] == 0


def test_the_usage_of_every_call_is_reported(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    connector.verify(replace(target, report=ledger.report))
    assert {quota.bucket for quota in ledger.quotas} == {"app", "pages"}


# ---------------------------------------------------------------- who sees it, and where it is

WHERE = "https://www.facebook.com/Cafe-de-Flore-110774245616525/"


def test_a_post_is_kept_to_countries_and_an_age_and_says_where_it_is(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read
) -> None:
    options = {"countries": ["fr", "BE"], "age_min": "18", "location": WHERE}
    kept = {"age_min": 18, "geo_locations": {"countries": ["FR", "BE"]}}
    assert connector.check(SAMPLE.content(options=options), limits={}) == []
    published = publish(connector, target, SAMPLE.content(options=options))
    seen = read(published.external_id, fields="targeting,place")
    assert (seen["targeting"], seen["place"]) == (kept, {"id": "110774245616525"})
    what, ledger = SAMPLE.content("Le film", media=(film(),), options={"countries": ["FR"], "age_min": "13"}), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    shown = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert read(shown.external_id, fields="targeting")["targeting"] == {"geo_locations": {"countries": ["FR"]}}
    plain = publish(connector, target, SAMPLE.content(options={"age_min": "13"}))
    assert not {"targeting", "place"} & read(plain.external_id, fields="id,targeting,place").keys()
    page = sandbox.http.get(f"{sandbox.facebook}/pages/{target.handle.lstrip('@')}").text
    for words in ("Shown in some countries only.", "Shown to people of a certain age only.", "Says where it is."):
        assert words in page


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: SAMPLE.content(options={"countries": ["France"]}), Code.OPTION_INVALID),
        (lambda: SAMPLE.content(options={"age_min": "16"}), Code.OPTION_INVALID),
        (lambda: SAMPLE.content(options={"location": "Café de Flore"}), Code.OPTION_INVALID),
        (lambda: SAMPLE.content(options={"location": "https://www.facebook.com/cafedeflore"}), Code.OPTION_INVALID),
        (lambda: SAMPLE.content(media=(film(),), options={"location": WHERE}), Code.OPTION_WITHOUT_VIDEO),
        (lambda: reel(location=WHERE), None),
        (lambda: SAMPLE.content(options={"location": "https://facebook.com/profile.php?id=110774245616525"}), None),
    ],
)
def test_a_place_is_a_number_and_no_video_of_the_feed_has_one(
    connector: Connector, content: Callable[[], Content], code: Code | None
) -> None:
    assert [problem.code for problem in connector.check(content(), limits={})] == ([code] if code else [])
