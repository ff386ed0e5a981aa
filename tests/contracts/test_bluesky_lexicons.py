"""What the connector sends and what the sandbox answers, beside AT Protocol's own lexicons."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialops.networks.ports import Action, Connector, MentionRef, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.lexicons import Lexicons
from tests.fakes.files import media, subtitles, video
from tests.networks.driving import content, publish, ref
from tests.networks.test_bluesky import Friend
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox

pytestmark = pytest.mark.contracts

DOCUMENT = "atproto-lexicons-api-0.21.0.json"
# Where the lexicons say less than the service: a problem, and why it is none.
EXCEPTIONS = {
    "app.bsky.video.uploadVideo parameters: {'did': ": "asked for by https://docs.bsky.app/docs/tutorials/video",
}
CALLS = {
    "app.bsky.actor.getProfile",
    "app.bsky.feed.getPosts",
    "app.bsky.notification.listNotifications",
    "app.bsky.video.getJobStatus",
    "app.bsky.video.getUploadLimits",
    "app.bsky.video.uploadVideo",
    "chat.bsky.convo.getConvoForMembers",
    "chat.bsky.convo.getMessages",
    "chat.bsky.convo.listConvos",
    "chat.bsky.convo.sendMessage",
    "com.atproto.identity.resolveHandle",
    "com.atproto.repo.deleteRecord",
    "com.atproto.repo.getRecord",
    "com.atproto.repo.putRecord",
    "com.atproto.repo.uploadBlob",
    "com.atproto.server.createSession",
    "com.atproto.server.deleteSession",
    "com.atproto.server.describeServer",
    "com.atproto.server.getServiceAuth",
    "com.atproto.server.getSession",
    "com.atproto.server.refreshSession",
}
RECORDS = {"app.bsky.feed.like", "app.bsky.feed.post", "app.bsky.feed.postgate", "app.bsky.feed.threadgate"}
EMBEDS = {f"app.bsky.embed.{name}" for name in ("external", "gallery", "images", "video", "record", "recordWithMedia")}


@pytest.fixture
def network() -> str:
    return "bluesky"


@pytest.fixture
def friend(sandbox: Sandbox, target: Target) -> Iterator[Friend]:
    made = Friend(sandbox, target.external_id)
    yield made
    made.http.close()


def connect(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    """By a browser, for somebody who typed a handle; and the end of both kinds of session."""
    handle = target.handle.lstrip("@")
    connector.authorization(base_url=sandbox.bluesky, redirect_uri=REDIRECT, app={}, login_hint=handle)
    started = connector.authorization(base_url=sandbox.bluesky, redirect_uri=REDIRECT, app={})
    (account,) = complete(connector, started, consent(started))
    by_oauth = target_of(connector, sandbox, account)
    publish(connector, by_oauth, content())
    for session in (by_oauth, target):
        connector.verify(session)
        connector.refresh(session)


def everything(sandbox: Sandbox, connector: Connector, target: Target, friend: Friend) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    words = f"Merci {target.handle} #lumière https://example.com/a"
    gate = {"reply_control": "mentioned", "link_title": "Lampes"}
    root = publish(connector, target, content(words, media=(media(),)))
    card = publish(connector, target, content(link="https://example.com/b", options=gate))
    publish(connector, target, content(media=tuple(media(f"m{n}") for n in range(5))))
    spoken = video(subtitles=(subtitles("fr"), subtitles("zh-Hant")))
    options = {
        "reply_control": "nobody",
        "quote_control": "nobody",
        "content_label": "graphic-media",
        "extra_tags": ["#lampes"],
    }
    film = publish(connector, target, content(media=(spoken,), options=options))
    publish(connector, target, content(options={"quote": root.url}))
    made = sandbox.crowd("bluesky", "mention", account=target.external_id, text="")
    publish(connector, target, content(media=(media(),), options={"quote": made["url"]}))
    what = content()
    connector.commit_part(target, what, root=root, parent=root, text="Suite", key=uuid.uuid4().hex)
    connector.find_part(target, root=root, parent=root, text="Suite", key="k", since=what.created_at)
    connector.read_post(target, external_id=film.external_id)
    sandbox.crowd("bluesky", "comment", post_id=root.external_id, text="Oui")
    friend.say("Bonjour ?")
    page = connector.pull_mentions(target, cursor={}, watched=[])
    friend.say("Encore")
    connector.pull_mentions(target, cursor=page.cursor, watched=[])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    assert found.keys() == {"reply", "message", "mention"}
    connector.reply(target, to=found["reply"], text="Merci", key="k1")
    connector.reply(target, to=found["message"], text="Merci", key="k2")
    connector.find_reply(target, to=found["message"], text="Merci", key="k2", since=what.created_at)
    to = MentionRef(found["reply"].external_id, "mention", author_id=friend.did)
    connector.reply(target, to=to, text="Entre nous", key="k3", private=True)
    for action in (Action.LIKE, Action.UNLIKE, Action.HIDE, Action.UNHIDE):
        connector.act(target, action=action, on=found["reply"])
    connector.pull_post_metrics(target, external_ids=[root.external_id, card.external_id, film.external_id])
    connector.pull_account_metrics(target)
    connector.delete(target, external_id=card.external_id)
    assert connector.read_post(target, external_id=card.external_id) is None


def test_calls_records_and_answers_keep_to_the_lexicons(
    folder: Path, sandbox: Sandbox, connector: Connector, exchanges: list[Exchange], target: Target, friend: Friend
) -> None:
    connect(sandbox, connector, target)
    everything(sandbox, connector, target, friend)
    connector.revoke(target, app={})
    lexicons = Lexicons(folder / "contracts" / DOCUMENT)
    judged = [exchange for exchange in exchanges if exchange.path.startswith("/xrpc/")]
    wrong = [problem for exchange in judged for problem in lexicons.judge(exchange)]
    assert [problem for problem in wrong if not problem.startswith(tuple(EXCEPTIONS))] == []
    assert [known for known in EXCEPTIONS if not any(problem.startswith(known) for problem in wrong)] == []
    assert {exchange.path.removeprefix("/xrpc/") for exchange in judged} == CALLS
    records = [exchange.body["record"] for exchange in judged if exchange.path.endswith("putRecord")]
    assert {record["$type"] for record in records} == RECORDS
    assert {record["embed"]["$type"] for record in records if "embed" in record} == EMBEDS
