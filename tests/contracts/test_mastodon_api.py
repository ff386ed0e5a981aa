"""What the connector sends and what the sandbox answers, beside an OpenAPI document made from Mastodon's documentation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from socialops.networks.ports import Action, Connector, MentionRef, Target
from tests.contracts.exchanges import Exchange
from tests.contracts.openapi import OpenApi
from tests.fakes.files import audio, media, video
from tests.networks.driving import content, publish, ref
from tests.networks.samples import POLL
from tests.networks.test_oauth import REDIRECT, complete, consent, target_of
from tests.sandbox_server import Sandbox

pytestmark = pytest.mark.contracts

DOCUMENT = "mastodon-openapi-abraham.json"
# Where the document, made from prose, is stricter than Mastodon: a problem, and why it is none.
EXCEPTIONS = {
    r"^POST /api/v1/apps: body redirect_uris: .* is not of type 'array'": "also a string, the only form before 4.3",
    r"^POST /oauth/token: body \$: 'code' is a required property": "only where the grant is authorization_code",
}
CALLS = {
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/api/v2/instance"),
    ("POST", "/api/v1/apps"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("GET", "/api/v1/accounts/verify_credentials"),
    ("GET", "/api/v1/accounts/{id}/statuses"),
    ("POST", "/api/v2/media"),
    ("GET", "/api/v1/media/{id}"),
    ("POST", "/api/v1/statuses"),
    ("GET", "/api/v1/statuses"),
    ("GET", "/api/v1/statuses/{id}"),
    ("PUT", "/api/v1/statuses/{id}"),
    ("DELETE", "/api/v1/statuses/{id}"),
    ("POST", "/api/v1/statuses/{id}/favourite"),
    ("POST", "/api/v1/statuses/{id}/unfavourite"),
    ("GET", "/api/v1/notifications"),
    ("GET", "/api/v2/search"),
}


@pytest.fixture
def network() -> str:
    return "mastodon"


@pytest.fixture
def somebody(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """Somebody else, who posts by the API."""
    made = sandbox.account("mastodon", f"s{uuid.uuid4().hex[:10]}", "Ami")

    def speak(text: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {made['access_token']}"}
        answer = httpx.post(f"{sandbox.mastodon}/api/v1/statuses", json={"status": text, **more}, headers=headers)
        return dict(answer.json())

    return speak


def connect(sandbox: Sandbox, connector: Connector) -> None:
    """By a browser, twice: the second time with the app that is registered already."""
    started = connector.authorization(base_url=sandbox.mastodon, redirect_uri=REDIRECT, app={})
    again = connector.authorization(base_url=sandbox.mastodon, redirect_uri=REDIRECT, app=started.pending["app"])
    (account,) = complete(connector, again, consent(again))
    connector.revoke(target_of(connector, sandbox, account), app={})


def everything(connector: Connector, target: Target, speak: Callable[..., dict[str, Any]]) -> None:
    """Each call that the connector knows, once at least."""
    connector.fetch_limits(target)
    connector.verify(target)
    options = {"visibility": "unlisted", "spoiler_text": "Lampes", "sensitive": True}
    root = publish(
        connector, target, content("Voir #lumière", media=(media(),), link="https://example.com/a", options=options)
    )
    film = publish(connector, target, content(media=(video(),)))
    publish(connector, target, content(media=(audio(),), cover=media("cover")))
    poll = content(options={**POLL, "poll_multiple": True, "poll_duration": "fourteen_days"})
    asked = publish(connector, target, poll)
    connector.edit(target, replace(poll, text="Autre question"), external_id=asked.external_id)
    what = content()
    part = connector.commit_part(target, what, root=root, parent=root, text="Suite", key=uuid.uuid4().hex)
    connector.find_published(target, what, handles={}, since=what.created_at)
    connector.find_part(target, root=root, parent=root, text="Suite", key="", since=what.created_at)
    connector.edit(target, content("Autrement"), external_id=root.external_id)
    publish(connector, target, content(options={"quote": root.url.replace("127.0.0.1", "localhost")}))
    connector.read_post(target, external_id=root.external_id)
    speak(f"{target.handle} Oui", in_reply_to_id=root.external_id)
    speak(f"{target.handle} Une question…", visibility="direct")
    speak("Regardez", quoted_status_id=root.external_id)
    page = connector.pull_mentions(target, cursor={}, watched=[root.external_id])
    connector.pull_mentions(target, cursor=page.cursor, watched=[])
    found = {mention.kind: ref(mention) for mention in page.mentions}
    assert found.keys() == {"reply", "message", "quote"}
    for to in found.values():
        connector.reply(target, to=to, text="Merci", key=uuid.uuid4().hex, private=to.kind == "quote")
    connector.find_reply(target, to=found["reply"], text="Merci", key="", since=what.created_at)
    for action in (Action.LIKE, Action.UNLIKE):
        connector.act(target, action=action, on=found["reply"])
    connector.act(target, action=Action.DELETE, on=MentionRef(part.external_id, "reply"))
    connector.pull_post_metrics(target, external_ids=[root.external_id, film.external_id])
    connector.pull_account_metrics(target)
    connector.delete(target, external_id=root.external_id)
    assert connector.read_post(target, external_id=root.external_id) is None


def test_calls_and_answers_keep_to_the_contract(
    folder: Path,
    sandbox: Sandbox,
    connector: Connector,
    exchanges: list[Exchange],
    target: Target,
    somebody: Callable[..., dict[str, Any]],
) -> None:
    connect(sandbox, connector)
    everything(connector, target, somebody)
    contract = OpenApi(folder / "contracts" / DOCUMENT, overlapping=True)
    wrong = [problem for exchange in exchanges for problem in contract.judge(exchange)]
    assert [problem for problem in wrong if not any(re.search(known, problem) for known in EXCEPTIONS)] == []
    assert [known for known in EXCEPTIONS if not any(re.search(known, problem) for problem in wrong)] == []
    assert {(exchange.method, re.sub(r"\d{5,}", "{id}", exchange.path)) for exchange in exchanges} == CALLS
