"""What is particular to Mastodon: videos that are processed, edits, direct messages, quotes, favourites."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks.errors import Code, MediaError, OutageError, UnknownOutcomeError, ValidationError
from socialops.networks.ports import Action, Connector, Finding, Media, MentionRef, Target
from tests.fakes.files import media, movie, video
from tests.networks.driving import Ledger, content, create, publish, ref
from tests.sandbox_server import Sandbox

Speak = Callable[..., dict[str, Any]]


@pytest.fixture
def network() -> str:
    return "mastodon"


@pytest.fixture
def mastodon(connector: Connector) -> Connector:
    return connector


def status(sandbox: Sandbox, target: Target, status_id: str) -> dict[str, Any]:
    answer = httpx.get(
        f"{sandbox.mastodon}/api/v1/statuses/{status_id}",
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json())


@pytest.fixture
def somebody(sandbox: Sandbox) -> Speak:
    """Somebody else, who posts by the API."""
    made = sandbox.account("mastodon", f"s{uuid.uuid4().hex[:10]}", "Ami")

    def speak(text: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {made['access_token']}"}
        body = {"status": text, **more}
        return dict(httpx.post(f"{sandbox.mastodon}/api/v1/statuses", json=body, headers=headers).json())

    return speak


def film(tail: bytes = b"") -> Media:
    """Read by pieces only."""
    data = movie() + tail

    def read() -> bytes:
        raise AssertionError("the whole file was read into memory")

    return replace(video(), size=len(data), read=read, read_range=lambda start, stop: data[start:stop])


# ---------------------------------------------------------------- videos


@pytest.mark.usefixtures("slow_files")
def test_a_video_is_sent_once_and_waited_for(sandbox: Sandbox, mastodon: Connector, target: Target) -> None:
    ledger, what = Ledger(), content(media=(replace(film(), alt_text="Un atelier"),))
    assert list(mastodon.check(what, limits={})) == []
    with pytest.raises(OutageError) as waiting:
        mastodon.create(target, what, handles={}, save=ledger.save)
    assert waiting.value.code == "media_processing"
    assert waiting.value.until is not None
    assert ledger.saved[-1]["waiting"] == ["v1"]
    prepared, handles = create(mastodon, target, what, ledger)
    assert handles["waiting"] == []
    assert {saved["media"]["v1"] for saved in ledger.saved} == {handles["media"]["v1"]}
    published = mastodon.commit(target, prepared, handles=handles)
    assert published is not None
    (attached,) = status(sandbox, target, published.external_id)["media_attachments"]
    assert (attached["type"], attached["description"]) == ("video", "Un atelier")
    content_of = httpx.get(attached["url"]).content
    assert content_of == movie()


def test_a_video_that_fails_says_why_and_is_sent_anew_by_a_later_try(mastodon: Connector, target: Target) -> None:
    ledger = Ledger()
    with pytest.raises(MediaError) as failed:
        create(mastodon, target, content(media=(film(b"sandbox-fails"),)), ledger)
    assert failed.value.code == "media_refused"
    assert "processing" in failed.value.detail["message"]
    assert ledger.saved[-1] == {"media": {}, "waiting": []}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((media(), video()), Code.MEDIA_MIXED),
        ((video(), video("v2")), Code.TOO_MANY_MEDIA),
        ((replace(video(), size=103_809_025),), Code.VIDEO_TOO_LARGE),
        ((replace(video(), content_type="video/x-msvideo"),), Code.VIDEO_TYPE),
    ],
)
def test_videos_that_the_server_does_not_take(mastodon: Connector, files: tuple[Media, ...], code: Code) -> None:
    assert code in [problem.code for problem in mastodon.check(content(media=files), limits={})]


def test_the_instance_tells_its_limits_for_videos(mastodon: Connector, target: Target) -> None:
    limits = mastodon.fetch_limits(target)
    assert limits["video"]["max_bytes"] == 103_809_024
    assert "video/mp4" in limits["video"]["types"]


# ---------------------------------------------------------------- options and edits


def test_the_mark_for_sensitive_content(sandbox: Sandbox, mastodon: Connector, target: Target) -> None:
    marked = publish(mastodon, target, content(media=(media(),), options={"sensitive": True}))
    plain = publish(mastodon, target, content())
    assert status(sandbox, target, marked.external_id)["sensitive"] is True
    assert status(sandbox, target, plain.external_id)["sensitive"] is False


def test_an_edit_keeps_files_warning_and_who_sees_it(sandbox: Sandbox, mastodon: Connector, target: Target) -> None:
    options = {"visibility": "unlisted", "spoiler_text": "Lampes", "sensitive": True}
    before = content(media=(media(), media("m2")), options=options)
    published = publish(mastodon, target, before)
    changed = content("Le prix a changé", link="https://example.com/prix")
    for _ in range(2):
        mastodon.edit(target, changed, external_id=published.external_id)
    now = status(sandbox, target, published.external_id)
    assert "Le prix a changé" in now["content"]
    assert "https://example.com/prix" in now["content"]
    assert len(now["media_attachments"]) == 2
    assert (now["spoiler_text"], now["sensitive"], now["visibility"]) == ("Lampes", True, "unlisted")
    assert now["edited_at"]
    mastodon.delete(target, external_id=published.external_id)
    with pytest.raises(ValidationError) as gone:
        mastodon.edit(target, changed, external_id=published.external_id)
    assert gone.value.code == "parent_gone"


# ---------------------------------------------------------------- acting


@pytest.fixture
def answered(mastodon: Connector, target: Target, somebody: Speak) -> MentionRef:
    published = publish(mastodon, target, content())
    somebody(f"{target.handle} Très beau !", in_reply_to_id=published.external_id, visibility="unlisted")
    (reply,) = mastodon.pull_mentions(target, cursor={}, watched=[published.external_id]).mentions
    assert reply.kind == "reply"
    return ref(reply)


def test_an_answer_names_its_reader_is_as_open_and_never_doubled(
    sandbox: Sandbox, mastodon: Connector, target: Target, answered: MentionRef
) -> None:
    made = mastodon.reply(target, to=answered, text="Merci !", key="k1")
    assert mastodon.reply(target, to=answered, text="Merci !", key="k1") == made
    written = status(sandbox, target, made.external_id)
    assert (written["in_reply_to_id"], written["visibility"]) == (answered.external_id, "unlisted")
    assert [f"@{m['acct']}" for m in written["mentions"]] == [answered.author_handle.partition("@127")[0]]
    ago = datetime.now(UTC) - timedelta(minutes=5)
    missing = mastodon.find_reply(target, to=answered, text="Autre", key="k2", since=ago)
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", "mastodon", method="POST", path="/api/v1/statuses$")
    with pytest.raises(UnknownOutcomeError):
        mastodon.reply(target, to=answered, text="Autre", key="k2")
    found = mastodon.find_reply(target, to=answered, text="Autre", key="k2", since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED


def test_a_private_answer_is_a_direct_message(
    sandbox: Sandbox, mastodon: Connector, target: Target, answered: MentionRef
) -> None:
    made = mastodon.reply(target, to=answered, text="Écrivez-nous.", key="k", private=True)
    assert status(sandbox, target, made.external_id)["visibility"] == "direct"
    found = mastodon.find_reply(
        target, to=answered, text="Écrivez-nous.", key="k", since=datetime.now(UTC), private=True
    )
    assert found.published == made


def test_direct_messages_and_quotes_come_in_as_what_they_are(
    mastodon: Connector, target: Target, somebody: Speak, sandbox: Sandbox
) -> None:
    published = publish(mastodon, target, content())
    first = mastodon.pull_mentions(target, cursor={}, watched=[])
    somebody(f"{target.handle} Une question…", visibility="direct")
    quote = somebody("Regardez ceci", quoted_status_id=published.external_id)
    page = mastodon.pull_mentions(target, cursor=first.cursor, watched=[published.external_id])
    found = {mention.kind: mention for mention in page.mentions}
    assert set(found) == {"message", "quote"}
    assert (found["quote"].external_id, found["quote"].root) == (quote["id"], published.external_id)
    assert mastodon.actions("message") == {Action.REPLY, Action.REPLY_PRIVATELY, Action.LIKE, Action.UNLIKE}
    answer = mastodon.reply(target, to=ref(found["message"]), text="Bien sûr.", key="k")
    assert status(sandbox, target, answer.external_id)["visibility"] == "direct"
    counters = mastodon.pull_post_metrics(target, external_ids=[published.external_id])
    assert counters.metrics[published.external_id]["quotes_count"] == 1


def test_favourites_may_be_repeated_and_only_our_own_is_deleted(
    sandbox: Sandbox, mastodon: Connector, target: Target, answered: MentionRef
) -> None:
    for action, count in ((Action.LIKE, 1), (Action.UNLIKE, 0)):
        for _ in range(2):
            mastodon.act(target, action=action, on=answered)
        assert status(sandbox, target, answered.external_id)["favourites_count"] == count
    for action in (Action.HIDE, Action.DELETE):
        with pytest.raises(ValidationError) as refused:
            mastodon.act(target, action=action, on=answered)
        assert refused.value.code == "not_supported"
    own = mastodon.reply(target, to=answered, text="Merci !", key="k")
    for _ in range(2):
        mastodon.act(target, action=Action.DELETE, on=MentionRef(own.external_id, "reply"))
    assert mastodon.read_post(target, external_id=own.external_id) is None
    with pytest.raises(ValidationError) as gone:
        mastodon.act(target, action=Action.LIKE, on=MentionRef(own.external_id, "reply"))
    assert gone.value.code == "parent_gone"
