"""Polls, on each network that has them: what goes out, what is refused before, what is found after a lost answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from editorial.problems import sentence_for
from kpis.dictionary import metrics_of, translate
from socialops.networks.errors import Code, NetworkError, ValidationError
from socialops.networks.ports import Connector, Content, Finding, Format, Problem, Target
from socialops.networks.registry import connector_for, networks
from tests.fakes.files import media
from tests.networks.driving import Ledger, create, looked_for, publish
from tests.networks.samples import POLL, sample_of
from tests.sandbox_server import Sandbox

WITH_POLLS = [name for name in networks() if Format.POLL in connector_for(name).formats]
CHOICES = POLL["poll_choices"]


@pytest.fixture(params=WITH_POLLS)
def network(request: pytest.FixtureRequest) -> str:
    return str(request.param)


only = pytest.mark.parametrize


@pytest.fixture
def poll(network: str) -> Callable[..., Content]:
    def make(text: str = "", *, link: str = "", files: tuple[Any, ...] = (), **options: Any) -> Content:
        return sample_of(network).content(text, link=link, media=files, options={**POLL, **options})

    return make


def ours(sandbox: Sandbox, target: Target) -> list[dict[str, Any]]:
    return sandbox.posts(target.network, account=target.external_id)


def problems(connector: Connector, what: Content, limits: dict[str, Any] | None = None) -> list[Problem]:
    return list(connector.check(what, limits=limits or {}))


def test_four_networks_have_polls() -> None:
    assert sorted(WITH_POLLS) == ["linkedin", "mastodon", "threads", "x"]


def test_a_poll_goes_out_people_vote_and_it_is_read_back(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what = poll("Quelle lampe ensuite ?")
    assert problems(connector, what) == []
    published = publish(connector, target, what)
    sandbox.crowd(target.network, "vote", post_id=published.external_id, choice="1", author="Léa Moreau")
    (found,) = ours(sandbox, target)
    assert (found["poll"]["choices"], found["poll"]["votes"]) == (CHOICES, [0, 1, 0])
    names = metrics_of(target.network)
    counted = connector.pull_post_metrics(target, external_ids=[published.external_id]).metrics
    votes = translate(counted[published.external_id], names.post).get("votes")
    assert votes == (None if "votes" in names.absent else 1)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == "Quelle lampe ensuite ?"
    page = sandbox.http.get(published.url)
    assert "Cuivre &amp; laiton" in page.text


@only("effect", ["drop", "500_after", "malformed"])
def test_a_poll_whose_answer_is_lost_is_found_and_not_doubled(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content], effect: str
) -> None:
    what, since = poll(), datetime.now(UTC)
    prepared, handles = create(connector, target, what, Ledger())
    sandbox.fault(effect, target.network, path=sample_of(target.network).one_shot, method="POST")
    with pytest.raises(NetworkError):
        connector.commit(target, prepared, handles=handles)
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=since))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    assert [found.published.external_id] == [post["id"] for post in ours(sandbox, target)]


@only("network", ["linkedin", "mastodon", "x"])  # on Threads the container tells which post it became
def test_a_post_without_the_poll_is_not_taken_for_it_and_asks_a_person(
    connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what, since = poll(), datetime.now(UTC) - timedelta(minutes=5)
    bare = publish(connector, target, replace(what, options={}))
    found = connector.find_published(target, what, handles={}, since=since)
    assert found.finding is Finding.UNDECIDED
    assert [candidate.external_id for candidate in found.candidates] == [bare.external_id]
    nothing = connector.find_published(target, poll(), handles={}, since=since)
    assert nothing.finding is Finding.NOT_PUBLISHED


@only("network", ["mastodon"])  # the others refuse the same text twice
def test_of_the_same_text_twice_the_poll_is_ours(
    connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what, since = poll(), datetime.now(UTC) - timedelta(minutes=5)
    publish(connector, target, replace(what, options={}, idempotency_key="another"))
    ours_is = publish(connector, target, what)
    found = connector.find_published(target, what, handles={}, since=since)
    assert found.published is not None
    assert found.published.external_id == ours_is.external_id


def test_other_choices_are_refused_before_anything_is_sent(connector: Connector, poll: Callable[..., Content]) -> None:
    option = next(o for o in connector.options(limits={}) if o.name == "poll_choices")
    wrong = {
        Code.OPTION_COUNT: [[], ["Oui"], [str(n) for n in range(option.most + 1)]],
        Code.OPTION_TOO_LONG: [["Oui", "n" * (option.each + 1)]],
        Code.OPTION_REPEATED: [["Oui", "Non", "Oui"]],
    }
    for code, lists in wrong.items():
        for choices in lists:
            assert [p.code for p in problems(connector, poll(poll_choices=choices))] == [code], choices
    assert problems(connector, poll(poll_choices=["n" * option.each, "Oui"])) == []
    long = problems(connector, poll(poll_choices=["Oui", "n" * (option.each + 1)]))[0]
    assert sentence_for(long.code, long.field, dict(long.detail)) == (
        f"“{'n' * (option.each + 1)}” is too long: {option.each + 1} characters, this network takes {option.each} in “Choices”."
    )
    one = problems(connector, poll(poll_choices=["Oui"]))[0]
    assert sentence_for(one.code, one.field, dict(one.detail)) == (
        "“Choices”: 1 is filled in, this network takes 2 to 4."
    )


def test_files_a_strange_duration_and_no_text_are_refused(connector: Connector, poll: Callable[..., Content]) -> None:
    (file,) = problems(connector, poll(files=(media(),)))
    assert (file.code, file.field) == (Code.NOT_SUPPORTED, "media")
    assert "takes no files" in sentence_for(file.code, file.field, dict(file.detail))
    assert [p.code for p in problems(connector, poll(poll_duration="a_year"))] == [Code.OPTION_INVALID]
    (empty,) = problems(connector, poll(" "))
    assert sentence_for(empty.code, empty.field, dict(empty.detail)) == (
        "There is nothing to publish yet: write a text."
    )


def test_a_link_goes_into_the_words(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what = poll("Quelle lampe ?", link="https://example.com/lampes")
    assert problems(connector, what) == []
    publish(connector, target, what)
    (found,) = ours(sandbox, target)
    assert "https://example.com/lampes" in found["text"]
    assert found["poll"]["choices"] == CHOICES


# ---------------------------------------------------------------- what each network has of its own


def raw(sandbox: Sandbox, target: Target, path: str, **params: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {target.credentials.values['access_token']}"}
    found: dict[str, Any] = sandbox.http.get(
        f"{sandbox.url(target.network)}{path}", params=params, headers=headers
    ).json()
    return found


@only("network", ["x"])
def test_x_is_told_minutes(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    for options, minutes in (({}, 1440), ({"poll_duration": "five_minutes"}, 5)):
        published = publish(connector, target, poll(**options))
        asked = {"expansions": "attachments.poll_ids", "poll.fields": "duration_minutes,voting_status"}
        (told,) = raw(sandbox, target, f"/2/tweets/{published.external_id}", **asked)["includes"]["polls"]
        assert (told["duration_minutes"], told["voting_status"]) == (minutes, "open")


@only("network", ["mastodon"])
def test_a_mastodon_instance_has_its_own_bounds(
    connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    assert connector.fetch_limits(target)["poll"] == {
        "most": 4,
        "each": 50,
        "min_seconds": 300,
        "max_seconds": 2_629_746,
    }
    own = {"poll": {"most": 6, "each": 100, "min_seconds": 3600, "max_seconds": 40_000}}
    options = {option.name: option for option in connector.options(limits=own)}
    assert options["poll_duration"].choices == ("one_hour", "six_hours")
    assert options["poll_duration"].required  # the usual day is more than it lets a poll run
    six = poll(poll_choices=[f"{n}" * 60 for n in range(6)], poll_duration="one_hour")
    assert problems(connector, six, own) == []
    assert problems(connector, six) != []


@only("network", ["mastodon"])
def test_mastodon_keeps_poll_and_votes_through_an_edit(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what = poll("Quelle lampe ?", poll_multiple=True, poll_hide_totals=True, poll_duration="three_days")
    published = publish(connector, target, what)
    sandbox.crowd("mastodon", "vote", post_id=published.external_id, choice="2", author="Léa Moreau")
    before = raw(sandbox, target, f"/api/v1/statuses/{published.external_id}")["poll"]
    assert (before["multiple"], before["votes_count"], before["options"][2]["votes_count"]) == (True, 1, None)
    ends = datetime.fromisoformat(before["expires_at"])
    assert abs(ends - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=1)
    connector.edit(target, replace(what, text="Quelle lampe préférez-vous ?"), external_id=published.external_id)
    after = raw(sandbox, target, f"/api/v1/statuses/{published.external_id}")
    assert "préférez-vous" in after["content"]
    assert (after["poll"]["votes_count"], after["poll"]["multiple"]) == (1, True)
    assert [option["votes_count"] for option in after["poll"]["options"]] == [None] * 3
    assert abs(datetime.fromisoformat(after["poll"]["expires_at"]) - ends) < timedelta(seconds=5)


@only("network", ["mastodon"])
def test_a_mastodon_poll_that_is_about_to_end_is_not_started_anew(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    what = poll("Vite !", poll_duration="five_minutes")
    published = publish(connector, target, what)
    with pytest.raises(ValidationError) as refused:
        connector.edit(target, replace(what, text="Plus vite !"), external_id=published.external_id)
    assert refused.value.code == Code.POLL_FIXED
    (found,) = ours(sandbox, target)
    assert (found["text"], found["poll"]["choices"]) == ("Vite !", CHOICES)


@only("network", ["linkedin"])
def test_linkedins_question_is_the_text_or_stands_under_it(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    long = "Une lampe " * 20
    (problem,) = problems(connector, poll(long))
    assert sentence_for(problem.code, problem.field, dict(problem.detail)) == (
        "The text is too long to be the question: 200 characters, 140 at most. "
        "Fill in “Question”; the text then stands above the poll."
    )
    what = poll(long, poll_question="Laquelle ?", poll_duration="fourteen_days")
    assert problems(connector, what) == []
    published = publish(connector, target, what)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text.strip() == long.strip()
    assert "Laquelle ?" in sandbox.http.get(published.url).text
    connector.edit(target, replace(what, text="Corrigé"), external_id=published.external_id)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.text == "Corrigé"
    bare = poll("Et celle-ci ?")
    with pytest.raises(ValidationError) as refused:
        connector.edit(target, bare, external_id=publish(connector, target, bare).external_id)
    assert refused.value.code == Code.POLL_FIXED


@only("network", ["threads"])
def test_threads_tells_the_votes_in_percent(
    sandbox: Sandbox, connector: Connector, target: Target, poll: Callable[..., Content]
) -> None:
    published = publish(connector, target, poll())
    sandbox.crowd("threads", "vote", post_id=published.external_id, choice="0", author="Léa Moreau")
    told = raw(sandbox, target, f"/v1.0/{published.external_id}", fields="id,poll_attachment")["poll_attachment"]
    assert (told["option_a"], told["option_c"], told["total_votes"]) == (CHOICES[0], CHOICES[2], 1)
    assert "option_d" not in told
    assert told["option_a_votes_percentage"] == 100
