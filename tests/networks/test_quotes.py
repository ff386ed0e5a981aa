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
from socialops.networks.linkedin.quotes import named
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


@only("network", ["linkedin", "mastodon", "threads"])  # Bluesky's key leaves no doubt
def test_the_same_text_with_another_quote_or_none_asks_a_person(
    connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    other = publish(connector, target, sample_of(target.network).content("Une autre lampe"))
    alike = publish(connector, target, quoting(other.url, "Voyez"))
    what = quoting(ours.url, "Voyez")
    _, handles = create(connector, target, what, Ledger())
    handles.pop("container", None)  # with Threads' own there would be no doubt either
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
    elsewhere = post.url.replace("127.0.0.1", "localhost")  # for a Mastodon server a page of another one
    address = elsewhere if target.network == "mastodon" else f"{post.url}?from=share"
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


@only("network", ["threads"])
def test_a_post_that_mentions_us_is_quoted_on_threads(
    sandbox: Sandbox, connector: Connector, target: Target, quoting: Callable[..., Content]
) -> None:
    made = sandbox.crowd("threads", "mention", account=target.external_id, text="Quelle vitrine")
    code = made["url"].rpartition("/")[2]
    publish(connector, target, quoting(f"https://www.threads.com/t/{code}/", "Merci !"))
    assert quotes_of(sandbox, target)["Merci !"] == made["id"]


@only("network", ["threads"])
def test_threads_does_not_find_what_it_does_not_list_to_us(
    connector: Connector, target: Target, theirs: tuple[Target, Published], quoting: Callable[..., Content]
) -> None:
    with pytest.raises(ValidationError) as refused:
        create(connector, target, quoting(theirs[1].url), Ledger())
    assert refused.value.code == Code.QUOTE_NOT_FOUND


@only("network", ["bluesky"])
def test_an_author_who_forbids_quoting_on_bluesky_is_heard(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    theirs: tuple[Target, Published],
    quoting: Callable[..., Content],
) -> None:
    author, post = theirs
    gate = "app.bsky.feed.postgate"
    record = {
        "$type": gate,
        "post": post.external_id,
        "createdAt": datetime.now(UTC).isoformat(),
        "embeddingRules": [{"$type": f"{gate}#disableRule"}],
    }
    key = post.external_id.rpartition("/")[2]
    body = {"repo": author.external_id, "collection": gate, "rkey": key, "record": record}
    headers = {"Authorization": f"Bearer {author.credentials.values['access_token']}"}
    sandbox.http.post(
        f"{sandbox.bluesky}/xrpc/com.atproto.repo.putRecord", json=body, headers=headers
    ).raise_for_status()
    with pytest.raises(ValidationError) as refused:
        create(connector, target, quoting(post.url), Ledger())
    assert refused.value.code == Code.QUOTE_REFUSED
    publish(connector, author, quoting(post.url, "Encore une fois"))  # its author may
    assert quotes_of(sandbox, author)["Encore une fois"] == post.external_id


@only("network", ["mastodon"])
@only(("policy", "code"), [("nobody", Code.QUOTE_REFUSED), ("manual", Code.QUOTE_PENDING)])
def test_what_an_author_lets_us_do_on_mastodon_is_told(
    sandbox: Sandbox,
    connector: Connector,
    target: Target,
    theirs: tuple[Target, Published],
    quoting: Callable[..., Content],
    policy: str,
    code: Code,
) -> None:
    _, post = theirs
    sandbox.crowd("mastodon", "quote_policy", post_id=post.external_id, choice=policy)
    what = quoting(post.url, "Vu ce matin")
    if code == Code.QUOTE_REFUSED:
        with pytest.raises(ValidationError) as refused:
            create(connector, target, what, Ledger())
        assert refused.value.code == code
        return
    published = publish(connector, target, what)
    (told,) = published.extra["unfinished"]
    assert (told["field"], told["code"], told["detail"]["address"]) == ("quote", code, post.url)
    assert quotes_of(sandbox, target)["Vu ce matin"] == post.external_id
    _, handles = create(connector, target, what, Ledger())
    since = what.created_at - timedelta(minutes=5)
    found = connector.find_published(target, what, handles=handles, since=since)
    assert found.finding is Finding.UNDECIDED  # which post it quotes the server does not tell yet


@only("network", ["mastodon"])
def test_an_instance_without_quotes_offers_none(connector: Connector, target: Target) -> None:
    assert connector.fetch_limits(target)["quote"]["known"] is True
    for limits, offered in (({}, True), ({"quote": {"known": False}}, False)):
        assert ("quote" in [option.name for option in connector.options(limits=limits)]) is offered


@only("network", ["linkedin"])
def test_linkedins_addresses_name_a_share_or_a_ugc_post_or_an_activity(quoting: Callable[..., Content]) -> None:
    known = {
        "https://www.linkedin.com/feed/update/urn:li:share:7123/": "urn:li:share:7123",
        "https://www.linkedin.com/embed/feed/update/urn:li:ugcPost:7123?collapsed=1": "urn:li:ugcPost:7123",
        "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7123/": "urn:li:share:7123",
        "https://www.linkedin.com/posts/lea-moreau_une-belle-vitrine-ugcPost-7123-aB_c?utm_source=share": "urn:li:ugcPost:7123",
        "urn:li:share:7123": "urn:li:share:7123",
        "https://www.linkedin.com/in/lea-moreau/": None,
    }
    assert {address: named(address) for address in known} == known


@only("network", ["linkedin"])
def test_linkedins_activities_are_refused_with_the_way_to_the_post(
    sandbox: Sandbox, connector: Connector, target: Target, ours: Published, quoting: Callable[..., Content]
) -> None:
    activity = quoting("https://www.linkedin.com/posts/lea-moreau_vitrine-activity-7123-aBcD")
    (problem,) = connector.check(activity, limits={})
    assert problem.code == Code.QUOTE_ACTIVITY
    assert "Embed this post" in sentence_for(problem.code, problem.field, dict(problem.detail))
    for unheard in (activity, quoting("urn:li:share:1")):  # LinkedIn itself refuses what went past the check
        with pytest.raises(ValidationError) as refused:
            publish(connector, target, unheard)
        assert refused.value.code == Code.QUOTE_REFUSED
    assert len(quotes_of(sandbox, target)) == 1


@only("network", ["linkedin"])
def test_a_post_that_may_not_be_shared_is_not_quoted(
    connector: Connector, target: Target, theirs: tuple[Target, Published], quoting: Callable[..., Content]
) -> None:
    author, _ = theirs
    kept = publish(connector, author, sample_of("linkedin").content("Entre nous", options={"reshare_allowed": False}))
    with pytest.raises(ValidationError) as refused:
        publish(connector, target, quoting(kept.url, "Voyez"))
    assert refused.value.code == Code.QUOTE_REFUSED
