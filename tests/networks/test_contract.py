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
from socialops.networks.ports import Connector, Content, Finding, Handles, Media, Published, Quota, Target
from tests.sandbox_server import Sandbox

WRITES = {"mastodon": "/api/v1/statuses$", "bluesky": "putRecord$", "facebook": "/feed$"}  # the one shot of each
PARTS = {**WRITES, "facebook": "/comments$"}


def picture(color: str = "teal") -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (640, 480), color).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def media(key: str = "m1", alt: str = "Une lampe en laiton sur un bureau") -> Media:
    data = picture()
    return Media(key, "image/jpeg", len(data), alt, lambda: data, filename="lampe.jpg")


def content(text: str = "", **more: Any) -> Content:
    return Content(
        text=text or f"Bonjour à tous ! {uuid.uuid4().hex}",
        idempotency_key=str(uuid.uuid4()),
        created_at=datetime.now(UTC),
        language="fr",
        **more,
    )


class Ledger:
    """Keeps what a connector asks to keep, as JSON, as the engine does."""

    def __init__(self) -> None:
        self.saved: list[Handles] = []
        self.quotas: list[Quota] = []

    def save(self, handles: Handles) -> None:
        self.saved.append(json.loads(json.dumps(handles)))

    def report(self, quota: Quota) -> None:
        self.quotas.append(quota)


def create(connector: Connector, target: Target, what: Content, ledger: Ledger) -> tuple[Content, Handles]:
    prepared = connector.prepare(target, what)
    handles = connector.create(target, prepared, handles={}, save=ledger.save, report=ledger.report)
    return prepared, json.loads(json.dumps(handles))


def publish(connector: Connector, target: Target, what: Content) -> Published:
    ledger = Ledger()
    prepared, handles = create(connector, target, what, ledger)
    published = connector.commit(target, prepared, handles=handles, report=ledger.report)
    assert published is not None
    return published


@pytest.fixture
def post(connector: Connector, target: Target) -> Callable[..., Published]:
    return lambda text="", **more: publish(connector, target, content(text, **more))


def long_ago() -> datetime:
    """A lost call so old that it can't still be at work."""
    return datetime.now(UTC) - timedelta(minutes=5)


# ---------------------------------------------------------------- going out


def test_the_account_says_who_it_is(connector: Connector, target: Target) -> None:
    account = connector.verify(target)
    assert account.external_id == target.external_id
    assert account.handle == target.handle
    assert account.url.startswith("http")


def test_image_with_alt_text_and_link_goes_out_and_is_read_back(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what = content("Nouvelle collection 🪔 #lumière", media=(media(),), link="https://example.com/lampes?p=1")
    assert list(connector.check(what, limits={})) == []
    published = publish(connector, target, what)
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert "Nouvelle collection 🪔" in seen.text
    assert "https://example.com/lampes?p=1" in seen.text
    assert seen.media_count == 1
    assert seen.created_at is not None
    assert abs(seen.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert published.url.startswith("http")
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


def test_several_images_are_uploaded_once_and_each_is_saved_before_the_next(
    connector: Connector, target: Target
) -> None:
    what, ledger = content(media=(media("a"), media("b"))), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    assert len(ledger.saved) >= 2
    again = connector.create(target, prepared, handles=dict(handles), save=ledger.save, report=ledger.report)
    assert again == handles
    published = connector.commit(target, prepared, handles=handles, report=ledger.report)
    assert published is not None
    seen = connector.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == 2


def test_metadata_of_photos_stays_at_home(connector: Connector, target: Target) -> None:
    prepared = connector.prepare(target, content(media=(media(),)))
    sent = prepared.media[0].read()
    assert b"Secret camera" not in sent
    assert not Image.open(io.BytesIO(sent)).getexif()
    assert (prepared.media[0].width, prepared.media[0].height) == (640, 480)


def test_first_comment_and_thread_hang_under_the_post(
    sandbox: Sandbox, connector: Connector, target: Target, post: Callable[..., Published]
) -> None:
    what = content()
    root = publish(connector, target, what)
    parent = root
    for number in range(1, 3 if connector.supports_threads else 2):
        part = connector.commit_part(
            target,
            what,
            root=root,
            parent=parent,
            text=f"Suite {number}",
            key=f"{what.idempotency_key}:{number}",
            report=Ledger().report,
        )
        parent_id = next(
            p["reply_to"]
            for p in sandbox.posts(connector.network, account=target.external_id)
            if p["id"] == part.external_id
        )
        assert parent_id == parent.external_id
        assert part.url.startswith("http")
        parent = part


def test_delete_twice_is_fine_and_the_post_is_gone(
    connector: Connector, target: Target, post: Callable[..., Published]
) -> None:
    published = post()
    connector.delete(target, external_id=published.external_id)
    connector.delete(target, external_id=published.external_id)
    assert connector.read_post(target, external_id=published.external_id) is None


def test_quota_headers_are_reported(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    prepared, handles = create(connector, target, content(), ledger)
    connector.commit(target, prepared, handles=handles, report=ledger.report)
    assert ledger.quotas
    assert all(q.limit and q.remaining is not None and q.remaining <= q.limit for q in ledger.quotas)


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize("effect", ["drop", "500_after", "malformed"])
@pytest.mark.parametrize("images", [0, 1])
def test_an_accepted_post_whose_answer_is_lost_is_found_and_not_doubled(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str, images: int
) -> None:
    what, ledger = content(link="https://example.com/a", media=(media(),) * images), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault(effect, connector.network, method="POST", path=WRITES[connector.network])
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError) as lost:
        connector.commit(target, prepared, handles=handles, report=ledger.report)
    assert lost.value.raw is not None
    found = connector.find_published(target, prepared, handles=handles, since=before)
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    posts = sandbox.posts(connector.network, account=target.external_id)
    assert [p["id"] for p in posts] == [found.published.external_id]


@pytest.mark.parametrize("effect", ["close_before", "500_before"])
def test_a_post_that_never_arrived_may_be_sent_again(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str
) -> None:
    what, ledger = content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    sandbox.fault(effect, connector.network, method="POST", path=WRITES[connector.network])
    with pytest.raises(UnknownOutcomeError):
        connector.commit(target, prepared, handles=handles, report=ledger.report)
    at_once = connector.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    if at_once.finding is not Finding.NOT_PUBLISHED:
        assert at_once.finding is Finding.UNDECIDED
        assert at_once.look_again_at is not None
        assert at_once.look_again_at > datetime.now(UTC)
    later = connector.find_published(target, prepared, handles=handles, since=long_ago())
    assert later.finding is Finding.NOT_PUBLISHED
    assert connector.commit(target, prepared, handles=handles, report=ledger.report) is not None
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


@pytest.mark.parametrize("network", ["mastodon", "bluesky"])
def test_where_the_network_can_tell_a_repeated_commit_is_the_same_post(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    what, ledger = content(), Ledger()
    prepared, handles = create(connector, target, what, ledger)
    first = connector.commit(target, prepared, handles=handles, report=ledger.report)
    assert connector.commit(target, prepared, handles=handles, report=ledger.report) == first
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


def test_a_lost_part_is_found(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    what = content()
    root = publish(connector, target, what)
    part = {"root": root, "parent": root, "text": "Le lien est ici https://example.com/b", "key": str(uuid.uuid4())}
    before = datetime.now(UTC)
    missing = connector.find_part(target, **part, since=long_ago())
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", connector.network, method="POST", path=PARTS[connector.network])
    with pytest.raises(UnknownOutcomeError):
        connector.commit_part(target, what, **part, report=Ledger().report)
    found = connector.find_part(target, **part, since=before)
    assert found.finding is Finding.PUBLISHED
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 2


def test_the_same_text_twice_in_the_window_is_for_a_person_to_tell(connector: Connector, target: Target) -> None:
    if connector.network == "bluesky":
        return  # a chosen record key leaves no doubt
    text = f"Même texte {uuid.uuid4().hex}"
    publish(connector, target, content(text))
    publish(connector, target, content(text))
    found = connector.find_published(target, content(text), handles={}, since=datetime.now(UTC))
    assert found.finding is Finding.UNDECIDED
    assert len(found.candidates) == 2


# ---------------------------------------------------------------- refusals


def refused(sandbox: Sandbox, connector: Connector, target: Target, effect: str, **more: Any) -> NetworkError:
    prepared, handles = create(connector, target, content(), Ledger())
    sandbox.fault(effect, connector.network, method="POST", path=WRITES[connector.network], **more)
    with pytest.raises(NetworkError) as error:
        connector.commit(target, prepared, handles=handles, report=Ledger().report)
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 0
    return error.value


def test_too_many_requests_says_when_to_come_back(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    error = refused(sandbox, connector, target, "429", retry_after=120)
    assert isinstance(error, RateLimitError)
    assert error.until is not None
    assert timedelta(seconds=60) < error.until - datetime.now(UTC) < timedelta(seconds=200)


def test_an_expired_token_asks_for_a_person(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    error = refused(sandbox, connector, target, "expired_token")
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


def test_too_long_a_text_is_refused_by_us_and_by_the_network(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    limit = connector.count_text("", limits={}).limit
    fits, too_long = content("é" * limit), content("é" * (limit + 1))
    assert list(connector.check(fits, limits={})) == []
    assert [p.code for p in connector.check(too_long, limits={})] == ["text_too_long"]
    publish(connector, target, fits)
    with pytest.raises(ValidationError) as error:
        publish(connector, target, too_long)
    assert error.value.kind is ErrorKind.VALIDATION
    assert len(sandbox.posts(connector.network, account=target.external_id)) == 1


def test_answering_under_a_deleted_post_says_so(
    connector: Connector, target: Target, post: Callable[..., Published]
) -> None:
    if connector.network == "bluesky":
        return  # a record may answer one that is gone
    root = post()
    connector.delete(target, external_id=root.external_id)
    with pytest.raises(ValidationError) as error:
        connector.commit_part(target, content(), root=root, parent=root, text="?", key="k", report=Ledger().report)
    assert error.value.code == "parent_gone"


# ---------------------------------------------------------------- listening and measuring


def test_replies_and_mentions_come_in_once(
    sandbox: Sandbox, connector: Connector, target: Target, post: Callable[..., Published]
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
    sandbox.crowd(connector.network, "mention", account=target.external_id, text="")
    second = connector.pull_mentions(
        target, cursor=json.loads(json.dumps(first.cursor)), watched=[published.external_id]
    )
    new = [m for m in second.mentions if m.external_id != reply.external_id]
    assert [m.kind for m in new] == ["mention"]
    third = connector.pull_mentions(target, cursor=second.cursor, watched=[published.external_id])
    assert {m.external_id for m in third.mentions} <= {m.external_id for m in (*first.mentions, *second.mentions)}


def test_counters_of_posts_and_account(
    sandbox: Sandbox, connector: Connector, target: Target, post: Callable[..., Published]
) -> None:
    published, deleted = post(), post()
    connector.delete(target, external_id=deleted.external_id)
    sandbox.crowd(connector.network, "like", post_id=published.external_id)
    sandbox.crowd(connector.network, "comment", post_id=published.external_id, text="Oui")
    found = connector.pull_post_metrics(target, external_ids=[published.external_id, deleted.external_id])
    assert found.gone == {deleted.external_id}
    counters = found.metrics[published.external_id]
    likes = {"mastodon": "favourites_count", "bluesky": "likeCount", "facebook": "reactions"}[connector.network]
    replies = {"mastodon": "replies_count", "bluesky": "replyCount", "facebook": "comments"}[connector.network]
    assert counters[likes] == 1
    assert counters[replies] == 1
    assert not found.dead
    account = connector.pull_account_metrics(target)
    assert any(isinstance(value, int) and value > 0 for value in account.values())
