"""Carousels of links on Facebook: what goes out, what is refused before, what is found after a lost answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from editorial.problems import sentence_for
from socialops.networks.errors import Code, MediaError, NetworkError
from socialops.networks.ports import Connector, Content, Finding, Problem, Target
from tests.fakes.files import media, picture, video
from tests.networks.driving import Ledger, create, looked_for, publish
from tests.networks.samples import CAROUSEL, sample_of
from tests.sandbox_server import Sandbox

SAMPLE = sample_of("facebook")
LINK = "https://example.com/lampes"
THREE = (media("a"), media("b", data=picture("navy"), width=1200, height=900), media("c"))
only = pytest.mark.parametrize


@pytest.fixture
def network() -> str:
    return "facebook"


def carousel(text: str = "", *, link: str = LINK, files: tuple[Any, ...] = THREE, **options: Any) -> Content:
    hosted = tuple(replace(file, host=media().host) for file in files)
    return SAMPLE.content(text, link=link, media=hosted, options={**CAROUSEL, **options})


def problems(connector: Connector, what: Content) -> list[Problem]:
    return list(connector.check(what, limits={}))


def ours(sandbox: Sandbox, target: Target) -> list[dict[str, Any]]:
    return sandbox.posts(target.network, account=target.external_id)


def test_cards_go_out_in_order_each_with_its_own_or_the_publications_link(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what = carousel("Trois lampes")
    assert problems(connector, what) == []
    published = publish(connector, target, what)
    (post,) = ours(sandbox, target)
    assert [card["link"] for card in post["cards"]] == [
        "https://example.com/laiton",
        LINK,
        "https://example.com/verre?b=1&c",
    ]
    assert [card["name"] for card in post["cards"]] == ["Cuivre & laiton", "example.com", "Verre"]
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert (seen.text, seen.media_count) == ("Trois lampes", 3)  # the link is no part of the text
    page = sandbox.http.get(published.url.replace("https://www.facebook.com", sandbox.facebook))
    assert "Cuivre &amp; laiton" in page.text
    assert "See more" in page.text
    for card in post["cards"]:
        assert sandbox.http.get(f"{sandbox.facebook}/media/{card['media']}").content.startswith(b"\xff\xd8")


def test_without_a_link_of_its_own_there_is_no_last_card(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what = carousel(link="", card_links=["https://example.com/1", "https://example.com/2"], files=THREE[:2])
    assert problems(connector, replace(what, options={**what.options, "card_titles": []})) == []
    published = publish(connector, target, replace(what, options={**what.options, "card_titles": []}))
    page = sandbox.http.get(published.url.replace("https://www.facebook.com", sandbox.facebook)).text
    assert "https://example.com/2" in page
    assert "See more" not in page


@only("effect", ["drop", "500_after", "malformed"])
def test_a_carousel_whose_answer_is_lost_is_found_and_not_doubled(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str
) -> None:
    what, since = carousel(), datetime.now(UTC)
    prepared, handles = create(connector, target, what, Ledger())
    sandbox.fault(effect, "facebook", path=SAMPLE.one_shot, method="POST")
    with pytest.raises(NetworkError):
        connector.commit(target, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=since))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    assert [found.published.external_id] == [post["id"] for post in ours(sandbox, target)]


def test_the_same_text_with_other_cards_or_none_is_for_a_person(connector: Connector, target: Target) -> None:
    what, since = carousel(), datetime.now(UTC) - timedelta(minutes=5)
    others = publish(connector, target, replace(what, options={**what.options, "card_links": [LINK, "", LINK]}))
    bare = publish(connector, target, replace(what, options={}, media=(), link=""))
    found = connector.find_published(target, what, handles={}, since=since)
    assert found.finding is Finding.UNDECIDED
    assert {candidate.external_id for candidate in found.candidates} == {others.external_id, bare.external_id}
    ours_is = publish(connector, target, what)
    found = connector.find_published(target, what, handles={}, since=since)
    assert found.published is not None
    assert found.published.external_id == ours_is.external_id


def test_hosted_pictures_are_saved_one_by_one_and_used_again(connector: Connector, target: Target) -> None:
    what, ledger = carousel(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    assert [len(saved["pictures"]) for saved in ledger.saved] == [1, 2, 3]
    assert connector.create(target, prepared, handles=dict(handles), save=ledger.save) == handles
    old = {**handles, "hosted_at": 0}
    assert connector.create(target, prepared, handles=old, save=ledger.save)["hosted_at"] > 0


def test_a_picture_that_facebook_cannot_fetch_is_told_from_a_refusal(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    prepared, handles = create(connector, target, carousel(), Ledger())
    handles["pictures"]["b"] = f"{sandbox.facebook}/nothing-here.jpg"
    with pytest.raises(MediaError) as raised:
        connector.commit(target, prepared, handles=handles)
    assert raised.value.code == Code.MEDIA_UNREACHABLE
    assert ours(sandbox, target) == []


WRONG: dict[str, tuple[Callable[[], Content], Code, str]] = {
    "one picture": (
        lambda: carousel(files=THREE[:1], card_links=[], card_titles=[]),
        Code.TOO_FEW_MEDIA,
        "In this format the channel wants at least 2 files: add some, or choose another format.",
    ),
    "six pictures": (
        lambda: carousel(files=tuple(media(str(n)) for n in range(6))),
        Code.TOO_MANY_MEDIA,
        "This network takes 5 files at most: remove some, or choose them for this channel.",
    ),
    "a video": (
        lambda: carousel(files=(video("a"), video("b")), card_links=[], card_titles=[]),
        Code.MEDIA_KIND,
        "This channel does not take this kind of file here. It takes: images.",
    ),
    "a card that leads nowhere": (
        lambda: carousel(link=""),
        Code.OPTION_MISSING,
        "Card 2 leads nowhere: fill in its line of “Links of the cards”, or give the publication a link.",
    ),
    "no address": (
        lambda: carousel(card_links=["lampes", "", ""]),
        Code.LINK_INVALID,
        "“lampes” in “Links of the cards” is not a web address: it must start with https://.",
    ),
    "more links than pictures": (
        lambda: carousel(card_links=[LINK] * 4),
        Code.OPTION_COUNT,
        "“Links of the cards”: 4 are filled in, this network takes 0 to 3.",
    ),
    "a title without end": (
        lambda: carousel(card_titles=["n" * 256]),
        Code.OPTION_TOO_LONG,
        "is too long: 256 characters, this network takes 255 in “Titles of the cards”.",
    ),
    "no list": (
        lambda: carousel(card_titles="Laiton"),
        Code.OPTION_INVALID,
        "“Titles of the cards” has a value that this channel does not take",
    ),
}


@only("name", WRONG)
def test_what_is_no_carousel_is_refused_before_anything_is_sent(connector: Connector, name: str) -> None:
    make, code, sentence = WRONG[name]
    found = problems(connector, make())
    assert code in [problem.code for problem in found]
    said = [sentence_for(problem.code, problem.field, problem.detail) for problem in found]
    assert any(sentence in one for one in said), said


def test_the_sandbox_refuses_what_facebook_does(sandbox: Sandbox, target: Target) -> None:
    card = {"link": LINK, "picture": f"{sandbox.facebook}/nothing.jpg"}
    for fields, message in (
        ({"link": LINK, "child_attachments": [card]}, "must have 2 to 5 elements"),
        ({"child_attachments": [card, card]}, "The parameter link is required"),
        ({"link": LINK, "child_attachments": [card, {**card, "alt": "x"}]}, "Invalid keys"),
        ({"link": LINK, "child_attachments": [card, {"link": LINK}]}, "either picture or image_hash"),
        ({"link": LINK, "child_attachments": [card, {**card, "link": "x"}]}, "not properly formatted"),
        ({"link": LINK, "child_attachments": "x"}, "must be an array"),
    ):
        headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
        url = f"{sandbox.facebook}/v26.0/{target.external_id}/feed"
        answer = sandbox.http.post(
            url, json={"message": "Non", "multi_share_optimized": False, **fields}, headers=headers
        )
        assert answer.status_code == 400
        assert message in answer.json()["error"]["message"]
    assert ours(sandbox, target) == []
