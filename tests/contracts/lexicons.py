"""AT Protocol's lexicons as a judge: what a call may send and what its answer must look like (https://atproto.com/specs/lexicon)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import regex

from tests.contracts.exchanges import Exchange

METHODS = {"query": "GET", "procedure": "POST"}
HANDLE = r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DID = r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
FORMATS = {
    "datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,20})?(Z|[+-]\d{2}:\d{2})",
    "did": DID,
    "handle": HANDLE,
    "at-identifier": rf"({DID})|({HANDLE})",
    "at-uri": rf"at://(({DID})|({HANDLE}))(/[a-zA-Z0-9.-]+(/[a-zA-Z0-9._~:@!$&%')(*+,;=-]+)?)?",
    "cid": r"[a-zA-Z0-9+=]{8,256}",
    "nsid": r"[a-zA-Z]([a-zA-Z0-9-]*\.)+[a-zA-Z][a-zA-Z0-9]*",
    "uri": r"[a-z][a-z.-]{0,80}:\S+",
    "language": r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*",
    "tid": r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}",
    "record-key": r"[a-zA-Z0-9_~.:-]{1,512}",
}


class Lexicons:
    """All lexicons of a file, by NSID."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8").replace('"lex:', '"')  # the client library's way to write a reference
        self.known = {entry["id"]: entry for entry in json.loads(text)}

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with an XRPC call, [] for nothing. Fields that no lexicon knows are wrong in what is sent; answers may hold more."""
        nsid = exchange.path.removeprefix("/xrpc/")
        if nsid not in self.known:
            return [f"{nsid}: no such lexicon"]
        main = self.known[nsid]["defs"]["main"]
        wrong = [] if exchange.method == METHODS.get(main["type"]) else [f" method {exchange.method}"]
        wrong += [f" parameters{p}" for p in self.problems(_typed(exchange.query, main), main.get("parameters"), nsid)]
        wrong += [f" input{problem}" for problem in self._input(exchange, main.get("input"), nsid)]
        answer = exchange.answer.json() if exchange.answer.body else None
        if not exchange.answer.ok:
            wrong += (
                [] if isinstance(answer, dict) and isinstance(answer.get("error"), str) else [" error: has no name"]
            )
        elif schema := (main.get("output") or {}).get("schema"):
            wrong += [f" answer{problem}" for problem in self.problems(answer, schema, nsid)]
        elif answer and "output" not in main:
            wrong.append(" answer: none is told")
        return [nsid + problem for problem in wrong]

    def _input(self, exchange: Exchange, told: dict[str, Any] | None, here: str) -> Iterator[str]:
        if told is None or exchange.body is None:
            if (told is None) != (exchange.body is None):
                yield ": a body where none is, or none where one is"
            return
        if not fnmatchcase(exchange.kind, told["encoding"]):
            yield f": {exchange.kind} where {told['encoding']} is told"
        if "schema" in told and isinstance(exchange.body, dict):
            yield from self.problems(exchange.body, told["schema"], here)
            yield from self._unknown_fields(exchange.body, told["schema"], here, "")
            record = exchange.body.get("record")
            if isinstance(record, dict) and record.get("$type") in self.known:
                yield from self._unknown_fields(record, {"type": "ref", "ref": record["$type"]}, here, "/record")

    def _unknown_fields(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        found, _ = self._resolve(schema["ref"], here) if schema["type"] == "ref" else (schema, here)
        yield from (
            f"{path}/{name}: unknown" for name in sorted(set(value) - set(found.get("properties", ())) - {"$type"})
        )

    def problems(self, value: Any, schema: dict[str, Any] | None, here: str, path: str = "") -> Iterator[str]:
        if schema is None:
            if value:
                yield f"{path}: {value!r} where nothing is expected"
            return
        check = getattr(self, f"_{schema['type'].replace('-', '_')}", None)
        if check is None:
            yield f"{path}: unknown type {schema['type']}"
        else:
            yield from check(value, schema, here, path)

    def _resolve(self, ref: str, here: str) -> tuple[dict[str, Any], str]:
        nsid, _, name = ref.partition("#")
        nsid = nsid or here
        found: dict[str, Any] = self.known[nsid]["defs"][name or "main"]
        return (found["record"] if found["type"] == "record" else found), nsid

    def _ref(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        found, where = self._resolve(schema["ref"], here)
        yield from self.problems(value, found, where, path)

    def _union(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, dict) or not isinstance(value.get("$type"), str):
            yield f"{path}: a union needs $type"
            return
        full = {(ref if not ref.startswith("#") else here + ref).removesuffix("#main"): ref for ref in schema["refs"]}
        kind = value["$type"].removesuffix("#main")
        if kind in full:
            found, where = self._resolve(full[kind], here)
            yield from self.problems(value, found, where, path)
        elif schema.get("closed"):
            yield f"{path}: {kind} is none of {sorted(full)}"

    def _object(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        nullable = schema.get("nullable", ())
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}/{name}: missing"
        for name, own in schema.get("properties", {}).items():
            if name in value and not (value[name] is None and name in nullable):
                yield from self.problems(value[name], own, here, f"{path}/{name}")

    def _params(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        yield from (f"{path}/{name}: unknown" for name in set(value) - set(schema.get("properties", {})))
        yield from self._object(value, schema, here, path)

    def _array(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{path}: {len(value)} items"
        for number, item in enumerate(value):
            yield from self.problems(item, schema["items"], here, f"{path}/{number}")

    def _string(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path}: no text"
            return
        size, graphemes = len(value.encode()), len(regex.findall(r"\X", value))
        if not schema.get("minLength", 0) <= size <= schema.get("maxLength", size):
            yield f"{path}: {size} bytes"
        if not schema.get("minGraphemes", 0) <= graphemes <= schema.get("maxGraphemes", graphemes):
            yield f"{path}: {graphemes} graphemes"
        if value not in schema.get("enum", [value]) or value != schema.get("const", value):
            yield f"{path}: {value!r} is not allowed"
        kind = schema.get("format", "")
        if kind and not re.fullmatch(FORMATS[kind], value):
            yield f"{path}: {value!r} is no {kind}"

    def _integer(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}: no whole number"
        elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{path}: {value} is out of range"

    def _boolean(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, bool) or value != schema.get("const", value):
            yield f"{path}: no such truth value"

    def _blob(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if (
            not isinstance(value, dict)
            or value.get("$type") != "blob"
            or list(self._cid_link(value.get("ref"), {}, "", ""))
        ):
            yield f"{path}: no blob"
            return
        kind = str(value.get("mimeType"))
        if not any(fnmatchcase(kind, accepted) for accepted in schema.get("accept", ["*/*"])):
            yield f"{path}: {kind} is not accepted"
        if not isinstance(value.get("size"), int) or value["size"] > schema.get("maxSize", value["size"]):
            yield f"{path}: size {value.get('size')}"

    def _cid_link(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, dict) or not isinstance(value.get("$link"), str):
            yield f"{path}: no link to a CID"

    def _bytes(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        if not isinstance(value, dict) or "$bytes" not in value:
            yield f"{path}: no bytes"

    def _unknown(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        """Records are judged by their $type; what has none, such as a DID document, may be anything."""
        if not isinstance(value, dict):
            yield f"{path}: no object"
        elif "$type" in value:
            found = self.known.get(str(value["$type"]), {"defs": {}})["defs"].get("main", {})
            if found.get("type") == "record":
                yield from self.problems(value, found["record"], value["$type"], path)
            else:
                yield f"{path}: no record {value['$type']}"

    def _token(self, value: Any, schema: dict[str, Any], here: str, path: str) -> Iterator[str]:
        yield from () if isinstance(value, str) else (f"{path}: no token",)


def _typed(parameters: dict[str, list[str]], main: dict[str, Any]) -> dict[str, Any]:
    """A query string says everything as text: back to what the lexicon speaks of."""
    told = main.get("parameters", {}).get("properties", {})
    found: dict[str, Any] = {}
    for name, texts in parameters.items():
        kind = told.get(name, {}).get("type", "string")
        one: Any = texts[-1]
        if kind == "array":
            one = texts
        elif kind == "integer":
            one = int(one) if re.fullmatch(r"-?\d+", one) else one
        elif kind == "boolean":
            one = {"true": True, "false": False}.get(one, one)
        found[name] = one
    return found
