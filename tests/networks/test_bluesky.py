"""What is particular to Bluesky: videos by their own service, who may answer, likes and folded replies."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from socialops.networks import http
from socialops.networks.bluesky.video import start
from socialops.networks.data import network_data
from socialops.networks.errors import (
    Code,
    MediaError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Action, Connector, Finding, Media, MentionRef, Target
from tests.fakes.files import media, movie, video
from tests.networks.driving import Ledger, content, create, publish, ref
from tests.sandbox_server import Sandbox

GATE = "app.bsky.feed.threadgate"
QUOTE_GATE = "app.bsky.feed.postgate"


@pytest.fixture
def network() -> str:
    return "bluesky"


@pytest.fixture
def bluesky(connector: Connector) -> Connector:
    return connector


def record(sandbox: Sandbox, target: Target, collection: str, rkey: str) -> dict[str, Any] | None:
    params = {"repo": target.external_id, "collection": collection, "rkey": rkey}
    answer = httpx.get(f"{sandbox.bluesky}/xrpc/com.atproto.repo.getRecord", params=params)
    return dict(answer.json()["value"]) if answer.status_code == 200 else None


def shown(sandbox: Sandbox, target: Target, uri: str) -> dict[str, Any]:
    """The post as the AppView shows it to us."""
    answer = httpx.get(
        f"{sandbox.bluesky}/xrpc/app.bsky.feed.getPosts",
        params={"uris": uri},
        headers={"Authorization": f"Bearer {target.credentials.values['access_token']}"},
    )
    return dict(answer.json()["posts"][0])


def film(tail: bytes = b"") -> Media:
    """Read by pieces only."""
    data = movie() + tail

    def read() -> bytes:
        raise AssertionError("the whole file was read into memory")

    return replace(video(), size=len(data), read=read, read_range=lambda start, stop: data[start:stop])


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize(
    ("count", "kind", "name"), [(4, "images", "images"), (5, "gallery", "items"), (10, "gallery", "items")]
)
def test_many_pictures_make_a_gallery(
    sandbox: Sandbox, bluesky: Connector, target: Target, count: int, kind: str, name: str
) -> None:
    what = content(media=tuple(media(f"m{n}", f"Lampe {n}") for n in range(count)))
    assert list(bluesky.check(what, limits={})) == []
    published = publish(bluesky, target, what)
    embed = shown(sandbox, target, published.external_id)["embed"]
    assert embed["$type"] == f"app.bsky.embed.{kind}#view"
    assert [(one["alt"], one["aspectRatio"]) for one in embed[name]] == [
        (f"Lampe {n}", {"width": 640, "height": 480}) for n in range(count)
    ]
    seen = bluesky.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == count


def test_eleven_pictures_are_too_many(bluesky: Connector) -> None:
    what = content(media=tuple(media(f"m{n}") for n in range(11)))
    assert [problem.code for problem in bluesky.check(what, limits={})] == [Code.TOO_MANY_MEDIA]


# ---------------------------------------------------------------- videos


def test_a_video_goes_up_in_pieces_and_is_seen_with_its_words_and_shape(
    sandbox: Sandbox, bluesky: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("bluesky")["video"], "piece_bytes", 1000)
    ledger = Ledger()
    what = content(media=(replace(film(), alt_text="Un atelier"),))
    assert list(bluesky.check(what, limits={})) == []
    published = publish(bluesky, replace(target, report=ledger.report), what)
    embed = shown(sandbox, target, published.external_id)["embed"]
    assert embed["$type"] == "app.bsky.embed.video#view"
    assert embed["alt"] == "Un atelier"
    assert embed["aspectRatio"] == {"width": 360, "height": 640}
    seen = bluesky.read_post(target, external_id=published.external_id)
    assert seen is not None
    assert seen.media_count == 1
    assert [q.remaining for q in ledger.quotas if q.bucket == "videos"] == [25]


def test_a_garbled_answer_about_a_file_sent_before_is_asked_again(
    bluesky: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = http.Answer("POST", "https://video.example/", 409, httpx.Headers(), b'{"id": "10')
    token = "socialops.networks.bluesky.video.token_for"
    monkeypatch.setattr(token, lambda *_args, **_more: "t")
    monkeypatch.setattr(http, "call", lambda *_args, **_more: cut)
    with pytest.raises(OutageError):
        start(target, film())


@pytest.mark.usefixtures("slow_files")
def test_a_job_at_work_is_asked_again_and_the_file_sent_once(
    sandbox: Sandbox, bluesky: Connector, target: Target
) -> None:
    ledger, what = Ledger(), content(media=(film(b"once"),))
    with pytest.raises(OutageError) as waiting:
        bluesky.create(target, what, handles={}, save=ledger.save)
    assert waiting.value.code == "media_processing"
    assert waiting.value.until is not None
    assert ledger.saved[-1]["jobs"]["v1"]
    create(bluesky, target, what, ledger)
    writes = [w for w in sandbox.log("bluesky") if w["object_id"] == ledger.saved[-1]["jobs"]["v1"]]
    assert len(writes) == 1


def test_a_lost_answer_to_the_upload_finds_the_same_job(sandbox: Sandbox, bluesky: Connector, target: Target) -> None:
    ledger, what = Ledger(), content(media=(film(b"lost"),))
    sandbox.fault("drop", "bluesky", method="POST", path="uploadVideo$")
    with pytest.raises(OutageError) as lost:
        bluesky.create(target, what, handles={}, save=ledger.save)
    assert lost.value.code == "answer_lost"
    prepared, handles = create(bluesky, target, what, ledger)
    assert bluesky.commit(target, prepared, handles=handles) is not None


@pytest.mark.usefixtures("slow_files")
def test_a_video_that_fails_says_why_and_is_sent_anew_by_a_later_try(bluesky: Connector, target: Target) -> None:
    ledger, what = Ledger(), content(media=(film(b"sandbox-fails:encoding_failure"),))
    with pytest.raises(MediaError) as failed:
        create(bluesky, target, what, ledger)
    assert failed.value.code == "media_refused"
    assert "encoding failure" in failed.value.detail["message"]
    assert ledger.saved[-1]["jobs"] == {}


@pytest.mark.usefixtures("slow_files")
def test_a_full_day_waits(sandbox: Sandbox, bluesky: Connector, target: Target) -> None:
    for number in range(25):
        with pytest.raises(OutageError):
            bluesky.create(target, content(media=(film(b"%d" % number),)), handles={}, save=lambda _: None)
    with pytest.raises(RateLimitError) as full:
        bluesky.create(target, content(media=(film(b"last"),)), handles={}, save=lambda _: None)
    assert full.value.code == "quota_spent"
    assert full.value.until is not None
    assert full.value.until > datetime.now(UTC)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((media(), video()), Code.MEDIA_MIXED),
        ((video(), video("v2")), Code.TOO_MANY_MEDIA),
        ((replace(video(), content_type="video/quicktime"),), Code.VIDEO_TYPE),
        ((replace(video(), size=300_000_001),), Code.VIDEO_TOO_LARGE),
    ],
)
def test_videos_that_bluesky_does_not_take(bluesky: Connector, files: tuple[Media, ...], code: Code) -> None:
    assert code in [problem.code for problem in bluesky.check(content(media=files), limits={})]


# ---------------------------------------------------------------- who may answer


@pytest.mark.parametrize(
    ("control", "allow"),
    [
        ("everyone", None),
        ("mentioned", [{"$type": f"{GATE}#mentionRule"}]),
        ("following", [{"$type": f"{GATE}#followingRule"}]),
        ("nobody", []),
    ],
)
def test_who_may_answer_is_a_record_beside_the_post(
    sandbox: Sandbox, bluesky: Connector, target: Target, control: str, allow: list[dict[str, str]] | None
) -> None:
    published = publish(bluesky, target, content(options={"reply_control": control}))
    key = published.external_id.rpartition("/")[2]
    gate = record(sandbox, target, GATE, key)
    assert (gate or {}).get("allow") == allow
    assert (gate or {"post": published.external_id})["post"] == published.external_id
    assert "unfinished" not in published.extra
    bluesky.delete(target, external_id=published.external_id)
    assert record(sandbox, target, GATE, key) is None


def test_who_may_quote_labels_and_hashtags_beside_the_text(
    sandbox: Sandbox, bluesky: Connector, target: Target
) -> None:
    options = {"quote_control": "nobody", "content_label": "graphic-media", "extra_tags": ["#lampes", " laiton "]}
    published = publish(bluesky, target, content(media=(media(),), options=options))
    key = published.external_id.rpartition("/")[2]
    gate = record(sandbox, target, QUOTE_GATE, key) or {}
    assert (gate["post"], gate["embeddingRules"]) == (published.external_id, [{"$type": f"{QUOTE_GATE}#disableRule"}])
    assert record(sandbox, target, GATE, key) is None
    seen = shown(sandbox, target, published.external_id)
    assert [label["val"] for label in seen["labels"]] == ["graphic-media"]
    assert seen["record"]["tags"] == ["lampes", "laiton"]
    page = httpx.get(f"{sandbox.bluesky}/profile/{target.handle.lstrip('@')}/post/{key}").text
    for words in ("#lampes", "Nobody may quote it.", "Its author marks the files"):
        assert words in page
    bluesky.delete(target, external_id=published.external_id)
    assert record(sandbox, target, QUOTE_GATE, key) is None
    plain = publish(bluesky, target, content(options={"quote_control": "everyone", "content_label": "sexual"}))
    assert record(sandbox, target, QUOTE_GATE, plain.external_id.rpartition("/")[2]) is None
    assert not {"labels", "tags"} & shown(sandbox, target, plain.external_id)["record"].keys()


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([f"t{n}" for n in range(9)], Code.OPTION_COUNT),
        (["é" * 64], None),
        (["é" * 65], Code.OPTION_TOO_LONG),
        (["👩‍👩‍👧‍👧" * 26], Code.OPTION_TOO_LONG),
        (["#lampes", "lampes"], Code.OPTION_REPEATED),
        ([7], Code.OPTION_INVALID),
    ],
)
def test_hashtags_beside_the_text_keep_to_the_lexicon(bluesky: Connector, tags: list[Any], code: Code | None) -> None:
    problems = bluesky.check(content(options={"extra_tags": tags}), limits={})
    assert [problem.code for problem in problems] == ([code] if code else [])


def test_a_refused_gate_is_told_and_a_lost_post_gets_its_gate_when_it_is_found(
    sandbox: Sandbox, bluesky: Connector, target: Target
) -> None:
    what, ledger = content(options={"reply_control": "nobody", "quote_control": "nobody"}), Ledger()
    prepared, handles = create(bluesky, target, what, ledger)
    sandbox.fault("drop", "bluesky", method="POST", path="putRecord$")
    with pytest.raises(UnknownOutcomeError):
        bluesky.commit(target, prepared, handles=handles)
    assert record(sandbox, target, GATE, handles["rkey"]) is None
    sandbox.fault("500_before", "bluesky", method="POST", path="putRecord$", count=2)
    found = bluesky.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED
    assert found.published is not None
    told = found.published.extra["unfinished"]
    assert [(item["field"], item["code"]) for item in told] == [
        ("reply_control", "server_error"),
        ("quote_control", "server_error"),
    ]
    assert json.dumps(told)
    again = bluesky.find_published(target, prepared, handles=handles, since=datetime.now(UTC))
    assert again.published is not None
    assert "unfinished" not in again.published.extra
    assert record(sandbox, target, GATE, handles["rkey"]) is not None
    assert record(sandbox, target, QUOTE_GATE, handles["rkey"]) is not None


# ---------------------------------------------------------------- acting


@pytest.fixture
def answered(sandbox: Sandbox, bluesky: Connector, target: Target) -> MentionRef:
    """Somebody's reply to our post."""
    published = publish(bluesky, target, content())
    sandbox.crowd("bluesky", "comment", post_id=published.external_id, text="Très beau !")
    return ref(bluesky.pull_mentions(target, cursor={}, watched=[]).mentions[0])


def test_a_reply_hangs_in_the_thread_and_a_lost_one_is_found(
    sandbox: Sandbox, bluesky: Connector, target: Target, answered: MentionRef
) -> None:
    made = bluesky.reply(target, to=answered, text="Merci ! https://example.com/a", key="k1")
    assert bluesky.reply(target, to=answered, text="Merci ! https://example.com/a", key="k1") == made
    written = shown(sandbox, target, made.external_id)["record"]
    assert written["reply"]["parent"]["uri"] == answered.external_id
    assert written["reply"]["root"]["uri"] == answered.root
    assert written["facets"][0]["features"][0]["uri"] == "https://example.com/a"
    missing = bluesky.find_reply(target, to=answered, text="?", key="k2", since=datetime.now(UTC))
    assert missing.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", "bluesky", method="POST", path="putRecord$")
    with pytest.raises(UnknownOutcomeError):
        bluesky.reply(target, to=answered, text="Encore", key="k2")
    found = bluesky.find_reply(target, to=answered, text="Encore", key="k2", since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED


def test_like_and_unlike_may_be_repeated(
    sandbox: Sandbox, bluesky: Connector, target: Target, answered: MentionRef
) -> None:
    for _ in range(2):
        bluesky.act(target, action=Action.LIKE, on=answered)
    assert shown(sandbox, target, answered.external_id)["likeCount"] == 1
    for _ in range(2):
        bluesky.act(target, action=Action.UNLIKE, on=answered)
    assert shown(sandbox, target, answered.external_id)["likeCount"] == 0
    kept = answered.external_id
    gone = replace(answered, external_id=kept[:-1] + ("3" if kept.endswith("2") else "2"))
    with pytest.raises(ValidationError) as missing:
        bluesky.act(target, action=Action.LIKE, on=gone)
    assert missing.value.code == "parent_gone"


def test_folding_a_reply_away_keeps_who_may_answer(sandbox: Sandbox, bluesky: Connector, target: Target) -> None:
    published = publish(bluesky, target, content(options={"reply_control": "following"}))
    sandbox.crowd("bluesky", "comment", post_id=published.external_id, text="Bof")
    on = ref(bluesky.pull_mentions(target, cursor={}, watched=[]).mentions[0])
    key = published.external_id.rpartition("/")[2]
    assert {Action.HIDE, Action.UNHIDE} <= bluesky.actions("reply")
    for _ in range(2):
        bluesky.act(target, action=Action.HIDE, on=on)
    gate = record(sandbox, target, GATE, key)
    assert gate is not None
    assert (gate["hiddenReplies"], len(gate["allow"])) == ([on.external_id], 1)
    for _ in range(2):
        bluesky.act(target, action=Action.UNHIDE, on=on)
    gate = record(sandbox, target, GATE, key)
    assert gate is not None
    assert gate["hiddenReplies"] == []


def test_what_hangs_under_others_can_not_be_folded_away_nor_deleted(
    bluesky: Connector, target: Target, answered: MentionRef
) -> None:
    elsewhere = replace(answered, root="at://did:plc:other/app.bsky.feed.post/3aaaaaaaaaaa2")
    for action, on in ((Action.HIDE, elsewhere), (Action.DELETE, answered)):
        with pytest.raises(ValidationError) as refused:
            bluesky.act(target, action=action, on=on)
        assert refused.value.code == "not_supported"
    own = bluesky.reply(target, to=answered, text="Merci !", key="k")
    bluesky.act(target, action=Action.DELETE, on=MentionRef(own.external_id, "reply"))
    assert bluesky.read_post(target, external_id=own.external_id) is None


def test_a_post_can_not_be_edited(bluesky: Connector, target: Target) -> None:
    assert bluesky.supports_edit is False
    with pytest.raises(ValidationError):
        bluesky.edit(target, content(), external_id=publish(bluesky, target, content()).external_id)


# ---------------------------------------------------------------- private messages


class Friend:
    """Somebody else, who writes private messages."""

    def __init__(self, sandbox: Sandbox, us: str) -> None:
        made = sandbox.account("bluesky", f"f{uuid.uuid4().hex[:10]}", "Ami")
        session = {"identifier": made["identifier"], "password": made["password"]}
        answer = httpx.post(f"{sandbox.bluesky}/xrpc/com.atproto.server.createSession", json=session).json()
        self.did = answer["did"]
        headers = {"Authorization": f"Bearer {answer['accessJwt']}", "atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
        self.http = httpx.Client(base_url=f"{sandbox.bluesky}/xrpc", headers=headers)
        self.convo = self.http.get("/chat.bsky.convo.getConvoForMembers", params={"members": us}).json()["convo"]["id"]

    def say(self, text: str) -> None:
        body = {"convoId": self.convo, "message": {"text": text}}
        self.http.post("/chat.bsky.convo.sendMessage", json=body).raise_for_status()

    def read(self) -> list[str]:
        return [
            m["text"]
            for m in self.http.get("/chat.bsky.convo.getMessages", params={"convoId": self.convo}).json()["messages"]
        ]


@pytest.fixture
def friend(sandbox: Sandbox, target: Target) -> Iterator[Friend]:
    made = Friend(sandbox, target.external_id)
    yield made
    made.http.close()


def test_private_messages_come_in_once_and_are_answered(
    sandbox: Sandbox, bluesky: Connector, target: Target, friend: Friend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("bluesky")["chat"], "messages", 2)
    friend.say("Bonjour ?")
    first = bluesky.pull_mentions(target, cursor={}, watched=[])
    assert [(m.kind, m.text, m.author_id) for m in first.mentions] == [("message", "Bonjour ?", friend.did)]
    words = [f"Question {number}" for number in range(5)]
    for text in words:
        friend.say(text)
        time.sleep(0.002)  # times of messages have milliseconds
    second = bluesky.pull_mentions(target, cursor=json.loads(json.dumps(first.cursor)), watched=[])
    assert [m.text for m in second.mentions] == words[::-1]
    assert bluesky.pull_mentions(target, cursor=second.cursor, watched=[]).mentions == ()
    assert bluesky.actions("message") == {Action.REPLY}

    to = ref(first.mentions[0])
    sent = bluesky.reply(target, to=to, text="Bonjour !", key="k1")
    assert friend.read()[0] == "Bonjour !"
    found = bluesky.find_reply(target, to=to, text="Bonjour !", key="k1", since=datetime.now(UTC))
    assert (found.finding, found.published) == (Finding.PUBLISHED, sent)
    early = bluesky.find_reply(target, to=to, text="Autre", key="k2", since=datetime.now(UTC))
    assert early.look_again_at is not None
    late = bluesky.find_reply(target, to=to, text="Autre", key="k2", since=datetime.now(UTC) - timedelta(minutes=5))
    assert late.finding is Finding.NOT_PUBLISHED
    sandbox.fault("drop", "bluesky", method="POST", path="sendMessage$")
    with pytest.raises(UnknownOutcomeError):
        bluesky.reply(target, to=to, text="Autre", key="k2")
    found = bluesky.find_reply(target, to=to, text="Autre", key="k2", since=datetime.now(UTC))
    assert found.finding is Finding.PUBLISHED


def test_a_post_is_answered_privately(bluesky: Connector, target: Target, friend: Friend) -> None:
    to = MentionRef("at://x/app.bsky.feed.post/3aaaaaaaaaaa2", "mention", author_id=friend.did)
    bluesky.reply(target, to=to, text="Entre nous", key="k", private=True)
    assert friend.read() == ["Entre nous"]
    assert bluesky.count_reply("é" * 1000, limits={}, private=True).remaining == 0
    assert bluesky.count_reply("é", limits={}).limit == 300


def test_mentions_come_in_where_the_chat_is_closed_or_away(
    sandbox: Sandbox, bluesky: Connector, target: Target, friend: Friend
) -> None:
    friend.say("Plus tard")
    sandbox.crowd("bluesky", "mention", account=target.external_id, text="")
    for effect in ("500_before", "expired_token", "drop"):
        sandbox.fault(effect, "bluesky", method="GET", path="listConvos$")
        page = bluesky.pull_mentions(target, cursor={}, watched=[])
        assert [m.kind for m in page.mentions] == ["mention"]
    after = bluesky.pull_mentions(target, cursor=page.cursor, watched=[])
    assert "Plus tard" in [m.text for m in after.mentions]
