"""What the connector sends and what the sandbox answers, beside X's OpenAPI documents: the current one, and the last one with the old names."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.ports import Action, Connector, MentionRef, Target
from socialops.networks.registry import connector_for
from tests.fakes.files import media, video
from tests.networks.driving import content, publish
from tests.networks.listener import APP, Listener, listening
from tests.sandbox_server import Sandbox, start_sandbox

pytestmark = pytest.mark.contracts

DOCUMENTS = {"tweet.fields": "x-openapi-2.166-legacy-names.json", "post.fields": "x-openapi-2.167-2026-08-22.json"}
NO_OPERATIONS = re.compile(r"/2/oauth2/|/oauth2/")  # the documents describe them as a security scheme only
# In the older document the answers to uploads want a `meta` that no answer has: these are judged by the newer one.
ALWAYS_NEW = re.compile(r"/2/media/|/2/webhooks|/2/activity/")


@dataclass(frozen=True)
class Exchange:
    """One call of the connector with its answer."""

    method: str
    url: str
    request: dict[str, Any]
    answer: http.Answer


class Contract:
    """An OpenAPI document."""

    def __init__(self, file: Path) -> None:
        self.document = json.loads(file.read_text(encoding="utf-8"))

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """Literal paths before those with a parameter."""
        for template in sorted(self.document["paths"], key=lambda known: known.count("{")):
            if (
                re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
                and method.lower() in self.document["paths"][template]
            ):
                return dict(self.document["paths"][template][method.lower()])
        raise AssertionError(f"the contract has no {method} {path}")

    def problems(self, value: Any, schema: dict[str, Any]) -> list[str]:
        validator = Draft202012Validator({**schema, "components": self.document["components"]})
        return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(value)]

    def parameters(self, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found = {}
        shared = self.document["components"]["parameters"]
        for listed in operation.get("parameters", ()):
            entry = shared[listed["$ref"].rpartition("/")[2]] if "$ref" in listed else listed
            found[entry["name"]] = entry
        return {name: entry for name, entry in found.items() if entry["in"] == "query"}

    def judge(self, exchange: Exchange) -> list[str]:
        path = urlsplit(exchange.url).path
        operation = self.operation(exchange.method, path)
        where = f"{exchange.method} {path}"
        wrong = [*self._query(operation, exchange), *self._body(operation, exchange)]
        assert exchange.answer.ok, f"{where} was refused: {exchange.answer.body[:300]!r}"
        told = operation["responses"].get(str(exchange.answer.status))
        if told is None:
            wrong.append(f"no answer {exchange.answer.status}")
        else:
            schema = told["content"]["application/json"]["schema"]
            wrong += [f"answer {problem}" for problem in self.problems(exchange.answer.json(), schema)]
        return [f"{where}: {problem}" for problem in wrong]

    def _query(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        known = self.parameters(operation)
        for name, text in parse_qsl(urlsplit(exchange.answer.url).query):
            if name not in known:
                yield f"unknown parameter {name}"
                continue
            schema = known[name]["schema"]
            kind = schema.get("type")
            value: Any = text.split(",") if kind == "array" else int(text) if kind == "integer" else text
            yield from (f"parameter {name} {problem}" for problem in self.problems(value, schema))

    def _body(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        body = exchange.request.get("json")
        kind = "application/json"
        if exchange.request.get("files"):
            kind = "multipart/form-data"
            body = dict(exchange.request.get("form") or {}) | dict.fromkeys(exchange.request["files"], "(bytes)")
            body = {name: int(value) if name == "segment_index" else value for name, value in body.items()}
        told = operation.get("requestBody")
        if body is None or told is None:
            if (body is None) != (told is None):
                yield "a body where none is, or none where one is"
            return
        yield from (f"body {problem}" for problem in self.problems(body, told["content"][kind]["schema"]))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as started:
        yield started
    http.client().close()
    http.client.cache_clear()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening(connector_for("x")) as made:
        yield made


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    """Every call the connector makes from now on."""
    kept: list[Exchange] = []
    real = http.call

    def call(method: str, url: str, **request: Any) -> http.Answer:
        answer = real(method, url, **request)
        kept.append(Exchange(method, url, request, answer))
        return answer

    monkeypatch.setattr("socialops.networks.http.call", call)
    return kept


def everything(sandbox: Sandbox, connector: Connector, target: Target, listener_url: str) -> None:
    """Each call that the connector knows, once at least, each of them accepted."""
    target = replace(target, app=APP)
    connector.fetch_limits(target)
    options = {"reply_settings": "mentioned", "ai_generated": True, "paid_partnership": True}
    root = publish(
        connector,
        target,
        content(f"Voir https://example.com/a?b=1&c {uuid.uuid4().hex}", media=(media(),), options=options),
    )
    publish(connector, target, content(media=(video(),)))
    part = connector.commit_part(target, content(), root=root, parent=root, text=f"Suite {uuid.uuid4().hex}", key="")
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
    exchanges: list[Exchange],
    monkeypatch: pytest.MonkeyPatch,
    listener: Listener,
    vocabulary: str,
) -> None:
    monkeypatch.setitem(network_data("x")["vocabulary"], "parameter", vocabulary)
    connector = connector_for("x")
    made = sandbox.account("x", f"c{uuid.uuid4().hex[:12]}", "Café Test")
    account = connector.connect_with_token(base_url=sandbox.url("x"), values=made)
    assert account.credentials is not None
    target = Target("x", sandbox.url("x"), account.external_id, account.handle, account.credentials)
    everything(sandbox, connector, target, listener.url)
    contracts = {name: Contract(folder / "contracts" / file) for name, file in DOCUMENTS.items()}
    judged = [exchange for exchange in exchanges if not NO_OPERATIONS.search(exchange.url)]
    wrong = [
        problem
        for exchange in judged
        for problem in contracts["post.fields" if ALWAYS_NEW.search(exchange.url) else vocabulary].judge(exchange)
    ]
    assert wrong == []
    assert len({(e.method, re.sub(r"\d{5,}", "0", urlsplit(e.url).path)) for e in judged}) >= 19
