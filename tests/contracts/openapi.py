"""An OpenAPI document (3.0 or 3.1) as a judge of what is sent and of what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.contracts.exchanges import FORM, JSON, MULTIPART, Exchange

FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(
    lambda value: not isinstance(value, str) or datetime.fromisoformat(value)
)
FORMATS.checks("date", raises=ValueError)(lambda value: not isinstance(value, str) or date.fromisoformat(value))


class OpenApi:
    """A document by its file. Fields that it doesn't know are wrong in what is sent; answers may hold more than is told.

    `overlapping`: its `oneOf` are read as `anyOf`, where a value rightly fits several.
    """

    def __init__(self, file: Path, *, overlapping: bool = False) -> None:
        text = file.read_text(encoding="utf-8")
        self.document = _as_2020(json.loads(text.replace('"oneOf"', '"anyOf"') if overlapping else text))

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with it, [] for nothing. AssertionError where the document has no such call."""
        operation = self._operation(exchange)
        wrong = [*self._query(operation, exchange), *self._body(operation, exchange)]
        told = self._resolved(operation["responses"].get(str(exchange.answer.status)))
        if told is None:
            wrong.append(f"no answer {exchange.answer.status}")
        elif "content" in told:
            schema = told["content"]["application/json"]["schema"]
            wrong += [f"answer {problem}" for problem in self.problems(exchange.answer.json(), schema)]
        return [f"{exchange.where}: {problem}" for problem in wrong]

    def problems(self, value: Any, schema: dict[str, Any]) -> Iterator[str]:
        whole = {**schema, "components": self.document["components"]}
        for error in Draft202012Validator(whole, format_checker=FORMATS).iter_errors(value):
            yield f"{error.json_path.removeprefix('$.')}: {error.message[:200]}"

    def _operation(self, exchange: Exchange) -> dict[str, Any]:
        """Literal paths before those with a parameter."""
        method = exchange.method.lower()
        for template in sorted(self.document["paths"], key=lambda known: known.count("{")):
            found = self.document["paths"][template]
            if method in found and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), exchange.path):
                return {**found[method], "shared": found.get("parameters", [])}
        raise AssertionError(f"the contract has no {exchange.where}")

    def _resolved(self, listed: Any) -> Any:
        if not isinstance(listed, dict) or "$ref" not in listed:
            return listed
        _, _, kind, name = listed["$ref"].split("/")
        return self.document["components"][kind][name]

    def _query(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        listed = [self._resolved(entry) for entry in [*operation["shared"], *operation.get("parameters", [])]]
        known = {entry["name"].removesuffix("[]"): entry for entry in listed if entry["in"] == "query"}
        for name, texts in exchange.query.items():
            if name not in known:
                yield f"unknown parameter {name}"
                continue
            schema = known[name]["schema"]
            value = _typed(texts, schema, apart=known[name].get("explode", True))
            yield from (f"parameter {name} {problem}" for problem in self.problems(value, schema))
        for name, entry in known.items():
            if entry.get("required") and name not in exchange.query:
                yield f"parameter {name} is missing"

    def _body(self, operation: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        told = operation.get("requestBody")
        if exchange.body is None or told is None:
            if exchange.body is not None or (told or {}).get("required"):
                yield "a body where none is, or none where one is"
            return
        # What a form says is told once, as JSON, where the document has no form of its own.
        fitting = told["content"].get(exchange.kind) or told["content"].get(JSON if exchange.kind == FORM else "")
        if fitting is None:
            yield f"a body of {exchange.kind}"
            return
        schema, body = fitting["schema"], exchange.body
        properties = self._properties(schema)
        if exchange.kind in (FORM, MULTIPART):
            body = {name: _typed([text], properties.get(name, {})) for name, text in body.items()}
        if properties and isinstance(body, dict):
            yield from (f"body unknown field {name}" for name in sorted(body.keys() - properties.keys()))
        yield from (f"body {problem}" for problem in self.problems(body, schema))

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        """All fields of an object, whichever of its forms it takes."""
        schema = self._resolved(schema)
        found = dict(schema.get("properties", {}))
        for part in (part for kind in ("allOf", "anyOf", "oneOf") for part in schema.get(kind, ())):
            found |= self._properties(part)
        return found


def _as_2020(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a second type."""
    if isinstance(node, list):
        return [_as_2020(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: _as_2020(item) for name, item in node.items()}
    if found.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


def _typed(texts: list[str], schema: dict[str, Any], *, apart: bool = True) -> Any:
    """Queries and forms say everything as text: back to what the schema speaks of. `apart`: a list is one parameter an item, else commas."""
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    text = texts[-1]
    if kind == "array":
        return [_typed([item], schema.get("items", {})) for item in (texts if apart else text.split(","))]
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text
