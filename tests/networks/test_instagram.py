"""Publishing on Instagram: formats and options, containers and their states, quotas."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from socialops.networks.errors import (
    MediaError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.instagram import containers
from socialops.networks.ports import Charge, Connector, Content, Finding, Target
from tests.fakes.files import media, movie, picture, video
from tests.networks.driving import Ledger, create, publish, settled
from tests.networks.samples import sample_of
from tests.sandbox_server import Sandbox

SAMPLE = sample_of("instagram")
OWN_APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret", "login": "instagram"}
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def network() -> str:
    return "instagram"


@pytest.fixture
def read(sandbox: Sandbox, target: Target) -> Read:
    """The network's own word about an object."""
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}

    def get(path: str, **params: Any) -> dict[str, Any]:
        answer = sandbox.http.get(f"{sandbox.url('instagram')}/v26.0/{path}", params=params, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    return get


@pytest.fixture
def own(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    """An account connected by Instagram's own login."""
    made = sandbox.account("instagram", f"own{int(time.time() * 1e6)}", "Café Seul")
    values = {"access_token": made["instagram_token"]}
    account = connector.connect_with_token(base_url=sandbox.url("instagram"), values=values)
    assert account.external_id == made["id"]
    assert account.credentials is not None
    return Target("instagram", sandbox.url("instagram"), account.external_id, account.handle, account.credentials)


def as_story(item: Any) -> Content:
    return replace(SAMPLE.content(media=(item,), options={"format": "story"}), text="")


# ---------------------------------------------------------------- formats and options


def test_a_picture_of_any_kind_goes_out_as_jpeg_with_its_alternative_text(
    connector: Connector, target: Target, read: Read
) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (900, 900), (0, 128, 128, 80)).save(buffer, "PNG")
    png = replace(media(data=buffer.getvalue(), width=900, height=900), content_type="image/png")
    published = publish(connector, target, SAMPLE.content(media=(png,)))
    seen = read(published.external_id, fields="alt_text,media_type,media_url,permalink")
    assert seen["alt_text"] == "Une lampe en laiton sur un bureau"
    assert published.url == seen["permalink"]
    assert httpx.get(seen["media_url"], trust_env=False).content[:3] == b"\xff\xd8\xff"


def test_a_carousel_keeps_its_order_and_its_options_on_the_parent(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read
) -> None:
    options = {"collaborators": ["@atelier.nantes"], "location": "110843418940484"}
    what = SAMPLE.content("Trois vues @atelier.nantes", media=(media("a"), video("b"), media("c")), options=options)
    assert list(connector.check(what, limits={})) == []
    assert connector.charges(what) == (Charge("posts"), Charge("containers", 4))
    ledger = Ledger()
    prepared, handles = create(connector, replace(target, report=ledger.report), what, ledger)
    assert list(handles["children"]) == ["a", "b", "c"]
    metered = replace(target, report=ledger.report)
    published = settled(connector, target, prepared, handles, connector.commit(metered, prepared, handles=handles))
    seen = read(published.external_id, fields="media_type,collaborators,children{media_type}")
    assert seen["media_type"] == "CAROUSEL_ALBUM"
    assert [item["media_type"] for item in seen["children"]["data"]] == ["IMAGE", "VIDEO", "IMAGE"]
    assert seen["collaborators"]["data"] == [{"username": "atelier.nantes"}]
    assert ledger.charges.count(Charge("containers")) == 4
    assert ledger.charges.count(Charge("posts")) == 1
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


@pytest.mark.parametrize("form", ["reel", "post"])
def test_a_video_alone_is_a_reel_sent_from_here_with_its_cover(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read, form: str
) -> None:
    cover = media("cover", data=picture("navy", 360, 640))
    options = {"format": form, "share_to_feed": False, "thumb_offset": 1000}
    what = SAMPLE.content("Visite de l’atelier", media=(video(),), cover=cover, options=options)
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    seen = read(published.external_id, fields="media_product_type,media_type,is_shared_to_feed")
    assert (seen["media_product_type"], seen["media_type"], seen["is_shared_to_feed"]) == ("REELS", "VIDEO", False)
    assert not any("_files" in write["path"] for write in sandbox.log("instagram"))


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_story_goes_out_and_a_lost_answer_is_found(
    sandbox: Sandbox, connector: Connector, target: Target, read: Read, kind: str
) -> None:
    what = as_story(video() if kind == "video" else media())
    assert list(connector.check(what, limits={})) == []
    ledger = Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("drop", "instagram", method="POST", path="/media_publish$")
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=before)
    assert found.published is not None
    assert read(found.published.external_id, fields="media_product_type")["media_product_type"] == "STORY"


def tagged(sandbox: Sandbox, account: dict[str, Any]) -> list[str]:
    """Media in which this account is tagged, as it reads them itself."""
    answer = sandbox.http.get(
        f"{sandbox.url('instagram')}/v26.0/{account['id']}/tags",
        params={"fields": "id"},
        headers={"Authorization": f"Bearer {account['access_token']}"},
    )
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.parametrize("form", ["picture", "carousel", "reel", "story", "video story"])
def test_people_are_tagged_where_the_network_lets_us(
    sandbox: Sandbox, connector: Connector, target: Target, form: str
) -> None:
    friend = sandbox.account("instagram", f"ami{int(time.time() * 1e6)}", "Ami")
    people = {"tagged_people": [f"@{friend['handle']}", *(f"autre{n}" for n in range(11))]}
    contents = {
        "picture": SAMPLE.content(options=people),
        "carousel": SAMPLE.content(media=(video("a"), media("b"), media("c")), options=people),
        "reel": SAMPLE.content(media=(video(),), options={"format": "reel", **people}),
        "story": replace(as_story(media()), options={"format": "story", **people}),
        "video story": replace(as_story(video()), options={"format": "story", **people}),
    }
    what = contents[form]
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    assert tagged(sandbox, friend) == [published.external_id]


def test_everybody_tagged_in_a_picture_has_a_place_of_their_own() -> None:
    what = SAMPLE.content(options={"tagged_people": [f"a{n}" for n in range(20)]})
    tags = json.loads(containers._tags(what, what.media[0])["user_tags"])
    assert len({(tag["x"], tag["y"]) for tag in tags}) == 20
    assert all(0 < tag[axis] < 1 for tag in tags for axis in ("x", "y"))
    one = SAMPLE.content(options={"tagged_people": ["@seule"]})
    assert json.loads(containers._tags(one, one.media[0])["user_tags"]) == [{"username": "seule", "x": 0.5, "y": 0.5}]


def test_too_many_people_and_a_carousel_without_a_picture_are_said_before(connector: Connector) -> None:
    many = SAMPLE.content(options={"tagged_people": [f"a{n}" for n in range(21)]})
    assert [(p.code, p.detail["option"], p.detail["limit"]) for p in connector.check(many, limits={})] == [
        ("option_too_long", "tagged_people", 20)
    ]
    films = SAMPLE.content(media=(video("a"), video("b")), options={"tagged_people": ["a"], "trial": "manual"})
    assert [(p.code, p.detail["option"]) for p in connector.check(films, limits={})] == [
        ("tags_need_picture", "tagged_people"),
        ("option_invalid", "trial"),
    ]


@pytest.mark.parametrize("choice", ["manual", "performance"])
def test_a_reel_is_tried_out_first(connector: Connector, target: Target, read: Read, choice: str) -> None:
    what = SAMPLE.content(media=(video(),), options={"format": "reel", "trial": choice})
    assert list(connector.check(what, limits={})) == []
    seen = read(publish(connector, target, what).external_id, fields="media_product_type,is_shared_to_feed")
    assert (seen["media_product_type"], seen["is_shared_to_feed"]) == ("REELS", False)


def test_an_account_without_trials_is_told_so_in_words(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    body = {"account": target.external_id, "allowed": False}
    sandbox.http.put(f"{sandbox.url('instagram')}/_trials", json=body).raise_for_status()
    what = SAMPLE.content(media=(video(),), options={"format": "reel", "trial": "manual"})
    with pytest.raises(ValidationError) as refused:
        publish(connector, target, what)
    assert refused.value.code == "trial_refused"
    publish(connector, target, replace(what, options={"format": "reel", "trial": "no"}))


def test_comments_are_closed_where_asked(connector: Connector, target: Target, read: Read) -> None:
    published = publish(connector, target, SAMPLE.content(options={"comments_enabled": False}))
    assert read(published.external_id, fields="is_comment_enabled")["is_comment_enabled"] is False
    both = SAMPLE.content(options={"comments_enabled": False}, first_comment="Lien en bio")
    assert [(p.code, p.field) for p in connector.check(both, limits={})] == [("not_supported", "first_comment")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"media": ()}, ("media_missing", "media")),
        ({"media": (media(width=400, height=900),)}, ("image_ratio", "media")),
        ({"text": " ".join(f"#tag{n}" for n in range(31))}, ("too_many_hashtags", "text")),
        ({"text": " ".join(f"@ami{n}" for n in range(21))}, ("too_many_mentions", "text")),
        ({"options": {"collaborators": ["a", "b", "c", "d"]}}, ("option_too_long", "options")),
        ({"options": {"format": "story"}}, ("not_supported", "text")),
        ({"options": {"format": "reel"}}, ("media_kind", "media")),
        ({"options": {"format": "polaroid"}}, ("not_supported", "format")),
        ({"media": (video(seconds=2),)}, ("video_too_short", "media")),
    ],
)
def test_what_instagram_would_refuse_is_said_before(
    connector: Connector, changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    found = [(p.code, p.field) for p in connector.check(replace(SAMPLE.content("Bonjour"), **changes), limits={})]
    assert found == [problem]


# ---------------------------------------------------------------- containers


@pytest.mark.usefixtures("slow_files")
def test_a_container_is_waited_for_without_failing(connector: Connector, target: Target) -> None:
    prepared = connector.prepare(target, SAMPLE.content(media=(video(),)))
    ledger = Ledger()
    with pytest.raises(OutageError) as working:
        connector.create(target, prepared, handles={}, save=ledger.save)
    assert working.value.code == "media_processing"
    assert working.value.until is not None
    assert working.value.until > datetime.now(UTC)
    assert ledger.saved[-1]["container"]["whole"]


@pytest.mark.parametrize("step", ["/media$", "/ig-api-upload/", "/[0-9]+$"])
@pytest.mark.parametrize("effect", ["drop", "500_after", "close_before"])
def test_a_step_whose_answer_is_lost_is_repeated_and_one_post_goes_out(
    sandbox: Sandbox, connector: Connector, target: Target, step: str, effect: str
) -> None:
    what, ledger = SAMPLE.content(media=(video(),)), Ledger()
    sandbox.fault(effect, "instagram", path=step)
    with pytest.raises(OutageError) as lost:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert lost.value.code != "media_processing"
    prepared, handles = create(connector, target, what, ledger)
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


def test_a_video_that_cannot_be_processed_is_refused_in_instagrams_words(connector: Connector, target: Target) -> None:
    broken, ledger = replace(video(), read=lambda: b"\x00" * 2000, size=2000), Ledger()
    with pytest.raises(MediaError) as refused:
        create(connector, target, SAMPLE.content(media=(broken,)), ledger)
    assert "2207026" in refused.value.detail["message"]
    assert "container" not in ledger.saved[-1]  # another try makes another one


def test_a_container_published_by_a_call_we_know_nothing_of_is_not_published_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what, ledger = SAMPLE.content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    handles = connector.create(target, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    assert connector.commit(target, prepared, handles=handles) is None
    assert connector.confirm(target, prepared, handles=handles) == first
    assert len(sandbox.posts("instagram", account=target.external_id)) == 1


def test_a_container_too_old_is_made_anew(connector: Connector, target: Target) -> None:
    what, ledger = SAMPLE.content(), Ledger()
    prepared = connector.prepare(target, what)
    old = {"id": "17000000000000000", "made_at": (datetime.now(UTC) - timedelta(hours=25)).isoformat(), "whole": True}
    with pytest.raises(OutageError) as expired:
        connector.create(target, prepared, handles={"container": dict(old)}, save=ledger.save)
    assert expired.value.code == "media_expired"
    assert ledger.saved[-1] == {}
    not_seen = {**old, "made_at": datetime.now(UTC).isoformat()}
    with pytest.raises(OutageError) as hidden:
        connector.create(target, prepared, handles={"container": not_seen}, save=ledger.save)
    assert hidden.value.code == "media_processing"


@pytest.mark.usefixtures("slow_files")
def test_publishing_too_early_waits(connector: Connector, target: Target) -> None:
    prepared = connector.prepare(target, SAMPLE.content(media=(video(),)))
    ledger = Ledger()
    with pytest.raises(OutageError):
        connector.create(target, prepared, handles={}, save=ledger.save)
    with pytest.raises(OutageError) as early:
        connector.commit(target, prepared, handles=ledger.saved[-1])
    assert early.value.code == "media_processing"
    assert early.value.until is not None


def test_the_same_caption_twice_is_for_a_person_to_tell(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    text = "La même légende"
    publish(connector, target, SAMPLE.content(text))
    what, ledger = SAMPLE.content(text), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("drop", "instagram", method="POST", path="/media_publish$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.UNDECIDED
    assert len(found.candidates) == 2


def test_the_days_quota_is_read_and_respected(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    base = f"{sandbox.url('instagram')}/v26.0/{target.external_id}"
    image = sandbox.host(picture(), "image/jpeg")
    made = [
        sandbox.http.post(f"{base}/media", headers=headers, data={"image_url": image}).json()["id"] for _ in range(100)
    ]
    time.sleep(0.3)
    for container in made[:99]:
        assert (
            "id" in sandbox.http.post(f"{base}/media_publish", headers=headers, data={"creation_id": container}).json()
        )
    ledger = Ledger()
    prepared, handles = create(connector, replace(target, report=ledger.report), SAMPLE.content(), ledger)
    [quota] = [quota for quota in ledger.quotas if quota.bucket == "posts"]
    assert (quota.limit, quota.remaining) == (100, 1)
    connector.commit(target, prepared, handles=handles)
    with pytest.raises(RateLimitError) as spent:
        create(connector, target, SAMPLE.content(), Ledger())
    assert spent.value.code == "quota_spent"
    assert spent.value.until is not None


def test_a_video_goes_up_in_pieces(connector: Connector, target: Target) -> None:
    """No more than one of them is read at a time."""
    data = movie() + b"\x00" * 9_000_000
    asked: list[int] = []

    def piece(start: int, stop: int) -> bytes:
        asked.append(stop - start)
        return data[start:stop]

    def never() -> bytes:
        raise AssertionError("the whole file was read")

    film = replace(video(), size=len(data), read=never, read_range=piece)
    publish(connector, target, SAMPLE.content(media=(film,)))
    assert sum(asked) == len(data)
    assert max(asked) <= 4_194_304
