"""Resumable uploads to YouTube: what is saved when, what survives a lost answer, what processing makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    UnknownOutcomeError,
)
from socialops.networks.ports import (
    Connector,
    Content,
    Finding,
    Handles,
    Media,
    Target,
)
from tests.fakes.files import movie, video
from tests.networks.driving import Ledger, create, publish, settled
from tests.networks.samples.youtube import SAMPLE
from tests.sandbox_server import Sandbox

GRAIN = 262_144
UPLOAD = "/upload/youtube/v3/videos$"


@pytest.fixture
def network() -> str:
    return "youtube"


@pytest.fixture
def youtube(connector: Connector) -> Connector:
    return connector


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(network_data("youtube")["upload"], "chunk_bytes", GRAIN)


def large(tail: bytes = b"", size: int = 3 * GRAIN + 1000) -> Media:
    """A film of several chunks, read by pieces; `tail` decides what the sandbox makes of it."""
    data = movie().ljust(size, b"\0") + tail
    pieces: list[tuple[int, int]] = []

    def read_range(start: int, stop: int) -> bytes:
        pieces.append((start, stop))
        return data[start:stop]

    def read() -> bytes:
        raise AssertionError("the whole file was read into memory")

    return replace(video(), size=len(data), read=read, read_range=read_range)


def film(**more: Any) -> Content:
    return SAMPLE.content(**more)


# ---------------------------------------------------------------- uploading


@pytest.mark.usefixtures("small_chunks")
def test_the_session_is_saved_before_any_byte_and_the_last_chunk_is_the_one_shot(
    sandbox: Sandbox, youtube: Connector, target: Target
) -> None:
    what, ledger = film(media=(large(),)), Ledger()
    prepared, handles = create(youtube, replace(target, report=ledger.report), what, ledger)
    assert [saved["offset"] for saved in ledger.saved] == [0, GRAIN, 2 * GRAIN, 3 * GRAIN]
    assert len({saved["session"] for saved in ledger.saved}) == 1
    assert sandbox.posts("youtube", account=target.external_id) == []
    assert [(charge.bucket, charge.units) for charge in ledger.charges] == [("uploads", 1)]
    assert youtube.commit(target, prepared, handles=handles) is None
    published = settled(youtube, target, prepared, handles, None)
    assert [p["id"] for p in sandbox.posts("youtube", account=target.external_id)] == [published.external_id]
    assert published.url.endswith(f"/watch?v={published.external_id}")


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("effect", ["drop", "close_before", "500_before", "500_after"])
def test_an_upload_that_breaks_goes_on_where_it_stopped(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    what, ledger = film(media=(large(),)), Ledger()
    prepared = youtube.prepare(target, what)
    metered = replace(target, report=ledger.report)
    sandbox.fault(effect, "youtube", method="PUT", path=UPLOAD)
    with pytest.raises(OutageError):
        youtube.create(metered, prepared, handles={}, save=ledger.save)
    handles = youtube.create(metered, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    assert [charge.bucket for charge in ledger.charges] == ["uploads"]
    settled(youtube, target, prepared, handles, youtube.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


@pytest.mark.parametrize("effect", ["drop", "malformed"])
def test_a_lost_answer_to_the_opening_made_nothing(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    ledger = Ledger()
    sandbox.fault(effect, "youtube", method="POST", path=UPLOAD)
    with pytest.raises(OutageError):
        create(youtube, target, film(), ledger)
    assert ledger.saved == []
    publish(youtube, target, film())
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


@pytest.mark.parametrize("effect", ["drop", "500_after"])
def test_a_try_after_a_lost_last_chunk_sends_nothing_twice(
    sandbox: Sandbox, youtube: Connector, target: Target, effect: str
) -> None:
    """As when a worker dies: create and commit again from what was saved."""
    what, ledger = film(), Ledger()
    prepared, handles = create(youtube, target, what, ledger)
    sandbox.fault(effect, "youtube", method="PUT", path=UPLOAD)
    with pytest.raises(UnknownOutcomeError):
        youtube.commit(target, prepared, handles=handles)
    handles = youtube.create(target, prepared, handles=dict(ledger.saved[-1]), save=ledger.save)
    settled(youtube, target, prepared, handles, youtube.commit(target, prepared, handles=handles))
    assert len(sandbox.posts("youtube", account=target.external_id)) == 1


def test_a_lost_session_is_settled_by_the_list_of_uploads(youtube: Connector, target: Target) -> None:
    what, ledger = film(link="https://example.com/a"), Ledger()
    before = datetime.now(UTC)
    prepared, handles = create(youtube, target, what, ledger)
    youtube.commit(target, prepared, handles=handles)
    published = settled(youtube, target, prepared, handles, None)
    forgotten = {**handles, "session": handles["session"].replace("upload_id=", "upload_id=x")}
    for lost in ({}, forgotten):
        found = youtube.find_published(target, what, handles=lost, since=before)
        assert (found.finding, found.published) == (Finding.PUBLISHED, published)
    other = replace(what, text="Autre chose")
    early = youtube.find_published(target, other, handles={}, since=datetime.now(UTC))
    assert (early.finding, early.look_again_at is not None) == (Finding.UNDECIDED, True)
    late = youtube.find_published(target, other, handles={}, since=datetime.now(UTC) - timedelta(minutes=5))
    assert late.finding is Finding.NOT_PUBLISHED
    publish(youtube, target, what)
    twice = youtube.find_published(target, what, handles={}, since=before)
    assert (twice.finding, len(twice.candidates)) == (Finding.UNDECIDED, 2)
    # a session that is gone is opened anew: nothing ever came of it
    again = youtube.create(target, prepared, handles=dict(forgotten), save=ledger.save)
    assert again["session"] not in (forgotten["session"], handles["session"])
    assert again["offset"] == 0


@pytest.mark.parametrize(
    ("tail", "error", "code", "words"),
    [
        (b"sandbox-fails:codec", MediaError, "media_refused", "codec"),
        (b"sandbox-fails:invalidFile", MediaError, "media_refused", "no video"),
        (b"sandbox-rejects:copyright", PolicyError, "content_policy", "copyright"),
        (b"sandbox-rejects:duplicate", PolicyError, "duplicate_post", "already"),
        (b"sandbox-rejects:length", MediaError, "media_refused", "longer"),
        (b"sandbox-rejects:uploaderAccountSuspended", PolicyError, "account_blocked", "suspended"),
    ],
)
@pytest.mark.usefixtures("slow_files")
def test_what_youtube_can_not_or_will_not_process_says_why(
    sandbox: Sandbox, youtube: Connector, target: Target, tail: bytes, error: type[NetworkError], code: str, words: str
) -> None:
    what, ledger = film(media=(large(tail),)), Ledger()
    prepared, handles = create(youtube, target, what, ledger)
    youtube.commit(target, prepared, handles=handles)
    assert youtube.confirm(target, prepared, handles=handles) is None  # at first it is being processed
    with pytest.raises(error) as told:
        settled(youtube, target, prepared, handles, None)
    assert told.value.code == code
    assert words in told.value.detail["message"]
    found = youtube.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.NOT_PUBLISHED
    again = youtube.create(target, prepared, handles=dict(handles), save=ledger.save)
    assert again["session"] != handles["session"]


def test_a_session_that_lacks_bytes_publishes_nothing(youtube: Connector, target: Target) -> None:
    prepared, handles = create(youtube, target, film(media=(large(),)), Ledger())
    short: Handles = {**handles, "offset": 2 * GRAIN}  # the server has none of them
    with pytest.raises(NetworkError):
        youtube.commit(target, prepared, handles=short)
    found = youtube.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.NOT_PUBLISHED
