"""LinkedIn: what becomes of lost answers, of comments under a new post, and of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
    InternalError,
    MediaError,
    NetworkError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.linkedin.restli import address
from socialops.networks.linkedin.targeting import entities
from socialops.networks.ports import Connector, Finding, Target
from socialops.networks.registry import connector_for
from tests.fakes.files import media
from tests.networks.driving import Ledger, content, create, publish
from tests.networks.linkedin import ask, long_ago, seeded_member, steer, stored
from tests.sandbox_server import Sandbox, start_sandbox


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def member(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    return seeded_member(sandbox, connector)


# ---------------------------------------------------------------- members


def test_a_member_publishes_files_they_cannot_look_at(
    sandbox: Sandbox, connector: Connector, member: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["media"], "grace_seconds", 0.6)
    published = publish(connector, member, content(media=(media(),), options={"audience": "connections"}))
    assert [p["id"] for p in sandbox.posts("linkedin", account=member.external_id)][-1] == published.external_id
    with pytest.raises(AuthError) as closed:
        connector.read_post(member, external_id=published.external_id)
    assert closed.value.code == Code.SCOPE_MISSING
    connector.delete(member, external_id=published.external_id)


def test_a_lost_answer_of_a_member_is_for_a_person_and_a_repeat_names_the_post(
    sandbox: Sandbox, connector: Connector, member: Target
) -> None:
    what = content()
    sandbox.fault("drop", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(member, what, handles={})
    for since in (datetime.now(UTC), long_ago()):
        found = connector.find_published(member, what, handles={}, since=since)
        assert found.finding is Finding.UNDECIDED
    with pytest.raises(DuplicateError) as refused:
        connector.commit(member, what, handles={})
    (post,) = [p for p in sandbox.posts("linkedin", account=member.external_id) if p["text"] == what.text]
    assert refused.value.detail["post"] == post["id"]


def test_a_member_whose_posts_may_be_read_is_read(sandbox: Sandbox, connector: Connector, member: Target) -> None:
    scopes = [*member.credentials.scopes, "r_member_social"]
    steer(sandbox, scopes={"sandbox-linkedin-member": scopes})
    reader = replace(member, credentials=replace(member.credentials, scopes=tuple(scopes)))
    what = content()
    sandbox.fault("drop", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(reader, what, handles={})
    found = connector.find_published(reader, what, handles={}, since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED
    steer(sandbox, scopes={"sandbox-linkedin-member": list(member.credentials.scopes)})


# ---------------------------------------------------------------- lost answers of Pages


def test_posts_are_looked_for_on_every_page_and_only_in_the_window(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["reconcile"], "page_size", 2)
    what = content("La première (sur sept)")
    first = publish(connector, target, what)
    for _ in range(6):
        publish(connector, target, content())
    found = connector.find_published(target, what, handles={}, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == first.external_id
    later = datetime.now(UTC) + timedelta(minutes=10)
    unseen = connector.find_published(target, what, handles={}, since=later)
    assert (unseen.finding, unseen.look_again_at is not None) == (Finding.UNDECIDED, True)
    monkeypatch.setitem(network_data("linkedin")["reconcile"], "pages", 1)
    cut = connector.find_published(target, content(), handles={}, since=datetime.now(UTC))
    assert (cut.finding, cut.look_again_at) == (Finding.UNDECIDED, None)


def test_a_text_that_differs_by_its_address_alone_is_shown_to_a_person(connector: Connector, target: Target) -> None:
    publish(connector, target, content("Lire https://lnkd.in/abc maintenant"))
    what = content("Lire https://example.com/une-lampe maintenant")
    found = connector.find_published(target, what, handles={}, since=long_ago())
    assert found.finding is Finding.UNDECIDED
    assert [candidate.text for candidate in found.candidates] == ["Lire https://lnkd.in/abc maintenant"]


def test_the_uploaded_file_is_proof_whatever_became_of_the_text(connector: Connector, target: Target) -> None:
    what, ledger = content(media=(media(),)), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles)
    assert published is not None
    connector.edit(target, content("Corrigé entre-temps"), external_id=published.external_id)
    found = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == published.external_id
    other = connector.find_published(
        target, prepared, handles={"uploads": {"m1": {"urn": "urn:li:image:other"}}}, since=long_ago()
    )
    assert other.finding is Finding.NOT_PUBLISHED


def test_an_answer_without_the_id_is_an_unknown_outcome(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    sandbox.fault("malformed", "linkedin", method="POST", path="/rest/posts$")
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, content(), handles={})


# ---------------------------------------------------------------- first comment


def test_the_first_comment_waits_until_the_post_is_there_and_is_made_once(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    root = publish(connector, target, content())
    part = {"root": root, "parent": root, "text": "Le lien : https://example.com/b", "key": "k"}
    steer(sandbox, comment_lag=60)
    with pytest.raises(OutageError) as early:
        connector.commit_part(target, content(), **part)
    assert early.value.until is not None
    assert early.value.until - datetime.now(UTC) < timedelta(seconds=10)
    steer(sandbox, comment_lag=0)
    comment = connector.commit_part(target, content(), **part)
    assert comment.external_id.startswith("urn:li:comment:(urn:li:activity:")
    assert len(sandbox.posts("linkedin", account=target.external_id)) == 2
    found = connector.find_part(target, **part, since=datetime.now(UTC))
    assert found.published is not None
    assert found.published.external_id == comment.external_id


def test_under_an_old_post_that_is_gone_nothing_is_waited_for(connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    connector.delete(target, external_id=root.external_id)
    for old in (replace(root, extra={"at": long_ago().isoformat()}), replace(root, extra={})):
        with pytest.raises(ValidationError) as gone:
            connector.commit_part(target, content(), root=old, parent=old, text="?", key="k")
        assert gone.value.code == Code.PARENT_GONE


def test_mentions_in_comments_are_ranges(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    text = "🪔 Merci @[Maison Lumière](urn:li:organization:1067001) (vraiment) #lumière"
    connector.commit_part(target, content(), root=root, parent=root, text=text, key="k")
    (comment,) = ask(sandbox, target, address("socialActions", root.external_id, "comments"))["elements"]
    assert comment["message"]["text"] == "🪔 Merci Maison Lumière (vraiment) #lumière"
    (attribute,) = comment["message"]["attributes"]
    units = comment["message"]["text"].encode("utf-16-le")
    start, length = attribute["start"] * 2, attribute["length"] * 2
    assert units[start : start + length].decode("utf-16-le") == "Maison Lumière"
    found = connector.find_part(target, root=root, parent=root, text=text, key="k", since=long_ago())
    assert found.finding is Finding.PUBLISHED


# ---------------------------------------------------------------- afterwards


def test_a_post_is_edited_with_its_elements(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, content("Avant"))
    connector.edit(target, content("Après (corrigé) #lumière"), external_id=published.external_id)
    assert stored(sandbox, target, published)["commentary"] == r"Après \(corrigé\) {hashtag|\#|lumière}"
    connector.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        connector.edit(target, content("Trop tard"), external_id=published.external_id)
    assert gone.value.code == Code.PARENT_GONE


def test_own_comments_are_edited_and_deleted(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    root = publish(connector, target, content())
    comment = connector.commit_part(target, content(), root=root, parent=root, text="Avant", key="k")
    connector.edit(target, content("Après"), external_id=comment.external_id)
    texts = {p["id"]: p["text"] for p in sandbox.posts("linkedin", account=target.external_id)}
    assert texts[comment.external_id] == "Après"
    connector.delete(target, external_id=comment.external_id)
    connector.delete(target, external_id=comment.external_id)
    assert comment.external_id not in {p["id"] for p in sandbox.posts("linkedin")}


# ---------------------------------------------------------------- refusals, counting


def test_a_retired_version_is_an_administrators_matter(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["hosts"], "version", "202401")
    with pytest.raises(InternalError) as outdated:
        connector.commit(target, content(), handles={})
    assert outdated.value.code == Code.APP_OUTDATED


def test_a_lost_role_is_told_from_a_missing_scope(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    steer(sandbox, roles={target.external_id: []})
    with pytest.raises(AuthError) as lost:
        connector.commit(target, content(), handles={})
    assert lost.value.code == Code.ROLE_LOST
    with pytest.raises(AuthError) as verified:
        connector.verify(target)
    assert verified.value.code == Code.ROLE_LOST
    token = str(target.credentials.values["access_token"])
    steer(sandbox, roles={target.external_id: ["ADMINISTRATOR"]}, scopes={token: ["rw_organization_admin"]})
    poor = replace(target, credentials=replace(target.credentials, scopes=("rw_organization_admin",)))
    with pytest.raises(AuthError) as missing:
        connector.commit(poor, content(), handles={})
    assert missing.value.code == Code.SCOPE_MISSING


def test_the_network_refuses_what_our_check_would(connector: Connector, target: Target) -> None:
    with pytest.raises(ValidationError) as refused:
        connector.commit(target, content(options={"audience": "connections"}), handles={})
    assert refused.value.code == Code.CONTENT_REFUSED
    assert "visibility" in refused.value.detail["message"]


def test_posts_are_counted(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    metered = replace(target, report=ledger.report)
    what = content(first_comment="Oui")
    publish(connector, metered, what)
    assert [charge.bucket for charge in ledger.charges] == ["posts", "posts_of_the_app"]
    assert list(connector.charges(what)) == ledger.charges
    assert {charge.bucket for charge in ledger.charges} <= set(network_data("linkedin")["quotas"])


@pytest.fixture
def strict(settings: Any) -> Iterator[Sandbox]:
    with start_sandbox(rate_limits="real") as running:
        yield running


def test_a_spent_day_ends_at_midnight_in_utc(strict: Sandbox, settings: Any) -> None:
    settings.NETWORKS = {}
    connector = connector_for("linkedin")
    base_url = strict.url("linkedin")
    account = connector.connect_with_token(base_url=base_url, values=strict.account("linkedin", "b1", "B"))
    assert account.credentials is not None
    target = Target("linkedin", base_url, account.external_id, account.handle, account.credentials)
    for number in range(network_data("linkedin")["quotas"]["posts"]["limit"]):
        connector.commit(target, content(f"{number}"), handles={})
    with pytest.raises(RateLimitError) as spent:
        connector.commit(target, content("encore"), handles={})
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert spent.value.until == datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (426, {"message": "Version Header is Deprecated"}, InternalError, "app_outdated"),
        (400, {"code": "VERSION_MISSING", "message": "A version must be present."}, InternalError, "app_outdated"),
        (401, {"serviceErrorCode": 65602, "message": "Unauthorized"}, AuthError, "token_expired"),
        (401, {"serviceErrorCode": 65601, "message": "Unauthorized"}, AuthError, "token_revoked"),
        (401, {"message": "The token has expired"}, AuthError, "token_expired"),
        (401, None, AuthError, "token_revoked"),
        (409, {"message": "Content is a duplicate of urn:li:ugcPost:7"}, DuplicateError, "duplicate_post"),
        (422, {"message": "ERROR :: /author :: field is required", "status": 422}, ValidationError, "content_refused"),
        (400, {"code": "MEDIA_ASSET_WAITING_UPLOAD", "message": "wait"}, OutageError, "media_processing"),
        (400, {"message": "MEDIA_ASSET_PROCESSING_FAILED: bad"}, MediaError, "media_refused"),
        (
            429,
            {"message": "Comment create throttled: creation rate limit exceeded"},
            RateLimitError,
            "too_many_requests",
        ),
        (400, None, InternalError, "unexpected_answer"),
        (408, None, UnknownOutcomeError, "server_error"),
        (502, None, UnknownOutcomeError, "server_error"),
        (201, None, UnknownOutcomeError, "unexpected_answer"),
    ],
)
def test_what_linkedins_answers_mean(
    connector: Connector,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: dict[str, Any] | None,
    error: type[NetworkError],
    code: str,
) -> None:
    answer = httpx.Response(status, json=body) if body else httpx.Response(status, text="<html>")
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as client:
        monkeypatch.setattr("socialops.networks.http.client", lambda: client)
        with pytest.raises(NetworkError) as refused:
            connector.commit(target, content(), handles={})
    assert (type(refused.value), str(refused.value.code)) == (error, code)
    if isinstance(refused.value, RateLimitError):
        assert refused.value.until is not None
        assert refused.value.until - datetime.now(UTC) < timedelta(seconds=90)


# ---------------------------------------------------------------- whom it is for

AUDIENCE = {
    "audience_languages": ["fr_FR", "en_US"],
    "audience_functions": ["15"],
    "audience_seniorities": ["5", "6"],
    "audience_sizes": ["SIZE_11_TO_50", "SIZE_10001_OR_MORE"],
}


def test_a_page_says_whom_of_its_followers_a_post_is_for(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    steer(sandbox, followers={target.external_id: 5_000})
    places = connector.find_places(target, query="île-de-france")
    assert [(place.name, place.where) for place in places] == [
        ("Île-de-France", "France"),
        ("Paris", "Île-de-France, France"),
    ]
    options = {**AUDIENCE, "audience_place": places[1].option}
    assert connector.check(content(options=options), limits=connector.fetch_limits(target)) == []
    published = publish(connector, target, content(options=options))
    assert stored(sandbox, target, published)["distribution"]["targetEntities"] == [
        {
            "geoLocations": ["urn:li:geo:106383538"],
            "interfaceLocales": [{"language": "fr", "country": "FR"}, {"language": "en", "country": "US"}],
            "jobFunctions": ["urn:li:function:15"],
            "seniorities": ["urn:li:seniority:5", "urn:li:seniority:6"],
            "staffCountRanges": ["SIZE_11_TO_50", "SIZE_10001_OR_MORE"],
        }
    ]
    page = sandbox.http.get(f"{sandbox.url('linkedin')}/feed/update/{published.external_id}/").text
    assert "Shown to a part of the followers only." in page
    plain = publish(connector, target, content())
    assert stored(sandbox, target, plain)["distribution"]["targetEntities"] == []


def test_too_few_followers_is_said_and_made_nothing(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    steer(sandbox, followers={target.external_id: 299})
    with pytest.raises(ValidationError) as refused:
        publish(connector, target, content(options=AUDIENCE))
    assert (refused.value.code, refused.value.detail["limit"]) == (Code.AUDIENCE_TOO_SMALL, 300)
    assert sandbox.posts("linkedin", account=target.external_id) == []


def test_an_audience_is_chosen_and_never_a_members(connector: Connector, target: Target, member: Target) -> None:
    of_page, of_member = connector.fetch_limits(target), connector.fetch_limits(member)
    for wrong in ({"audience_place": "Paris"}, {"audience_functions": ["27"]}, {"audience_languages": "fr_FR"}):
        (problem,) = connector.check(content(options=wrong), limits=of_page)
        assert (problem.code, problem.detail["option"]) == (Code.OPTION_INVALID, *wrong)
    assert not {option.name for option in connector.options(limits=of_member)} & AUDIENCE.keys()
    assert {problem.code for problem in connector.check(content(options=AUDIENCE), limits=of_member)} == {
        Code.OPTION_INVALID
    }
    assert entities(member, content(options=AUDIENCE)) == []
