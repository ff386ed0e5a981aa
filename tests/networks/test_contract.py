"""What every connector must do, run over each network against the sandbox."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from socialops.networks.errors import (
    AuthError,
    ErrorKind,
    NetworkError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Connector, Finding, Target
from socialops.networks.registry import networks
from tests.fakes.files import media
from tests.networks.driving import Ledger, Post, create, looked_for, publish, settled
from tests.networks.samples import Sample, sample_of
from tests.sandbox_server import Sandbox


def where(able: Callable[[Sample], Any]) -> pytest.MarkDecorator:
    """Only the networks whose API can do it."""
    return pytest.mark.parametrize("network", [name for name in networks() if able(sample_of(name))])


@pytest.fixture
def sample(network: str) -> Sample:
    return sample_of(network)


@pytest.fixture
def post(connector: Connector, target: Target, sample: Sample) -> Post:
    return lambda text="", **more: publish(connector, target, sample.content(text, **more))


def long_ago() -> datetime:
    """A lost call so old that it can't still be at work."""
    return datetime.now(UTC) - timedelta(minutes=5)


# ---------------------------------------------------------------- going out


def test_the_account_says_who_it_is(connector: Connector, target: Target) -> None:
    account = connector.verify(target)
    assert account.external_id == target.external_id
    assert account.handle == target.handle
    assert account.url.startswith("http")


@where(lambda sample: sample.max_images)
def test_image_with_alt_text_and_link_goes_out_and_is_read_back(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample
) -> None:
    link = "https://example.com/lampes?p=1" if sample.link_with_media else ""
    what = sample.content("Nouvelle collection 🪔 #lumière", media=(media(),), link=link)
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert "Nouvelle collection 🪔" in seen.text
    assert link in seen.text
    assert seen.media_count == 1
    assert seen.created_at is not None
    assert abs(seen.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert published.url.startswith("http")
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


@where(lambda sample: sample.max_images > 1)
def test_several_images_are_uploaded_once_and_each_is_saved_before_the_next(
    connector: Connector, target: Target, sample: Sample
) -> None:
    what, ledger = sample.content(media=(media("a"), media("b"))), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    assert len(ledger.saved) >= 2
    again = connector.create(target, prepared, handles=dict(handles), save=ledger.save)
    assert again == handles
    published = settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == (2 if sample.counts_media else 1)


@where(lambda sample: sample.max_images)
def test_metadata_of_photos_stays_at_home(connector: Connector, target: Target, sample: Sample) -> None:
    prepared = connector.prepare(target, sample.content(media=(media(),)))
    sent = prepared.media[0].read()
    assert b"Secret camera" not in sent
    assert not Image.open(io.BytesIO(sent)).getexif()
    assert (prepared.media[0].width, prepared.media[0].height) == (640, 480)


@where(lambda sample: sample.part)
def test_first_comment_and_thread_hang_under_the_post(
    sandbox: Sandbox, connector: Connector, target: Target, post: Post, sample: Sample
) -> None:
    what = sample.content()
    root = publish(connector, target, what)
    parent = root
    for number in range(1, 3 if connector.supports_threads else 2):
        part = connector.commit_part(
            target, what, root=root, parent=parent, text=f"Suite {number}", key=f"{what.idempotency_key}:{number}"
        )
        parent_id = next(
            p["reply_to"]
            for p in sandbox.posts(connector.network, account=target.external_id)
            if p["id"] == part.external_id
        )
        assert parent_id == parent.external_id
        assert part.url.startswith("http")
        parent = part


@where(lambda sample: sample.deletes)
def test_delete_twice_is_fine_and_the_post_is_gone(connector: Connector, target: Target, post: Post) -> None:
    published = post()
    connector.delete(target, external_id=published.external_id)
    connector.delete(target, external_id=published.external_id)
    assert connector.read_post(target, external_id=published.external_id) is None


@where(lambda sample: sample.has_quota_headers)
def test_quota_headers_are_reported(connector: Connector, target: Target, sample: Sample) -> None:
    ledger = Ledger()
    publish(connector, replace(target, report=ledger.report), sample.content())
    assert ledger.quotas
    assert all(q.limit and q.remaining is not None and q.remaining <= q.limit for q in ledger.quotas)


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize(("network", "effect"), [(name, e) for name in networks() for e in sample_of(name).losing])
@pytest.mark.parametrize("images", [0, 1])
def test_an_accepted_post_whose_answer_is_lost_is_found_and_not_doubled(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, images: int, sample: Sample
) -> None:
    more: dict[str, Any] = {"media": (media(),)} if images and sample.max_images else {}
    if sample.link_with_media or not more:
        more["link"] = "https://example.com/a"
    what, ledger = sample.content(**more), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault(effect, connector.network, method=sample.one_shot_method, path=sample.one_shot)
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError) as lost:
        connector.commit(target, prepared, handles=handles)
    assert lost.value.raw is not None
    found = looked_for(lambda: connector.find_published(target, prepared, handles=handles, since=before))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    posts = sandbox.posts(connector.network, account=target.external_id)
    assert [p["id"] for p in posts] == [found.published.external_id]


@pytest.mark.parametrize("effect", ["close_before", "500_before"])
def test_a_post_that_never_arrived_may_be_sent_again(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, sample: Sample
) -> None:
    what, ledger = sample.content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault(effect, connector.network, method=sample.one_shot_method, path=sample.one_shot)
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles)
    at_once = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    if at_once.finding is not Finding.NOT_PUBLISHED:
        assert at_once.finding is Finding.UNDECIDED
        assert at_once.look_again_at is not None
        assert at_once.look_again_at > datetime.now(UTC)
    later = connector.find_published(target, prepared, handles=handles, since=long_ago())
    assert later.finding is Finding.NOT_PUBLISHED
    settled(connector, target, prepared, handles, connector.commit(target, prepared, handles=handles))
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


@where(lambda sample: sample.repeatable)
def test_where_the_network_can_tell_a_repeated_commit_is_the_same_post(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample
) -> None:
    what, ledger = sample.content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = connector.commit(target, prepared, handles=handles)
    assert connector.commit(target, prepared, handles=handles) == first
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


@where(lambda sample: sample.part)
def test_a_lost_part_is_found(sandbox: Sandbox, connector: Connector, target: Target, sample: Sample) -> None:
    what = sample.content()
    root = publish(connector, target, what)
    part = {"root": root, "parent": root, "text": "Le lien est ici https://example.com/b", "key": str(uuid.uuid4())}
    before = datetime.now(UTC)
    missing = connector.find_part(target, **part, since=long_ago())
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", connector.network, method="POST", path=sample.part)
    with pytest.raises(UnknownOutcomeError):
        connector.commit_part(target, what, **part)
    found = connector.find_part(target, **part, since=before)
    assert found.finding is Finding.PUBLISHED
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 2


@where(lambda sample: not sample.certain and not sample.refuses_repeats)
def test_the_same_text_twice_in_the_window_is_for_a_person_to_tell(
    connector: Connector, target: Target, sample: Sample
) -> None:
    text = f"Même texte {uuid.uuid4().hex}"
    publish(connector, target, sample.content(text))
    publish(connector, target, sample.content(text))
    found = connector.find_published(target, sample.content(text), handles={}, since=datetime.now(UTC))
    assert found.finding is Finding.UNDECIDED
    assert len(found.candidates) == 2


# ---------------------------------------------------------------- refusals


def refused(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample, effect: str, **more: Any
) -> NetworkError:
    prepared, handles = create(connector, target, sample.content(), Ledger())
    sandbox.fault(effect, connector.network, method=sample.one_shot_method, path=sample.one_shot, **more)
    with pytest.raises(NetworkError) as error:
        connector.commit(target, prepared, handles=handles)
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 0
    return error.value


def test_too_many_requests_says_when_to_come_back(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample
) -> None:
    error = refused(sandbox, connector, target, sample, "429", retry_after=120)
    assert isinstance(error, RateLimitError)
    assert error.until is not None
    assert timedelta(seconds=60) < error.until - datetime.now(UTC) < timedelta(seconds=200)


@where(lambda sample: sample.one_shot_has_token)
def test_an_expired_token_asks_for_a_person(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample
) -> None:
    error = refused(sandbox, connector, target, sample, "expired_token")
    assert isinstance(error, AuthError)


def test_a_made_up_token_is_an_auth_error_without_the_token_in_it(connector: Connector, target: Target) -> None:
    values = {**target.credentials.values, "access_token": "made-up-token-0123456789"}
    wrong = replace(target, credentials=replace(target.credentials, values=values))
    with pytest.raises(AuthError) as error:
        connector.verify(wrong)
    assert error.value.raw is not None
    assert "made-up-token" not in repr(error.value.raw)


def test_a_malformed_read_is_no_answer(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    sandbox.fault("malformed", connector.network, method="GET")
    with pytest.raises(OutageError):
        connector.verify(target)


@where(lambda sample: sample.refuses_too_long)
def test_too_long_a_text_is_refused_by_us_and_by_the_network(
    sandbox: Sandbox, connector: Connector, target: Target, sample: Sample
) -> None:
    limit = connector.count_text("", limits={}).limit
    letter = "é" if connector.count_text("é", limits={}).length == 1 else "e"  # where bytes count
    fits, too_long = sample.content(letter * limit), sample.content(letter * (limit + 1))
    assert list(connector.check(fits, limits={})) == []
    assert [p.code for p in connector.check(too_long, limits={})] == ["text_too_long"]
    publish(connector, target, fits)
    with pytest.raises(ValidationError) as error:
        publish(connector, target, too_long)
    assert error.value.kind is ErrorKind.VALIDATION
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


# a record may answer one that is gone
@where(lambda sample: sample.part and sample.deletes and not sample.certain and not sample.new_posts_hide)
def test_answering_under_a_deleted_post_says_so(
    connector: Connector, target: Target, post: Post, sample: Sample
) -> None:
    root = post()
    connector.delete(target, external_id=root.external_id)
    with pytest.raises(ValidationError) as error:
        connector.commit_part(target, sample.content(), root=root, parent=root, text="?", key="k")
    assert error.value.code == "parent_gone"


# ---------------------------------------------------------------- listening and measuring


@where(lambda sample: sample.comments_readable)
def test_replies_and_mentions_come_in_once(
    sandbox: Sandbox, connector: Connector, target: Target, post: Post, sample: Sample
) -> None:
    published = post()
    sandbox.crowd(connector.network, "comment", post_id=published.external_id, text="Très beau !")
    first = connector.pull_mentions(target, cursor={}, watched=[published.external_id])
    assert [m.text.removeprefix("@").split(" ", 1)[-1] for m in first.mentions if "beau" in m.text] != []
    reply = next(m for m in first.mentions if "Très beau" in m.text)
    assert reply.kind in ("reply", "comment")
    assert reply.in_reply_to == published.external_id
    assert reply.root == published.external_id
    assert reply.author_name
    assert reply.url.startswith("http")
    if sample.has_mentions:
        sandbox.crowd(connector.network, "mention", account=target.external_id, text="")
    second = connector.pull_mentions(
        target, cursor=json.loads(json.dumps(first.cursor)), watched=[published.external_id]
    )
    new = [m for m in second.mentions if m.external_id != reply.external_id]
    assert [m.kind for m in new] == ["mention"] * sample.has_mentions
    third = connector.pull_mentions(target, cursor=second.cursor, watched=[published.external_id])
    assert {m.external_id for m in third.mentions} <= {m.external_id for m in (*first.mentions, *second.mentions)}


def test_counters_of_posts_and_account(
    sandbox: Sandbox, connector: Connector, target: Target, post: Post, sample: Sample
) -> None:
    published, asked, gone = post(), [], set()
    if sample.deletes:
        deleted = post()
        connector.delete(target, external_id=deleted.external_id)
        asked, gone = [deleted.external_id], {deleted.external_id}
    sandbox.crowd(connector.network, "like", post_id=published.external_id)
    sandbox.crowd(connector.network, "comment", post_id=published.external_id, text="Oui")
    found = connector.pull_post_metrics(target, external_ids=[published.external_id, *asked])
    assert found.gone == gone
    counters = found.metrics[published.external_id]
    assert counters[sample.likes] == 1
    assert counters[sample.comments] == 1
    assert not found.dead
    account = connector.pull_account_metrics(target)
    assert any(isinstance(value, int) and value > 0 for value in account.values())
