"""What the connector sends and what the sandbox answers, beside X's OpenAPI documents: the current one, and the last one with the old names."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from socialops.networks.data import network_data
from socialops.networks.ports import Action, Connector, MentionRef, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.openapi import OpenApi
from tests.fakes.files import media, subtitles, video
from tests.networks.driving import content, publish
from tests.networks.listener import APP, Listener, listening
from tests.networks.samples import ARTICLE, POLL
from tests.sandbox_server import Sandbox

pytestmark = pytest.mark.contracts

DOCUMENTS = {"tweet.fields": "x-openapi-2.166-legacy-names.json", "post.fields": "x-openapi-2.167-2026-08-22.json"}
NO_OPERATIONS = re.compile(r"/2/oauth2/|/oauth2/")  # the documents describe them as a security scheme only
# In the older document the answers to uploads want a `meta` that no answer has: these are judged by the newer one.
# So are drafts of articles, of which it knows no rules and no code.
ALWAYS_NEW = re.compile(r"/2/media/|/2/webhooks|/2/activity/|/2/articles/draft")


@pytest.fixture
def network() -> str:
    return "x"


@pytest.fixture
def listener(connector: Connector) -> Iterator[Listener]:
    with listening(connector) as made:
        yield made


def everything(sandbox: Sandbox, connector: Connector, target: Target, listener_url: str) -> None:
    """Each call that the connector knows, once at least, each of them accepted."""
    target = replace(target, app=APP)
    connector.fetch_limits(target)
    options = {
        "reply_settings": "mentioned",
        "ai_generated": True,
        "paid_partnership": True,
        "tagged_people": ["cafe_riviera"],
    }
    root = publish(
        connector,
        target,
        content(f"Voir https://example.com/a?b=1&c {uuid.uuid4().hex}", media=(media(),), options=options),
    )
    publish(
        connector, target, content(media=(video(subtitles=(subtitles("fr"), subtitles("en"))),), cover=media("cover"))
    )
    publish(connector, target, content(options={"community": "1493446837214187522", "community_share": True}))
    publish(connector, target, content(options={**POLL, "poll_duration": "seven_days"}))
    part = connector.commit_part(target, content(), root=root, parent=root, text=f"Suite {uuid.uuid4().hex}", key="")
    sandbox.http.put(f"{sandbox.url('x')}/_subscription", json={"account": target.external_id, "type": "Premium"})
    publish(connector, target, content(options={"subscribers_only": True}))
    long_form = content(
        f"# Un *mot*\n\n- @marque $ACME #lampe https://example.com/a\n\n---\n\n`x` [ici](https://example.com)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{uuid.uuid4().hex}",
        media=(media("a"), media("b")),
        options=ARTICLE,
    )
    written = publish(connector, target, long_form)
    connector.read_post(target, external_id=written.external_id)
    connector.find_published(target, long_form, handles={}, since=long_form.created_at)
    again = content(f"Corrigé {uuid.uuid4().hex}", options=options)
    version = connector.edit(target, again, external_id=root.external_id)
    assert version is not None
    assert connector.find_edit(target, again, external_id=root.external_id, since=again.created_at).published == version
    root = version
    connector.read_post(target, external_id=root.external_id)
    connector.read_post(target, external_id="1")
    since = content().created_at
    connector.find_published(target, content(), handles={}, since=since)
    reply = sandbox.crowd("x", "comment", post_id=root.external_id, text="Oui & non")
    sandbox.crowd("x", "comment", post_id=root.external_id, text="quote: À lire", author="Cleo")
    sandbox.http.post(f"{sandbox.url('x')}/_messages", json={"account": target.external_id, "text": "Bonjour"})
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[root.external_id])
    assert {mention.kind for mention in page.mentions} == {"reply", "quote", "message"}
    connector.reply(target, to=MentionRef(reply["id"], "reply"), text=f"Merci {uuid.uuid4().hex}", key="")
    message = next(mention for mention in page.mentions if mention.kind == "message")
    to = MentionRef(message.external_id, "message", message.author_id)
    connector.reply(target, to=to, text="Oui", key="")
    connector.find_reply(target, to=to, text="Oui", key="", since=since)
    for action in (Action.HIDE, Action.UNHIDE):
        connector.act(target, action=action, on=MentionRef(reply["id"], "reply"))
    connector.pull_post_metrics(target, external_ids=[root.external_id, reply["id"], "1"])
    connector.pull_account_metrics(target)
    connector.subscribe(target, callback_url=listener_url)
    connector.delete(target, external_id=part.external_id)


@pytest.mark.parametrize("vocabulary", sorted(DOCUMENTS))
def test_calls_and_answers_keep_to_the_contract(
    folder: Path,
    sandbox: Sandbox,
    connector: Connector,
    exchanges: list[Exchange],
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    listener: Listener,
    vocabulary: str,
) -> None:
    monkeypatch.setitem(network_data("x")["vocabulary"], "parameter", vocabulary)
    everything(sandbox, connector, target, listener.url)
    contracts = {name: OpenApi(folder / "contracts" / file) for name, file in DOCUMENTS.items()}
    judged = [exchange for exchange in exchanges if not NO_OPERATIONS.search(exchange.url)]
    assert [f"{exchange.where} was refused" for exchange in judged if not exchange.answer.ok] == []
    wrong = [
        problem
        for exchange in judged
        for problem in contracts["post.fields" if ALWAYS_NEW.search(exchange.url) else vocabulary].judge(exchange)
    ]
    assert wrong == []
    assert len({(exchange.method, re.sub(r"\d{5,}", "0", exchange.path)) for exchange in judged}) >= 21
