"""Quoting somebody's post, on each network that lets us: what goes out, what is refused before, what is found after a lost answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from editorial.problems import sentence_for
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.ports import Connector, Content, Finding, Format, Published, Target
from socialops.networks.registry import connector_for, networks
from tests.fakes.files import media
from tests.networks.driving import Ledger, create, looked_for, publish
from tests.networks.samples import POLL, sample_of
from tests.sandbox_server import Sandbox


def takes_quotes(network: str) -> bool:
    return any(option.name == "quote" for option in connector_for(network).options(limits={}))


WITH_QUOTES = [name for name in networks() if takes_quotes(name)]
only = pytest.mark.parametrize


@pytest.fixture(params=WITH_QUOTES)
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def quoting(network: str) -> Callable[..., Content]:
    def make(address: str, text: str = "", **more: Any) -> Content:
        return sample_of(network).content(text, options={"quote": address, **more.pop("options", {})}, **more)

    return make


@pytest.fixture
def ours(connector: Connector, target: Target, network: str) -> Published:
    """A post of our own."""
    return publish(connector, target, sample_of(network).content("Nos lampes sont prêtes"))


@pytest.fixture
def theirs(sandbox: Sandbox, connector: Connector, network: str, networks_at_sandbox: None) -> tuple[Target, Published]:
    """Somebody else, and a post of theirs."""
    made = sandbox.account(network, f"q{uuid.uuid4().hex[:12]}", "Léa Moreau")
    account = connector.connect_with_token(base_url=sandbox.url(network), values=made)
    assert account.credentials is not None
    who = Target(network, sandbox.url(network), account.external_id, account.handle, account.credentials)
    return who, publish(connector, who, sample_of(network).content("Une belle vitrine"))


def quotes_of(sandbox: Sandbox, target: Target) -> dict[str, str | None]:
    """Text and what it quotes, of each of our posts."""
    return {post["text"]: post["quotes"] for post in sandbox.posts(target.network, account=target.external_id)}


def test_four_networks_let_us_quote() -> None:
    assert sorted(WITH_QUOTES) == ["bluesky", "linkedin", "mastodon", "threads"]


def test_our_own_post_is_quoted_and_shown(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    what = quoting(ours.url, "Et voici pourquoi")
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    assert quotes_of(sandbox, target)["Et voici pourquoi"] == ours.external_id
    assert published.extra.get("unfinished") is None
    page = sandbox.http.get(published.url).text
    assert "Et voici pourquoi" in page
    assert "Nos lampes sont prêtes" in page
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == "Et voici pourquoi"


@only("effect", ["drop", "500_after", "malformed"])
def test_a_quote_whose_answer_is_lost_is_found_and_not_doubled(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    ours: Published,
    quoting: Callable[..., Content],
    effect: str,
) -> None:
    what, since = quoting(ours.url, "Perdu et retrouvé"), datetime.now(UTC)
    prepared, handles = create(connector, target, what, Ledger())
    sandbox.fault(effect, target.network, path=sample_of(target.network).one_shot, method="POST")
    with pytest.raises(NetworkError):
        connector.commit(target, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=since))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    assert quotes_of(sandbox, target) == {
        "Nos lampes sont prêtes": None,
        "Perdu et retrouvé": ours.external_id,
    }


@only("network", ["linkedin", "mastodon"])  # Bluesky's key and Threads' container leave no doubt
def test_the_same_text_with_another_quote_or_none_asks_a_person(
    connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    other = publish(connector, target, sample_of(target.network).content("Une autre lampe"))
    alike = publish(connector, target, quoting(other.url, "Voyez"))
    what = quoting(ours.url, "Voyez")
    _, handles = create(connector, target, what, Ledger())
    for asked in (what, replace(what, options={})):
        found = connector.find_published(target, asked, handles=handles, since=since)
        assert found.finding is Finding.UNDECIDED
        assert [candidate.external_id for candidate in found.candidates] == [alike.external_id]


def test_what_is_no_post_of_the_network_is_refused_with_what_to_paste(
    connector: Connector, quoting: Callable[..., Content]
) -> None:
    for wrong in ("ma dernière publication", "https://example.com", "ftp://example.com/@a/1"):
        (problem,) = connector.check(quoting(wrong), limits={})
        assert (problem.code, problem.field) == (Code.QUOTE_ADDRESS, "options"), wrong
        said = sentence_for(problem.code, problem.field, dict(problem.detail))
        assert "paste the address of a post as the browser shows it, such as https://" in said


def test_only_a_plain_post_quotes(connector: Connector, quoting: Callable[..., Content], network: str) -> None:
    if Format.POLL in connector.formats:
        option = next(option for option in connector.options(limits={}) if option.name == "quote")
        assert option.formats == (Format.POST,)
        assert list(connector.check(quoting("pas une adresse", "Laquelle ?", options=POLL), limits={})) == []


def test_files_stand_beside_it_where_the_network_shows_both(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    what = quoting(ours.url, "En image", media=(media(),))
    problems = list(connector.check(what, limits={}))
    if target.network == "linkedin":
        (problem,) = problems
        assert (problem.code, problem.field) == (Code.QUOTE_ALONE, "media")
        assert "without files" in sentence_for(problem.code, problem.field, dict(problem.detail))
        return
    assert problems == []
    published = publish(connector, target, what)
    assert quotes_of(sandbox, target)["En image"] == ours.external_id
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == 1


def test_the_text_may_be_empty_where_the_network_takes_it(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    bare = replace(quoting(ours.url), text="")
    problems = [problem.code for problem in connector.check(bare, limits={})]
    if target.network == "threads":
        assert problems == [Code.TEXT_EMPTY]
        return
    assert problems == []
    publish(connector, target, bare)
    assert quotes_of(sandbox, target)[""] == ours.external_id


def test_a_link_is_not_lost_beside_a_quote(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    what = quoting(ours.url, "Le catalogue", link="https://example.com/lampes")
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    assert "https://example.com/lampes" in sandbox.http.get(published.url).text
    assert ours.external_id in quotes_of(sandbox, target).values()


# ---------------------------------------------------------------- somebody else's


@only("network", ["bluesky", "mastodon", "linkedin"])
def test_somebody_elses_post_is_quoted(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    theirs: tuple[Target, Published],
    quoting: Callable[..., Content],
) -> None:
    _, post = theirs
    address = post.url if target.network == "mastodon" else f"{post.url}?from=share"
    publish(connector, target, quoting(address, "Vu ce matin"))
    assert quotes_of(sandbox, target)["Vu ce matin"] == post.external_id


@only("network", ["bluesky", "mastodon", "threads"])
def test_a_post_that_is_gone_is_told_before_anything_is_sent(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    connector.delete(target, external_id=ours.external_id)
    with pytest.raises(ValidationError) as refused:
        create(connector, target, quoting(ours.url, "Trop tard"), Ledger())
    assert (refused.value.code, refused.value.detail["address"]) == (Code.QUOTE_NOT_FOUND, ours.url)
    assert quotes_of(sandbox, target) == {}
