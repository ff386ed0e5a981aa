"""X: formats, options, costs, lost answers."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from socialops.networks.data import network_data
from socialops.networks.errors import (
    DuplicateError,
    MediaError,
    OutageError,
    PolicyError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Connector, Finding, Media, Published, Target
from tests.fakes.files import media, video
from tests.networks.driving import Ledger, content, create, publish
from tests.sandbox_server import Sandbox


def shown(sandbox: Sandbox, target: Target, post_id: str) -> dict[str, Any]:
    """A post as the API gives it."""
    answer = sandbox.http.get(
        f"{sandbox.url('x')}/2/tweets/{post_id}",
        params={
            "tweet.fields": "attachments,reply_settings,paid_partnership,entities",
            "expansions": "attachments.media_keys",
            "media.fields": "alt_text,type",
        },
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json())


def gif(key: str = "g1", frames: int = 3) -> Media:
    buffer = io.BytesIO()
    pictures = [Image.new("RGB", (64, 48), color) for color in ("teal", "red", "blue")[:frames]]
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    data = buffer.getvalue()
    return Media(key, "image/gif", len(data), "Une lampe qui s’allume", lambda: data, 64, 48, "lampe.gif")


# ---------------------------------------------------------------- going out


@pytest.mark.usefixtures("slow_files")
def test_a_video_goes_up_in_segments_and_waits_for_its_processing(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["media"], "chunk_bytes", 1000)
    what, ledger = content(media=(video(),)), Ledger()
    prepared = connector.prepare(target, what)
    with pytest.raises(OutageError) as waiting:
        connector.create(target, prepared, handles={}, save=ledger.save)
    assert waiting.value.code == "media_processing"
    assert waiting.value.until is not None
    assert waiting.value.until > datetime.now(UTC)
    sent = [saved["media"]["v1"]["sent"] for saved in ledger.saved]
    assert sent[:3] == [0, 1000, 2000]
    assert sent[-1] == what.media[0].size
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    seen = shown(sandbox, target, published.external_id)
    assert [item["type"] for item in seen["includes"]["media"]] == ["video"]


def test_an_upload_that_was_cut_goes_on_where_it_was(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["media"], "chunk_bytes", 2000)
    what, ledger = content(media=(video(),)), Ledger()
    sandbox.fault("drop", "x", method="POST", path="/append$")
    with pytest.raises(OutageError):
        connector.create(target, what, handles={}, save=ledger.save)
    assert ledger.saved[-1]["media"]["v1"]["sent"] == 0
    _prepared, handles = create(connector, target, what, ledger)
    first = {saved["media"]["v1"]["id"] for saved in ledger.saved}
    assert first == {handles["media"]["v1"]["id"]}
    assert handles["media"]["v1"]["ready"] is True


def test_a_video_that_x_cannot_read_is_refused_with_its_words(connector: Connector, target: Target) -> None:
    broken = replace(video(), read=lambda: b"no video" * 400, size=3200)
    with pytest.raises(MediaError) as refused:
        create(connector, target, content(media=(broken,)), Ledger())
    assert refused.value.code == "media_refused"
    assert "Unsupported video format" in refused.value.detail["message"]


def test_an_upload_about_to_expire_is_made_anew(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(media(),)), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = dict(handles["media"]["m1"])
    handles["media"]["m1"]["expires_at"] = 1
    renewed = connector.create(target, prepared, handles=handles, save=ledger.save)
    assert renewed["media"]["m1"]["id"] != first["id"]
    assert renewed["media"]["m1"]["described"] is True


def test_a_gif_keeps_moving_and_goes_alone(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    alone = content(media=(gif(),))
    assert list(connector.check(alone, limits={})) == []
    published = publish(connector, target, alone)
    (item,) = shown(sandbox, target, published.external_id)["includes"]["media"]
    assert (item["type"], item["alt_text"]) == ("animated_gif", "Une lampe qui s’allume")
    both = content(media=(gif(), media()))
    assert [problem.code for problem in connector.check(both, limits={})] == ["media_mixed"]


def test_alt_texts_are_there_before_the_post(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, content(media=(media("a", "Une lampe"), media("b", "Deux lampes"))))
    items = shown(sandbox, target, published.external_id)["includes"]["media"]
    assert [item["alt_text"] for item in items] == ["Une lampe", "Deux lampes"]
    paths = [line["path"] for line in sandbox.log("x") if line["account"] == target.handle.removeprefix("@")]
    assert paths.index("/2/tweets") > max(i for i, path in enumerate(paths) if path == "/2/media/metadata")


@pytest.mark.parametrize(
    ("choice", "sent"), [("everyone", "everyone"), ("mentioned", "mentionedUsers"), ("verified", "verified")]
)
def test_options_reach_the_post(sandbox: Sandbox, connector: Connector, target: Target, choice: str, sent: str) -> None:
    what = content(options={"reply_settings": choice, "paid_partnership": True, "ai_generated": True})
    assert list(connector.check(what, limits={})) == []
    data = shown(sandbox, target, publish(connector, target, what).external_id)["data"]
    assert (data["reply_settings"], data["paid_partnership"]) == (sent, True)


def page_of(sandbox: Sandbox, published: Published) -> str:
    """A post as people see it."""
    return str(sandbox.http.get(published.url).text)


def test_people_are_tagged_in_pictures_by_their_user_names(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    people = ["@Cafe_Riviera", "cafe_riviera", " velo_citadin"]
    what, ledger = content(media=(media(),), options={"tagged_people": people}), Ledger()
    assert list(connector.check(what, limits={})) == []
    prepared, handles = create(connector, replace(target, report=ledger.report), what, ledger)
    sandbox.fault("500_before", "x", path="/users/by$")  # who was found once is not looked up again
    connector.create(target, prepared, handles=handles, save=ledger.save)
    sandbox.clear_faults()
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    assert "◉ @cafe_riviera, @velo_citadin" in page_of(sandbox, published)
    film = content(media=(video(),), options={"tagged_people": people})
    assert "◉" not in page_of(sandbox, publish(connector, target, film))


def test_nobodys_user_name_is_said_before_anything_goes_up(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(media(),), options={"tagged_people": ["cafe_riviera", "personne_ici"]}), Ledger()
    with pytest.raises(ValidationError) as unknown:
        create(connector, target, what, ledger)
    assert (unknown.value.code, unknown.value.detail["names"]) == ("person_unknown", "personne_ici")
    assert ledger.saved == []
    wrong = replace(what, options={"tagged_people": ["é", *(f"a{n}" for n in range(10))]})
    assert [(p.code, p.detail.get("names"), p.detail.get("limit")) for p in connector.check(wrong, limits={})] == [
        ("option_too_long", None, 10),
        ("person_unknown", "é", None),
    ]
    assert [p.code for p in connector.check(replace(what, options={"tagged_people": "a"}), limits={})] == [
        "option_invalid"
    ]


def test_a_picture_stands_for_a_video(sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str) -> None:
    cover = media("cover", "Une lampe")
    what, ledger = content(media=(video(),), cover=cover), Ledger()
    assert list(connector.check(what, limits={})) == []
    prepared, handles = create(connector, target, what, ledger)
    preview = handles["cover"]["media"]["cover"]["id"]
    sandbox.fault("500_after", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.published is not None  # the cover is not among the post's files
    assert f'poster="/media/{preview}"' in page_of(sandbox, found.published)
    wrong = connector.check(replace(what, cover=video("c")), limits={})
    assert [(p.code, p.field) for p in wrong] == [("media_kind", "cover")]


COMMUNITY = "1493446837214187522"


def test_a_post_goes_into_a_community_by_its_address(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    chosen = {"community": f"https://x.com/i/communities/{COMMUNITY}?s=20", "community_share": True}
    what = content(options=chosen)
    assert list(connector.check(what, limits={})) == []
    assert "In a community." in page_of(sandbox, publish(connector, target, what))
    with pytest.raises(ValidationError) as refused:
        publish(connector, target, content(options={"community": "1493446837214187523"}))
    assert (refused.value.code, refused.value.detail["option"]) == ("option_refused", "community")
    assert "not a member" in refused.value.detail["message"]
    wrong = content(options={"community": "les lampes", "subscribers_only": True})
    assert [(p.code, p.detail["option"]) for p in connector.check(wrong, limits={})] == [
        ("option_address", "community"),
        ("option_excludes", "subscribers_only"),
    ]


def test_a_thread_for_subscribers_is_theirs_to_its_end(
    sandbox: Sandbox, connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    what = content(options={"subscribers_only": True}, parts=("Suite",))
    with pytest.raises(ValidationError) as refused:
        publish(connector, target, what)
    assert (refused.value.code, refused.value.detail["option"]) == ("option_refused", "subscribers_only")
    steer("/_subscription", account=target.external_id, type="Premium")
    root = publish(connector, target, what)
    part = connector.commit_part(
        target, what, root=root, parent=root, text=f"Suite {uuid.uuid4().hex}", key=what.idempotency_key
    )
    assert ["For subscribers only." in page_of(sandbox, post) for post in (root, part)] == [True, True]


@pytest.mark.parametrize("chosen", [{"community": COMMUNITY}, {"subscribers_only": True}])
def test_what_is_not_for_everybody_is_never_sent_again_for_want_of_finding_it(
    connector: Connector, target: Target, chosen: dict[str, Any]
) -> None:
    long_ago = datetime.now(UTC) - timedelta(seconds=50)
    found = connector.find_published(target, content(options=chosen), handles={}, since=long_ago)
    assert (found.finding, found.published) == (Finding.UNDECIDED, None)


def test_a_wrong_option_is_named(connector: Connector) -> None:
    problems = connector.check(content(options={"reply_settings": "nobody"}), limits={})
    assert [(p.code, p.detail["option"]) for p in problems] == [("option_invalid", "reply_settings")]


def test_characters_that_x_takes_nowhere_are_named(connector: Connector) -> None:
    assert [p.code for p in connector.check(content("bonjour\ufffe"), limits={})] == ["character_refused"]


def test_one_cashtag_a_post_and_no_more(connector: Connector, target: Target) -> None:
    one = content(f"$ACME monte {uuid.uuid4().hex}", parts=("Et $AUTRE aussi",), first_comment="$ACME")
    assert list(connector.check(one, limits={})) == []
    publish(connector, target, one)
    more = replace(one, text="$ACME et $AUTRE", parts=("Non", "$A $B $A"), first_comment="$A $A")
    problems = connector.check(more, limits={"text": {"max": 25_000}})
    assert [(p.code, p.field, p.detail["count"], p.detail.get("part")) for p in problems] == [
        ("too_many_cashtags", "text", 2, None),
        ("too_many_cashtags", "parts", 3, 2),
        ("too_many_cashtags", "first_comment", 2, None),
    ]
    with pytest.raises(PolicyError, match="content_policy"):  # X would not have it either
        publish(connector, target, more)


def test_a_subscription_lengthens_posts_and_videos(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    usual = connector.fetch_limits(target)
    assert (usual["text"]["max"], usual["video"]["max_seconds"]) == (280, 1200)
    steer("/_subscription", account=target.external_id, type="Premium")
    limits = connector.fetch_limits(target)
    assert (limits["text"]["max"], limits["video"]["max_seconds"]) == (25_000, 7500)
    long = content("é" * 5000)
    assert list(connector.check(long, limits=limits)) == []
    published = publish(connector, target, long)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert len(seen.text) == 5000


def test_text_is_read_back_without_escapes_and_short_links(
    connector: Connector, target: Target, vocabulary: str
) -> None:
    text = f"Ciel & terre < 5 > https://example.com/a?b=1&c=2 {uuid.uuid4().hex}"
    published = publish(connector, target, content(text, media=(media(),)))
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == text
    assert seen.media_count == 1
    assert connector.read_post(target, external_id="1") is None


# ---------------------------------------------------------------- what it costs


def test_what_is_foretold_is_what_is_told_and_what_x_bills(
    sandbox: Sandbox, connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    what = content(
        f"Voir example.com {uuid.uuid4().hex}",
        media=(media("a"), media("b", "Une autre lampe")),
        parts=(f"Suite {uuid.uuid4().hex}", f"Fin https://example.com/b {uuid.uuid4().hex}"),
        first_comment=f"Un mot {uuid.uuid4().hex}",
        options={"tagged_people": ["cafe_riviera"]},
    )
    foretold, ledger = connector.charges(what), Ledger()
    metered = replace(target, report=ledger.report)
    steer("/_credits", left="")
    prepared, handles = create(connector, metered, what, Ledger())
    root = connector.commit(metered, prepared, handles=handles)
    assert root is not None
    parent = root
    for part in what.parts:
        parent = connector.commit_part(metered, what, root=root, parent=parent, text=part, key="")
    connector.commit_part(metered, what, root=root, parent=root, text=what.first_comment, key="")

    def summed(charges: Any) -> dict[str, tuple[int, Decimal]]:
        buckets = {charge.bucket for charge in charges}
        return {
            bucket: (
                sum(c.units for c in charges if c.bucket == bucket),
                sum((c.amount for c in charges if c.bucket == bucket), Decimal(0)),
            )
            for bucket in buckets
        }

    assert summed(foretold) == summed(ledger.charges)
    assert summed(foretold) == {
        "posts": (4, Decimal("0.430")),
        "metadata": (2, Decimal("0.010")),
        "reads": (0, Decimal("0.010")),
    }
    spent = sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"]
    assert Decimal(spent) == sum((c.amount for c in foretold), Decimal(0))
    assert {c.bucket for c in foretold} <= set(network_data("x")["quotas"])


def test_reads_are_told_by_what_they_gave(
    sandbox: Sandbox, connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], vocabulary: str
) -> None:
    published = publish(connector, target, content())
    sandbox.crowd("x", "comment", post_id=published.external_id, text="Joli")
    steer("/_credits", left="")
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    connector.pull_mentions(metered, cursor={}, watched=[published.external_id])
    connector.pull_post_metrics(metered, external_ids=[published.external_id])
    connector.pull_account_metrics(metered)
    connector.delete(metered, external_id=published.external_id)
    spent = Decimal(sandbox.http.get(sandbox.url("x") + "/_credits").json()["spent"])
    assert sum((c.amount for c in ledger.charges), Decimal(0)) == spent > 0
    assert {c.bucket for c in ledger.charges} <= set(network_data("x")["quotas"])


def test_a_refused_call_costs_nothing(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    with pytest.raises(ValidationError):
        publish(connector, replace(target, report=ledger.report), content("é" * 400))
    assert ledger.charges == []


def test_without_credits_nothing_is_tried_again(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    steer("/_credits", left="0.01")
    try:
        publish(connector, target, content())  # the last of it
        with pytest.raises(PolicyError) as spent:
            publish(connector, target, content())
        assert spent.value.code == "credits_spent"
        assert spent.value.until is None
    finally:
        steer("/_credits", left="")


# ---------------------------------------------------------------- lost answers


def test_the_same_files_prove_a_lost_post_whatever_its_text(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    what, ledger = content("", media=(media(),)), Ledger()
    what = replace(what, text="")
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault("500_after", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED


@pytest.mark.parametrize("path", ["/2/media/upload$", "/initialize$", "/finalize$", "/metadata$", "/2/media/upload"])
def test_a_lost_answer_while_files_go_up_is_an_outage(
    sandbox: Sandbox, connector: Connector, target: Target, path: str
) -> None:
    file = video() if path in ("/initialize$", "/finalize$") else media()
    what, ledger = content(media=(file,)), Ledger()
    sandbox.fault("drop", "x", method="POST", path=path)
    with pytest.raises(OutageError) as lost:
        connector.create(target, connector.prepare(target, what), handles={}, save=ledger.save)
    assert lost.value.code == "answer_lost"
    prepared, handles = create(connector, target, what, ledger)
    assert connector.commit(target, prepared, handles=handles) is not None


def test_a_text_without_scheme_is_found_by_what_x_made_of_it(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    what = content(f"Cafe\u0301 & https://example.com/x?a=1&b=2 {uuid.uuid4().hex}")
    sandbox.fault("drop", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, what, handles={})
    assert connector.find_published(target, what, handles={}, since=datetime.now(UTC)).finding is Finding.PUBLISHED


def test_a_repeated_text_is_a_duplicate(connector: Connector, target: Target) -> None:
    what = content()
    publish(connector, target, what)
    with pytest.raises(DuplicateError) as again:
        publish(connector, target, what)
    assert again.value.code == "duplicate_post"


def test_a_reply_is_not_taken_for_the_post(connector: Connector, target: Target, vocabulary: str) -> None:
    root = publish(connector, target, content())
    what = content()
    connector.commit_part(target, what, root=root, parent=root, text=what.text, key="")
    long_ago = datetime.now(UTC) - timedelta(seconds=50)
    found = connector.find_published(target, what, handles={}, since=long_ago)
    assert found.finding is Finding.NOT_PUBLISHED
