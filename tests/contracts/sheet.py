"""A network without a machine-readable contract: our own table of what its documentation says, as a judge.

A table (`sheets/<network>.toml`) lists calls: `method`, `path` (`{}` stands for one segment), `about` (the section of the facts sheet),
what is sent (`query`, `headers`, and one of `form`, `json`, `multipart`, `bytes`) and what comes back (`status`, `gives` for headers, `answer`).
`[headers]` and `[query]` are those of every call that doesn't tell its own headers, and `[error]` is a refusal. What a table does not list fails. Shapes are tables of name = kind: "name?" may be left out, "*" is any other name, [shape] a list of it, "@name" one
of `[shapes]`. Kinds: text, word (not empty), int, number, bool, time, url, any, "=constant", "one|of|these", "/pattern/", "fields:a,b" (a comma-separated
choice of those, whatever is asked of each), "json:@name" (JSON as text); a final "?" lets it be null.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.contracts.exchanges import FORM, JSON, MULTIPART, Exchange

BODIES = {"form": FORM, "json": JSON, "multipart": MULTIPART}
KINDS = {"int": r"-?\d+", "number": r"-?\d+(\.\d+)?", "bool": "true|false", "text": r"(?s).*", "word": r"(?s).+"}


class Sheet:
    """One network's table."""

    def __init__(self, network: str) -> None:
        self.table = tomllib.loads((Path(__file__).parent / "sheets" / f"{network}.toml").read_text(encoding="utf-8"))
        self.calls: list[dict[str, Any]] = self.table["call"]

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with it, [] for nothing: by the call of this method and path that it fits best."""
        judged = [self._problems(call, exchange) for call in self._candidates(exchange)]
        best = min(judged, key=len, default=["no such call"])
        return [f"{exchange.where}: {problem}" for problem in best]

    def never_made(self, exchanges: list[Exchange]) -> list[str]:
        """Calls of the table that none of these is."""
        made = [call for e in exchanges for call in self._candidates(e) if not self._problems(call, e)]
        return [f"{call['method']} {call['path']} ({call['about']})" for call in self.calls if call not in made]

    def _candidates(self, exchange: Exchange) -> list[dict[str, Any]]:
        return [
            call
            for call in self.calls
            if call["method"] == exchange.method
            and re.fullmatch(re.escape(call["path"]).replace(r"\{\}", "[^/]+"), exchange.path)
        ]

    def _problems(self, call: dict[str, Any], exchange: Exchange) -> list[str]:
        return [*self._sent(call, exchange), *self._answered(call, exchange)]

    def _sent(self, call: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        query = {name: texts[0] if len(texts) == 1 else texts for name, texts in exchange.query.items()}
        asked = call.get("query", {})
        asked = self.table["shapes"][asked.removeprefix("@")] if isinstance(asked, str) else asked
        yield from self.fits(query, {**self.table.get("query", {}), **asked}, "parameter ", texts=True)
        wanted = call.get("headers", self.table.get("headers", {}))
        known = {name: text for name, text in exchange.headers.items() if name in wanted}
        yield from self.fits(known, wanted, "header ", texts=True)
        kind = next((name for name in ("form", "json", "multipart", "bytes") if name in call), "")
        if kind == "bytes":
            if exchange.kind not in call["bytes"]:
                yield f"bytes of {exchange.kind or 'nothing'}"
        elif exchange.kind != BODIES.get(kind, ""):
            yield f"a body of {exchange.kind or 'nothing'}"
        elif kind:
            yield from self.fits(exchange.body, call[kind], "body ", texts=kind != "json")

    def _answered(self, call: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        answer = exchange.answer
        if not answer.ok and answer.status != call.get("status"):
            yield from self.fits(answer.error_object(), call.get("error", self.table["error"]), "refusal ")
            return
        if answer.status != call.get("status", 200):
            yield f"status {answer.status}"
        given = {name: answer.headers[name] for name in map(_bare, call.get("gives", {})) if name in answer.headers}
        yield from self.fits(given, call.get("gives", {}), "header ", texts=True)
        if "answer" in call and not answer.body:
            yield "no answer where one is told"
        elif "answer" in call:
            yield from self.fits(answer.json(), call["answer"], "answer ")
        elif answer.body:
            yield f"answer {answer.body[:80]!r} where nothing is told"

    def fits(self, value: Any, shape: Any, path: str, *, texts: bool = False) -> Iterator[str]:
        """What keeps a value from its shape. `texts`: numbers and truth values are written as text."""
        if isinstance(shape, dict):
            yield from self._object(value, shape, path, texts=texts)
        elif isinstance(shape, list):
            if not isinstance(value, list):
                yield f"{path}: no list"
                return
            for number, item in enumerate(value):
                yield from self.fits(item, shape[0], f"{path}[{number}]", texts=texts)
        elif shape.startswith("@"):
            yield from self.fits(value, self.table["shapes"][shape.removeprefix("@")], path, texts=texts)
        elif shape.startswith("json:") and isinstance(value, str):
            yield from self.fits(json.loads(value), shape.removeprefix("json:"), path)
        elif not (shape.endswith("?") and value is None) and not _is(value, shape.removesuffix("?"), texts=texts):
            yield f"{path}: {str(value)[:80]!r} is no {shape}"

    def _object(self, value: Any, shape: Mapping[str, Any], path: str, *, texts: bool) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        known = {_bare(name): own for name, own in shape.items()}
        yield from (f"{path}{name}: missing" for name in shape if not name.endswith(("?", "*")) and name not in value)
        for name, own in value.items():
            if (told := known.get(name, known.get("*"))) is None:
                yield f"{path}{name}: unknown"
            else:
                yield from self.fits(own, told, f"{path}{name}.", texts=texts)


def _bare(name: str) -> str:
    return name.removesuffix("?")


def _is(value: Any, kind: str, *, texts: bool) -> bool:
    if kind == "any":
        return True
    if not texts and kind in ("int", "number", "bool"):
        types = {"int": int, "number": (int, float), "bool": bool}[kind]
        return isinstance(value, types) and isinstance(value, bool) == (kind == "bool")
    if not isinstance(value, str):
        return False
    if kind == "time":
        return _is_time(value)
    if kind == "url":
        return value.startswith(("https://", "http://127.0.0.1:"))
    if kind.startswith("fields:"):
        return _names(value) <= set(kind.removeprefix("fields:").split(","))
    if kind.startswith("/"):
        return re.fullmatch(kind.strip("/"), value) is not None
    if kind.startswith("=") or "|" in kind:
        return value in kind.removeprefix("=").split("|")
    return re.fullmatch(KINDS[kind], value) is not None


def _names(fields: str) -> set[str]:
    """Of `from{id,name},likes.summary(total_count).limit(0)` from and likes."""
    while (outer := re.sub(r"\{[^{}]*\}|\([^()]*\)", "", fields)) != fields:
        fields = outer
    return {name.partition(".")[0] for name in fields.split(",")}


def _is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
