"""What people say under videos, what we may do about it, and the counters."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import (
    Action,
    Connector,
    Content,
    Finding,
    Published,
    RemoteMention,
    Target,
)
from tests.fakes.files import picture
from tests.networks.driving import Ledger, publish, ref
from tests.networks.samples.youtube import SAMPLE
from tests.networks.test_oauth import target_of
from tests.sandbox_server import Sandbox


@pytest.fixture
def network() -> str:
    return "youtube"


@pytest.fixture
def youtube(connector: Connector) -> Connector:
    return connector


def film(**more: Any) -> Content:
    return SAMPLE.content(**more)


# ---------------------------------------------------------------- comments


@pytest.fixture
def commented(sandbox: Sandbox, youtube: Connector, target: Target) -> tuple[Published, RemoteMention, Any]:
    published = publish(youtube, target, film())
    sandbox.crowd("youtube", "comment", post_id=published.external_id, text="Première !")
    page = youtube.pull_mentions(target, cursor={}, watched=[])
    (comment,) = page.mentions
    return published, comment, page.cursor


def test_more_replies_than_a_thread_shows_are_listed_and_come_once(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, comment, cursor = commented
    assert (comment.kind, comment.in_reply_to, comment.root) == (
        "comment",
        published.external_id,
        published.external_id,
    )
    monkeypatch.setitem(network_data("youtube")["read"], "page_size", 3)
    words = {f"Réponse {number}" for number in range(7)}
    for text in sorted(words):
        sandbox.crowd("youtube", "comment", post_id=comment.external_id, text=text)
    page = youtube.pull_mentions(target, cursor=json.loads(json.dumps(cursor)), watched=[])
    replies = [m for m in page.mentions if m.kind == "reply"]
    assert {m.text for m in replies} == words
    assert {(m.in_reply_to, m.root) for m in replies} == {(comment.external_id, published.external_id)}
    quiet = youtube.pull_mentions(target, cursor=page.cursor, watched=[])
    assert [m for m in quiet.mentions if m.kind == "reply"] == []


def test_many_new_threads_are_read_page_by_page(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, _, cursor = commented
    monkeypatch.setitem(network_data("youtube")["read"], "page_size", 2)
    words = {f"Bravo {number}" for number in range(5)}
    for text in sorted(words):
        sandbox.crowd("youtube", "comment", post_id=published.external_id, text=text)
    found: set[str] = set()
    for _ in range(6):
        page = youtube.pull_mentions(target, cursor=cursor, watched=[])
        found |= {m.text for m in page.mentions}
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            break
    assert words <= found
    assert set(cursor) == {"since", "replies"}


def test_hide_unhide_and_delete_may_be_repeated(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any
) -> None:
    _, comment, _ = commented

    def held() -> list[str]:
        answer = httpx.get(
            f"{sandbox.url('youtube')}/youtube/v3/commentThreads",
            params={
                "part": "id",
                "allThreadsRelatedToChannelId": target.external_id,
                "moderationStatus": "heldForReview",
            },
            headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
        )
        return [item["id"] for item in answer.json()["items"]]

    assert youtube.actions("comment") == {Action.REPLY, Action.HIDE, Action.UNHIDE, Action.DELETE}
    for _ in range(2):
        youtube.act(target, action=Action.HIDE, on=ref(comment))
    assert held() == [comment.external_id]
    for _ in range(2):
        youtube.act(target, action=Action.UNHIDE, on=ref(comment))
    assert held() == []
    for _ in range(2):
        youtube.act(target, action=Action.DELETE, on=ref(comment))
    with pytest.raises(ValidationError) as gone:
        youtube.act(target, action=Action.HIDE, on=ref(comment))
    assert gone.value.code == "parent_gone"
    with pytest.raises(ValidationError) as none:
        youtube.act(target, action=Action.LIKE, on=ref(comment))
    assert none.value.code == "not_supported"


def test_an_answer_stands_in_the_thread_and_a_lost_one_is_found(
    sandbox: Sandbox, youtube: Connector, target: Target, commented: Any
) -> None:
    _, comment, cursor = commented
    sandbox.crowd("youtube", "comment", post_id=comment.external_id, text="Moi aussi")
    page = youtube.pull_mentions(target, cursor=cursor, watched=[])
    below = next(m for m in page.mentions if m.kind == "reply")
    answered = youtube.reply(target, to=ref(below), text="Merci à vous deux !", key="k")
    assert answered.external_id.startswith(f"{comment.external_id}.")
    assert youtube.count_reply("é" * 10_000, limits={}).remaining == 0  # characters, not bytes as in a description
    ago = datetime.now(UTC) - timedelta(minutes=5)
    missing = youtube.find_reply(target, to=ref(comment), text="Perdue", key="k2", since=ago)
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", "youtube", method="POST", path="/comments$")
    before = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        youtube.reply(target, to=ref(comment), text="Perdue", key="k2")
    found = youtube.find_reply(target, to=ref(comment), text="Perdue", key="k2", since=before)
    assert found.finding is Finding.PUBLISHED
    ours = youtube.pull_mentions(target, cursor=page.cursor, watched=[])
    assert not [m for m in ours.mentions if m.author_id == target.external_id]
    with pytest.raises(ValidationError) as private:
        youtube.reply(target, to=ref(comment), text="Entre nous", key="k3", private=True)
    assert private.value.code == "not_supported"


# ---------------------------------------------------------------- counters


def test_analytics_add_to_the_counters_and_a_dead_name_hides_no_other(
    sandbox: Sandbox, youtube: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = {"content": base64.b64encode(picture()).decode(), "alt": "x"}
    old = {
        "network": "youtube",
        "account": target.external_id,
        "key": f"old-{target.external_id}",
        "text": "Une vidéo\nd’avant",
        "created_at": (datetime.now(UTC) - timedelta(days=30)).isoformat(),
        "files": ["one"],
        "likes": 12,
        "shares": 3,
        "views": 1000,
    }
    body = {"files": {"one": image}, "posts": [old]}
    made = httpx.post(f"{sandbox.home}/_history", json=body).json()["posts"][0]
    new = publish(youtube, target, film()).external_id
    ids = [made["id"], new]
    found = youtube.pull_post_metrics(target, external_ids=ids)
    assert found.metrics[made["id"]]["likeCount"] == 12
    assert found.metrics[made["id"]]["estimatedMinutesWatched"] == 2000
    assert found.metrics[made["id"]]["shares"] == 3
    assert "shares" not in found.metrics[new]  # no row yet is no zero
    assert found.dead == {}
    monkeypatch.setitem(network_data("youtube")["metrics"], "analytics", ["shares", "reposts", "engagedViews"])
    found = youtube.pull_post_metrics(target, external_ids=ids)
    assert "reposts" in found.dead
    assert "Unknown identifier" in found.dead["reposts"]
    assert (found.metrics[made["id"]]["shares"], found.metrics[made["id"]]["engagedViews"]) == (3, 700)


def test_counters_are_read_in_batches_of_fifty(youtube: Connector, target: Target) -> None:
    published = publish(youtube, target, film())
    ledger = Ledger()
    ids = [published.external_id, *(f"gone{number:07}" for number in range(60))]
    found = youtube.pull_post_metrics(replace(target, report=ledger.report), external_ids=ids)
    assert set(found.metrics) == {published.external_id}
    assert len(found.gone) == 60
    assert [c.units for c in ledger.charges] == [1, 1]


def test_the_number_of_subscribers_is_rounded_by_youtube(
    sandbox: Sandbox, youtube: Connector, networks_at_sandbox: None
) -> None:
    account = youtube.connect_with_token(
        base_url=sandbox.url("youtube"), values={"access_token": "sandbox-youtube-velo_citadin"}
    )
    counters = youtube.pull_account_metrics(target_of(youtube, sandbox, account))
    assert counters["subscriberCount"]
    assert counters["subscriberCount"] % 100 == 0
    assert counters["videoCount"] == 0
