"""LinkedIn: what people say, what we do about it, what LinkedIn tells by itself, and the numbers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, Code, UnknownOutcomeError, ValidationError
from socialops.networks.ports import (
    Action,
    Connector,
    EventKind,
    Finding,
    MentionRef,
    Published,
    RemoteMention,
    Target,
    WebhookEvent,
)
from tests.fakes.files import video
from tests.networks.driving import content, publish
from tests.networks.linkedin import seeded_member, steer
from tests.sandbox_server import Sandbox

APP = {"client_id": "sandbox-app", "client_secret": "sandbox-secret"}
NUMBER = "211200300"


@pytest.fixture
def network() -> str:
    return "linkedin"


@pytest.fixture
def member(sandbox: Sandbox, connector: Connector, networks_at_sandbox: None) -> Target:
    return seeded_member(sandbox, connector)


@pytest.fixture
def published(connector: Connector, target: Target) -> Published:
    return publish(connector, target, content())


def ref(mention: RemoteMention) -> MentionRef:
    return MentionRef(
        mention.external_id, mention.kind, mention.author_id, mention.author_handle, mention.in_reply_to, mention.root
    )


def pull(connector: Connector, target: Target, post: Published, cursor: Any = None) -> tuple[list[RemoteMention], Any]:
    page = connector.pull_mentions(target, cursor=cursor or {}, watched=[post.external_id])
    return list(page.mentions), json.loads(json.dumps(page.cursor))


@pytest.fixture
def comment(sandbox: Sandbox, connector: Connector, target: Target, published: Published) -> RemoteMention:
    sandbox.crowd(
        "linkedin", "comment", post_id=published.external_id, text="Très beau (vraiment)", author="Léa Moreau"
    )
    (found,) = pull(connector, target, published)[0]
    return found


# ---------------------------------------------------------------- reading


def test_a_comment_says_who_and_where(comment: RemoteMention, published: Published) -> None:
    assert (comment.kind, comment.text, comment.author_name) == ("comment", "Très beau (vraiment)", "Léa Moreau")
    assert comment.author_id.startswith("urn:li:person:")
    assert (comment.root, comment.in_reply_to) == (published.external_id, published.external_id)
    assert comment.url.startswith(published.url)


def test_answers_come_once_their_comment_has_more(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published, comment: RemoteMention
) -> None:
    _first, cursor = pull(connector, target, published)
    sandbox.crowd("linkedin", "comment", post_id=comment.external_id, text="Je confirme", author="Hugo Petit")
    found, cursor = pull(connector, target, published, cursor)
    (answer,) = [mention for mention in found if mention.external_id != comment.external_id]
    assert (answer.kind, answer.text, answer.author_name) == ("reply", "Je confirme", "Hugo Petit")
    assert (answer.in_reply_to, answer.root) == (comment.external_id, published.external_id)
    again, _cursor = pull(connector, target, published, cursor)
    assert {m.external_id for m in again} <= {comment.external_id, answer.external_id}


def test_every_page_of_comments_is_read(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["read"], "comments_page_size", 2)
    for number in range(5):
        sandbox.crowd("linkedin", "comment", post_id=published.external_id, text=f"Mot {number}")
    found, cursor = pull(connector, target, published)
    assert sorted(m.text for m in found) == [f"Mot {number}" for number in range(5)]
    sandbox.crowd("linkedin", "comment", post_id=published.external_id, text="Mot 5")
    new, _cursor = pull(connector, target, published, cursor)
    assert [m.text for m in new][-1] == "Mot 5"


def test_our_own_comments_are_no_news(connector: Connector, target: Target, published: Published) -> None:
    connector.commit_part(target, content(), root=published, parent=published, text="Le lien", key="k")
    assert pull(connector, target, published)[0] == []


def test_who_may_not_be_named_stays_unnamed(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published
) -> None:
    sandbox.crowd("linkedin", "comment", post_id=published.external_id, text="Oui")
    steer(sandbox, names="closed")
    (found,), _cursor = pull(connector, target, published)
    steer(sandbox, names="open")
    assert found.author_name == "LinkedIn Member"
    assert found.author_handle == found.author_id


def test_a_post_that_is_gone_is_no_error(connector: Connector, target: Target, published: Published) -> None:
    connector.delete(target, external_id=published.external_id)
    assert pull(connector, target, published)[0] == []


def test_a_members_comments_need_a_permission_that_few_have(
    connector: Connector,
    member: Target,
    sandbox: Sandbox,
) -> None:
    post = publish(connector, member, content())
    sandbox.crowd("linkedin", "comment", post_id=post.external_id, text="Bravo")
    assert pull(connector, member, post)[0] == []
    found = connector.find_part(member, root=post, parent=post, text="Oui", key="k", since=datetime.now(UTC))
    assert (found.finding, found.look_again_at) == (Finding.UNDECIDED, None)


# ---------------------------------------------------------------- acting


def test_a_reply_hangs_under_the_comment_and_is_found_when_its_answer_is_lost(
    sandbox: Sandbox, connector: Connector, target: Target, comment: RemoteMention
) -> None:
    before = datetime.now(UTC)
    sandbox.fault("drop", "linkedin", method="POST", path="/comments$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=ref(comment), text="Merci (beaucoup) !", key="k")
    found = connector.find_reply(target, to=ref(comment), text="Merci (beaucoup) !", key="k", since=before)
    assert found.published is not None
    (mine,) = [p for p in sandbox.posts("linkedin", account=target.external_id) if p["reply_to"]]
    assert (mine["id"], mine["reply_to"], mine["text"]) == (
        found.published.external_id,
        comment.external_id,
        "Merci (beaucoup) !",
    )
    never = connector.find_reply(
        target, to=ref(comment), text="Jamais dit", key="k", since=before - timedelta(minutes=10)
    )
    assert never.finding is Finding.NOT_PUBLISHED


def test_an_answer_to_an_answer_stands_beside_it(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published, comment: RemoteMention
) -> None:
    sandbox.crowd("linkedin", "comment", post_id=comment.external_id, text="Je confirme")
    answer = next(m for m in pull(connector, target, published)[0] if m.text == "Je confirme")
    mine = connector.reply(target, to=ref(answer), text="Merci à vous deux", key="k")
    above = {p["id"]: p["reply_to"] for p in sandbox.posts("linkedin")}
    assert above[mine.external_id] == comment.external_id


def test_liking_and_deleting_are_repeatable(
    sandbox: Sandbox, connector: Connector, target: Target, comment: RemoteMention
) -> None:
    def likes() -> int:
        return next(p["likes"] for p in sandbox.posts("linkedin") if p["id"] == comment.external_id)

    assert connector.actions("comment") == {Action.REPLY, Action.LIKE, Action.UNLIKE, Action.DELETE}
    for action, count in ((Action.LIKE, 1), (Action.LIKE, 1), (Action.UNLIKE, 0), (Action.UNLIKE, 0)):
        connector.act(target, action=action, on=ref(comment))
        assert likes() == count
    for _ in range(2):
        connector.act(target, action=Action.DELETE, on=ref(comment))
    assert comment.external_id not in {p["id"] for p in sandbox.posts("linkedin")}
    for fails in (
        lambda: connector.act(target, action=Action.LIKE, on=ref(comment)),
        lambda: connector.reply(target, to=ref(comment), text="?", key="k"),
    ):
        with pytest.raises(ValidationError) as gone:
            fails()
        assert gone.value.code == Code.PARENT_GONE


def test_nothing_is_hidden_and_nobody_written_to(connector: Connector, target: Target, comment: RemoteMention) -> None:
    for action in (Action.HIDE, Action.UNHIDE, Action.REPLY_PRIVATELY):
        assert action not in connector.actions("comment")
        with pytest.raises(ValidationError) as unable:
            connector.act(target, action=action, on=ref(comment))
        assert unable.value.code == Code.NOT_SUPPORTED
    with pytest.raises(ValidationError):
        connector.reply(target, to=ref(comment), text="?", key="k", private=True)
    assert connector.actions("message") == frozenset()


def test_a_mention_is_liked_and_answered_but_not_deleted(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published
) -> None:
    sandbox.crowd("linkedin", "mention", account=target.external_id, text="Café Test (Nice) #café", author="Léa Moreau")
    (mention,) = pull(connector, target, published)[0]
    assert (mention.kind, mention.text, mention.author_name) == ("mention", "Café Test (Nice) #café", "Léa Moreau")
    connector.act(target, action=Action.LIKE, on=ref(mention))
    connector.reply(target, to=ref(mention), text="Merci", key="k")
    seen = {p["id"]: p for p in sandbox.posts("linkedin")}
    assert seen[mention.external_id]["likes"] == 1
    assert [p["text"] for p in seen.values() if p["reply_to"] == mention.external_id] == ["Merci"]
    with pytest.raises(ValidationError):
        connector.act(target, action=Action.DELETE, on=ref(mention))


# ---------------------------------------------------------------- webhooks


class Receiver:
    """A company's own server: answers the challenge, and keeps what is delivered."""

    def __init__(self, connector: Connector) -> None:
        self.deliveries: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                answer = connector.handshake(query=query, app=APP)
                assert answer is not None
                self.send_response(200)
                self.send_header("Content-Type", answer.content_type)
                self.end_headers()
                self.wfile.write(answer.body.encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        until = time.monotonic() + 10
        while len(self.deliveries) < count and time.monotonic() < until:
            time.sleep(0.05)
        assert len(self.deliveries) >= count
        return self.deliveries


@pytest.fixture
def receiver(connector: Connector) -> Iterator[Receiver]:
    started = Receiver(connector)
    yield started
    started.server.shutdown()
    started.server.server_close()


def events(connector: Connector, delivery: tuple[dict[str, str], bytes]) -> list[WebhookEvent]:
    headers, body = delivery
    return list(connector.read_webhook(headers=headers, body=body, app=APP))


def test_a_page_tells_of_comments_edits_deletions_and_mentions(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published, receiver: Receiver
) -> None:
    known = replace(target, app={**APP, "application_id": NUMBER})
    for _ in range(2):
        connector.subscribe(known, callback_url=receiver.url)
    sandbox.crowd("linkedin", "comment", post_id=published.external_id, text="Bravo")
    (said,) = events(connector, receiver.wait(1)[0])
    assert (said.kind, said.account, said.mention) == (EventKind.MENTION, target.external_id, None)
    (comment,) = pull(connector, target, published)[0]
    assert said.external_id == comment.external_id
    own = connector.commit_part(target, content(), root=published, parent=published, text="Le lien", key="k")
    connector.edit(target, content("Le bon lien"), external_id=own.external_id)
    (edited,) = events(connector, receiver.wait(2)[1])
    assert edited.mention is not None
    assert (edited.mention.text, edited.mention.external_id) == ("Le bon lien", own.external_id)
    connector.delete(target, external_id=comment.external_id)
    (gone,) = events(connector, receiver.wait(3)[2])
    assert (gone.kind, gone.external_id) == (EventKind.MENTION_GONE, comment.external_id)
    sandbox.crowd("linkedin", "mention", account=target.external_id, text="")
    (mentioned,) = events(connector, receiver.wait(4)[3])
    assert mentioned.kind == EventKind.MENTION
    assert mentioned.external_id.startswith("urn:li:share:")


def test_a_forged_delivery_is_refused_and_a_prefixed_header_tolerated(connector: Connector) -> None:
    body = json.dumps(
        {"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": [{"action": "LIKE"}]}
    ).encode()
    right = hmac.new(b"sandbox-secret", b"hmacsha256=" + body, hashlib.sha256).hexdigest()
    for header in (right, f"hmacsha256={right}"):
        assert events(connector, ({"x-li-signature": header}, body)) == []
    bare = hmac.new(b"sandbox-secret", body, hashlib.sha256).hexdigest()
    for wrong in ({"x-li-signature": bare}, {"x-li-signature": right[:-1] + "é"}, {"x-li-signature": ""}, {}):
        with pytest.raises(AuthError) as forged:
            events(connector, (wrong, body))
        assert forged.value.code == Code.SIGNATURE_WRONG
    with pytest.raises(AuthError):
        events(connector, ({"x-li-signature": right}, body + b" "))


def test_the_challenge(connector: Connector) -> None:
    answer = connector.handshake(query={"challengeCode": "890e4665", "applicationId": NUMBER}, app=APP)
    assert answer is not None
    assert answer.content_type == "application/json"
    expected = hmac.new(b"sandbox-secret", b"890e4665", hashlib.sha256).hexdigest()
    assert json.loads(answer.body) == {"challengeCode": "890e4665", "challengeResponse": expected}
    assert connector.handshake(query={"hub.challenge": "1"}, app=APP) is None


def test_subscribing_needs_the_number_of_the_app(connector: Connector, target: Target) -> None:
    with pytest.raises(AuthError) as unset:
        connector.subscribe(target, callback_url="https://example.com/hook")
    assert unset.value.detail["setting"] == "LINKEDIN_APPLICATION_ID"


# ---------------------------------------------------------------- numbers


def test_posts_nobody_saw_count_zero_and_deleted_ones_are_gone(
    sandbox: Sandbox, connector: Connector, target: Target, published: Published
) -> None:
    unseen, deleted = publish(connector, target, content()), publish(connector, target, content())
    connector.delete(target, external_id=deleted.external_id)
    sandbox.crowd("linkedin", "like", post_id=published.external_id)
    asked = [published.external_id, unseen.external_id, deleted.external_id]
    found = connector.pull_post_metrics(target, external_ids=asked)
    assert found.metrics[published.external_id]["likeCount"] == 1
    assert set(found.metrics[unseen.external_id].values()) == {0}
    assert found.gone == {deleted.external_id}


@pytest.mark.parametrize("effect", ["429", "500_before", "malformed"])
def test_figures_stand_where_the_votes_can_not_be_read(
    sandbox: Sandbox, connector: Connector, target: Target, effect: str
) -> None:
    published = publish(connector, target, content())
    sandbox.crowd("linkedin", "like", post_id=published.external_id)
    sandbox.fault(effect, "linkedin", method="GET", path="/rest/posts$", count=None)
    found = connector.pull_post_metrics(target, external_ids=[published.external_id])
    sandbox.clear_faults()
    assert found.metrics[published.external_id]["likeCount"] == 1
    assert set(found.dead) == {"uniqueVotersCount"}


def test_counters_come_in_batches_by_kind_of_urn(
    connector: Connector, target: Target, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("linkedin")["metrics"], "batch", 2)
    posts = [publish(connector, target, content()) for _ in range(3)]
    posts.append(publish(connector, target, content(media=(video(),))))
    for post in posts:
        sandbox.crowd("linkedin", "like", post_id=post.external_id)
    found = connector.pull_post_metrics(target, external_ids=[post.external_id for post in posts])
    assert {kind.split(":")[2] for kind in found.metrics} == {"share", "ugcPost"}
    assert all(values["likeCount"] == 1 for values in found.metrics.values())


def test_a_members_metrics_one_by_one_and_a_dead_one_alone(
    sandbox: Sandbox,
    connector: Connector,
    member: Target,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = publish(connector, member, content())
    sandbox.crowd("linkedin", "like", post_id=post.external_id)
    names = ["IMPRESSION", "RETIRED", "REACTION", "COMMENT"]
    monkeypatch.setitem(network_data("linkedin")["metrics"], "member", names)
    found = connector.pull_post_metrics(member, external_ids=[post.external_id, "urn:li:share:1"])
    assert found.metrics[post.external_id]["REACTION"] == 1
    assert found.metrics[post.external_id]["COMMENT"] == 0
    assert set(found.dead) == {"RETIRED"}
    assert found.gone == {"urn:li:share:1"}
    assert connector.pull_account_metrics(member) == {"memberFollowersCount": 640}


def test_a_page_knows_its_followers_and_totals(connector: Connector, target: Target) -> None:
    found = connector.pull_account_metrics(target)
    assert found["firstDegreeSize"] == 150
    assert found["impressionCount"] == 0
