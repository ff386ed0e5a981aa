"""X: what people say, what we answer, numbers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialops.networks.data import network_data
from socialops.networks.errors import (
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Action, Connector, Finding, MentionRef, Quota, Target
from tests.networks.driving import Ledger, content, publish
from tests.sandbox_server import Sandbox

# ---------------------------------------------------------------- what people say


def pull(connector: Connector, target: Target, cursor: Any, watched: list[str]) -> tuple[list[Any], Any]:
    """All pages of one pull."""
    found: list[Any] = []
    for _page in range(20):
        page = connector.pull_mentions(target, cursor=json.loads(json.dumps(cursor)), watched=watched)
        found += page.mentions
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("the walk never ends")


def test_quotes_and_replies_that_do_not_name_us_are_found(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    published = publish(connector, target, content())
    first = sandbox.crowd("x", "comment", post_id=published.external_id, text="Oui", author="Ana")
    sandbox.crowd("x", "comment", post_id=first["id"], text="Non & non", author="Bo")
    sandbox.crowd("x", "comment", post_id=published.external_id, text="quote: À lire", author="Cleo")
    found, cursor = pull(connector, target, {}, [published.external_id])
    by_text = {
        mention.text.partition(" ")[2] if mention.text.startswith("@") else mention.text: mention for mention in found
    }
    assert set(by_text) == {"Oui", "Non & non", "À lire"}
    assert {text: m.kind for text, m in by_text.items()} == {"Oui": "reply", "Non & non": "reply", "À lire": "quote"}
    assert {m.root for m in found} == {published.external_id}
    assert by_text["Non & non"].in_reply_to == first["id"]
    assert by_text["À lire"].in_reply_to == published.external_id
    assert by_text["Oui"].author_name == "Ana"
    assert pull(connector, target, cursor, [published.external_id])[0] == []


def test_more_than_a_page_loses_and_repeats_nothing(
    sandbox: Sandbox, connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["read"], "page_size", 10)
    published = publish(connector, target, content())
    sandbox.crowd("x", "mention", account=target.external_id, text="début")
    _found, cursor = pull(connector, target, {}, [published.external_id])
    for number in range(23):
        sandbox.crowd("x", "comment", post_id=published.external_id, text=f"n{number}", author=f"P{number}")
    found, cursor = pull(connector, target, cursor, [published.external_id])
    assert sorted(int(m.text.rpartition("n")[2]) for m in found) == list(range(23))
    sandbox.crowd("x", "comment", post_id=published.external_id, text="n23", author="P0")
    found, _cursor = pull(connector, target, cursor, [published.external_id])
    assert [m.text.rpartition(" ")[2] for m in found] == ["n23"]


def test_many_watched_posts_are_asked_for_in_queries_short_enough(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    watched = [publish(connector, target, content()).external_id for _ in range(7)]
    for post_id in watched:
        sandbox.crowd("x", "comment", post_id=post_id, text="quote: Vu", author="Cleo")
    found, _cursor = pull(connector, target, {}, watched)
    assert {m.in_reply_to for m in found if m.kind == "quote"} == set(watched)


def test_a_cursor_older_than_what_is_searched_starts_again(connector: Connector, target: Target) -> None:
    published = publish(connector, target, content())
    old = {"conversations": {"since": "1500000000000000000"}}
    found, cursor = pull(connector, target, old, [published.external_id])
    assert found == []
    assert cursor["conversations"] == {"since": "1500000000000000000"}


def test_a_reply_goes_where_x_lets_us_and_is_found_again(
    sandbox: Sandbox, connector: Connector, target: Target
) -> None:
    published = publish(connector, target, content())
    sandbox.crowd("x", "comment", post_id=published.external_id, text="Combien ?")
    (mention,), _ = pull(connector, target, {}, [published.external_id])
    to = MentionRef(mention.external_id, mention.kind, mention.author_id)
    assert connector.actions("reply") == {Action.REPLY, Action.REPLY_PRIVATELY, Action.HIDE, Action.UNHIDE}
    assert Action.LIKE not in connector.actions("mention")
    before, text = datetime.now(UTC), f"Trente euros {uuid.uuid4().hex}"
    sandbox.fault("drop", "x", method="POST", path="/2/tweets$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=to, text=text, key="k")
    found = connector.find_reply(target, to=to, text=text, key="k", since=before)
    assert found.finding is Finding.PUBLISHED
    stranger = sandbox.crowd("x", "mention", account=sandbox.account("x", f"s{uuid.uuid4().hex[:8]}")["id"], text="")
    with pytest.raises(ValidationError) as refused:
        connector.reply(target, to=MentionRef(stranger["id"], "mention"), text="Bonjour", key="k")
    assert refused.value.code == "reply_not_allowed"


def test_hiding_a_reply_twice_and_showing_it_again(sandbox: Sandbox, connector: Connector, target: Target) -> None:
    published = publish(connector, target, content())
    reply = sandbox.crowd("x", "comment", post_id=published.external_id, text="Laid")
    on = MentionRef(reply["id"], "reply")
    for action in (Action.HIDE, Action.HIDE, Action.UNHIDE):
        connector.act(target, action=action, on=on)
    with pytest.raises(ValidationError) as gone:
        connector.act(target, action=Action.HIDE, on=MentionRef("1", "reply"))
    assert gone.value.code == "parent_gone"
    with pytest.raises(ValidationError) as unsupported:
        connector.act(target, action=Action.LIKE, on=on)
    assert unsupported.value.code == "not_supported"


def test_private_messages_are_read_once_and_answered(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], sandbox: Sandbox
) -> None:
    steer("/_messages", account=target.external_id, text="Ouvert dimanche ?", author="Ana")
    found, cursor = pull(connector, target, {}, [])
    (message,) = found
    assert (message.kind, message.text, message.author_name) == ("message", "Ouvert dimanche ?", "Ana")
    assert message.extra["conversation"]
    to = MentionRef(message.external_id, "message", message.author_id)
    before = datetime.now(UTC)
    sandbox.fault("drop", "x", method="POST", path="/messages$")
    with pytest.raises(UnknownOutcomeError):
        connector.reply(target, to=to, text="Oui, à dix heures", key="k")
    found_again = connector.find_reply(target, to=to, text="Oui, à dix heures", key="k", since=before)
    assert found_again.finding is Finding.PUBLISHED
    missing = connector.find_reply(target, to=to, text="Autre", key="k", since=before - timedelta(minutes=5))
    assert missing.finding is Finding.NOT_PUBLISHED
    assert pull(connector, target, cursor, [])[0] == []


def test_more_messages_than_a_page_are_all_read(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network_data("x")["read"], "messages_page_size", 2)
    steer("/_messages", account=target.external_id, text="m0")
    _found, cursor = pull(connector, target, {}, [])
    for number in range(1, 6):
        steer("/_messages", account=target.external_id, text=f"m{number}")
    found, _cursor = pull(connector, target, cursor, [])
    assert sorted(message.text for message in found) == ["m1", "m2", "m3", "m4", "m5"]


def test_without_the_scope_messages_are_left_alone(
    connector: Connector, target: Target, steer: Callable[..., dict[str, Any]]
) -> None:
    steer("/_messages", account=target.external_id, text="Coucou")
    fewer = replace(target, credentials=replace(target.credentials, scopes=("tweet.read", "users.read")))
    assert pull(connector, fewer, {}, []) == ([], {"mentions": {}})


# ---------------------------------------------------------------- numbers


def test_private_counters_are_asked_for_as_long_as_x_gives_them(
    sandbox: Sandbox, connector: Connector, target: Target, vocabulary: str
) -> None:
    mine = publish(connector, target, content()).external_id
    foreign = sandbox.crowd("x", "mention", account=target.external_id, text="")["id"]
    past = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    item = {"account": target.external_id, "key": uuid.uuid4().hex, "text": "Vieux", "created_at": past, "views": 9}
    brought = sandbox.http.post(sandbox.url("x") + "/_history", json={"posts": [item]}).json()["posts"][0]["id"]
    found = connector.pull_post_metrics(target, external_ids=[mine, foreign, brought, "1600000000000000001"])
    assert found.gone == {"1600000000000000001"}
    assert {"url_link_clicks", "impression_count"} <= set(found.metrics[mine])
    assert found.metrics[brought]["impression_count"] == 9
    for post_id in (foreign, brought):
        assert "url_link_clicks" not in found.metrics[post_id]
        assert found.metrics[post_id]["like_count"] == 0
    assert found.dead == {}


def test_a_dead_counter_leaves_the_others(
    connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch, vocabulary: str
) -> None:
    monkeypatch.setitem(network_data("x")["metrics"], "private", ["non_public_metrics_of_old"])
    mine = publish(connector, target, content()).external_id
    found = connector.pull_post_metrics(target, external_ids=[mine])
    assert set(found.dead) == {"non_public_metrics_of_old"}
    assert found.metrics[mine]["like_count"] == 0


def test_a_hundred_posts_a_call(connector: Connector, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(network_data("x")["metrics"], "batch", 2)
    mine = [publish(connector, target, content()).external_id for _ in range(5)]
    ledger = Ledger()
    found = connector.pull_post_metrics(replace(target, report=ledger.report), external_ids=mine)
    assert set(found.metrics) == set(mine)
    assert [charge.units for charge in ledger.charges] == [2, 2, 1]


def test_counters_of_the_account_in_both_vocabularies(connector: Connector, target: Target) -> None:
    found = connector.pull_account_metrics(target)
    assert found["followers_count"] == 150


def test_quota_headers_name_their_limit(connector: Connector, target: Target) -> None:
    ledger = Ledger()
    publish(connector, replace(target, report=ledger.report), content())
    (quota,) = [quota for quota in ledger.quotas if quota.bucket == "posts"]
    assert isinstance(quota, Quota)
    assert (quota.limit, quota.resets_at is not None) == (100, True)


def test_what_is_read_takes_nothing_from_what_is_counted(connector: Connector, target: Target) -> None:
    """The window of a read call is another limit than that of the messages sent, and than the posts read in a month."""
    ledger = Ledger()
    read = replace(target, report=ledger.report)
    pull(connector, read, {}, [])
    connector.pull_post_metrics(read, external_ids=[publish(connector, target, content()).external_id])
    told = {quota.bucket for quota in ledger.quotas}
    assert {"message_reads", "requests"} <= told
    assert not told & network_data("x")["quotas"].keys()
