"""Google's discovery documents as a judge: they come with google-api-python-client (https://developers.google.com/discovery/v1/reference/apis)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR
from jsonschema import Draft7Validator

from tests.contracts.exchanges import BYTES, JSON, RELATED, Exchange

KINDS = {"integer": r"-?\d+", "boolean": "true|false", "number": r"-?\d+(\.\d+)?"}
RESUME_INCOMPLETE = 308  # a resumable upload's session, which no document describes, wants more bytes


def document(name: str) -> dict[str, Any]:
    """By name and version: "youtube.v3"."""
    found: dict[str, Any] = json.loads((Path(DISCOVERY_DOC_DIR) / f"{name}.json").read_text(encoding="utf-8"))
    return found


def described(name: str) -> dict[str, Any]:
    """The schemas of a discovery document as JSON Schema, closed: an unknown field is an error."""
    return {key: _closed(schema) for key, schema in document(name)["schemas"].items()}


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _closed(value) for key, value in node.items() if key not in ("id", "description", "enumDescriptions")}
    if isinstance(node.get("$ref"), str):
        return {"$ref": f"#/definitions/{node['$ref']}"}
    if node.get("type") == "object" and "properties" in node:
        made["properties"] = {key: _closed(value) for key, value in node["properties"].items()}
        made.setdefault("additionalProperties", False)
    if node.get("type") == "any":
        return {}
    return made


def problems(schemas: Mapping[str, Any], kind: str, value: Any) -> Iterator[str]:
    for error in Draft7Validator({"$ref": f"#/definitions/{kind}", "definitions": schemas}).iter_errors(value):
        yield f"{error.json_path}: {error.message[:200]}"


class Discovery:
    """One API."""

    def __init__(self, name: str) -> None:
        found = document(name)
        self.schemas = described(name)
        self.shared = found["parameters"]
        self.methods: dict[tuple[str, str], dict[str, Any]] = {}
        for method in _methods(found):
            self.methods[(method["httpMethod"], f"/{method['path']}")] = method
            for protocol in method.get("mediaUpload", {}).get("protocols", {}).values():
                self.methods[(method["httpMethod"], protocol["path"])] = method

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with a call, [] for nothing. The PUTs of an upload's session carry bytes and end with what its method answers."""
        session = exchange.method == "PUT" and "upload_id" in exchange.query
        method = self.methods.get(("POST" if session else exchange.method, exchange.path))
        if method is None:
            return [f"{exchange.where}: no such method"]
        wrong = [] if session else [*self._parameters(method, exchange), *self._body(method, exchange)]
        if exchange.answer.status != RESUME_INCOMPLETE:
            wrong += [f"answer {problem}" for problem in self._answer(method, exchange, session=session)]
        return [f"{method['id']}: {problem}" for problem in wrong]

    def _parameters(self, method: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        known = {**self.shared, **method.get("parameters", {})}
        for name, texts in exchange.query.items():
            if name not in known:
                yield f"unknown parameter {name}"
                continue
            rule = known[name]
            for text in texts[-1].split(",") if rule.get("repeated") else texts:
                if not re.fullmatch(KINDS.get(rule["type"], ".*"), text) or text not in rule.get("enum", [text]):
                    yield f"parameter {name} can't be {text}"
                elif rule["type"] == "integer" and not int(rule.get("minimum", text)) <= int(text) <= int(
                    rule.get("maximum", text)
                ):
                    yield f"parameter {name} {text} is out of range"
        yield from (
            f"parameter {n} is missing" for n, r in known.items() if r.get("required") and n not in exchange.query
        )
        yield from self._parts(method, exchange.query.get("part", [""])[-1])

    def _parts(self, method: dict[str, Any], part: str) -> Iterator[str]:
        """The parts of a resource are its fields."""
        schema = self.schemas[method.get("response", method.get("request", {"$ref": "Video"}))["$ref"]]
        if "items" in schema["properties"]:
            schema = self.schemas[schema["properties"]["items"]["items"]["$ref"].rpartition("/")[2]]
        yield from (f"no part {name}" for name in part.split(",") if name and name not in schema["properties"])

    def _body(self, method: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        if exchange.body == BYTES and "mediaUpload" in method:
            return
        if (exchange.body is None) != ("request" not in method):
            yield "a body where none is, or none where one is"
        elif exchange.body is not None:
            if exchange.kind != JSON and not (exchange.kind == RELATED and "mediaUpload" in method):
                yield f"a body of {exchange.kind}"
            yield from (f"body {p}" for p in problems(self.schemas, method["request"]["$ref"], exchange.body))

    def _answer(self, method: dict[str, Any], exchange: Exchange, *, session: bool) -> Iterator[str]:
        """Opening a session answers with its address alone; what is deleted or moderated with nothing."""
        if not exchange.answer.ok:
            error = exchange.answer.error_object().get("error")
            if not isinstance(error, dict) or error.get("code") != exchange.answer.status or not error.get("message"):
                yield "is no refusal of Google's"
        elif exchange.query.get("uploadType") == ["resumable"] and not session:
            if not exchange.answer.headers.get("location"):
                yield "names no session"
        elif "response" in method:
            yield from problems(self.schemas, method["response"]["$ref"], exchange.answer.json())
        elif exchange.answer.body:
            yield "says something where nothing is told"


def _methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)
