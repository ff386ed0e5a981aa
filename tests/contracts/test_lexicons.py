"""The judge of XRPC calls, on good and bad samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from socialops.networks.http import Answer
from tests.contracts.exchanges import BYTES, Exchange, exchange
from tests.contracts.lexicons import Lexicons

IMAGE = {"$type": "blob", "ref": {"$link": "bafkreiabcdef"}, "mimeType": "image/png", "size": 9}
NOTE = {"$type": "a.b.note", "text": "é", "at": "2026-11-23T15:00:00.000Z"}
OWN = {"type": "string", "maxLength": 4, "maxGraphemes": 2, "minLength": 1}
LEXICONS = [
    {
        "id": "a.b.note",
        "defs": {
            "main": {
                "type": "record",
                "record": {
                    "type": "object",
                    "required": ["text", "at"],
                    "nullable": ["mood"],
                    "properties": {
                        "text": OWN,
                        "at": {"type": "string", "format": "datetime"},
                        "mood": {"type": "string", "enum": ["calm"]},
                        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
                        "seen": {"type": "boolean"},
                        "who": {"type": "array", "maxLength": 1, "items": {"type": "string", "format": "did"}},
                        "image": {"type": "blob", "accept": ["image/*"], "maxSize": 9},
                        "link": {"type": "cid-link"},
                        "embed": {"type": "union", "closed": True, "refs": ["#card", "lex:a.b.defs#tag"]},
                        "anything": {"type": "union", "refs": ["#card"]},
                    },
                },
            },
            "card": {"type": "object", "required": ["uri"], "properties": {"uri": {"type": "string", "format": "uri"}}},
        },
    },
    {"id": "a.b.defs", "defs": {"tag": {"type": "object", "properties": {"tag": {"type": "string", "const": "x"}}}}},
    {
        "id": "a.b.put",
        "defs": {
            "main": {
                "type": "procedure",
                "input": {
                    "encoding": "application/json",
                    "schema": {
                        "type": "object",
                        "required": ["record"],
                        "properties": {"record": {"type": "unknown"}, "key": {"type": "string", "format": "tid"}},
                    },
                },
                "output": {
                    "encoding": "application/json",
                    "schema": {
                        "type": "object",
                        "required": ["uri"],
                        "properties": {"uri": {"type": "string", "format": "at-uri"}},
                    },
                },
            }
        },
    },
    {"id": "a.b.send", "defs": {"main": {"type": "procedure", "input": {"encoding": "video/mp4"}}}},
    {
        "id": "a.b.list",
        "defs": {
            "main": {
                "type": "query",
                "parameters": {
                    "type": "params",
                    "required": ["who"],
                    "properties": {
                        "who": {"type": "array", "items": {"type": "string", "format": "handle"}},
                        "limit": {"type": "integer", "maximum": 9},
                        "new": {"type": "boolean"},
                    },
                },
                "output": {"encoding": "application/json", "schema": {"type": "ref", "ref": "#page"}},
            },
            "page": {
                "type": "object",
                "required": ["notes"],
                "properties": {"notes": {"type": "array", "items": {"type": "unknown"}}},
            },
        },
    },
]
PUT = {"uri": "at://did:plc:abc/a.b.note/3kabcdefghijk"}


@pytest.fixture
def lexicons(tmp_path: Path) -> Lexicons:
    file = tmp_path / "lexicons.json"
    file.write_text(json.dumps(LEXICONS), encoding="utf-8")
    return Lexicons(file)


def called(method: str, where: str, answer: Any, status: int = 200, **request: Any) -> Exchange:
    body = b"" if answer is None else json.dumps(answer).encode()
    return exchange(method, request, Answer(method, f"https://pds.test/xrpc/{where}", status, {}, body))


def put(record: Any, answer: Any = PUT, **more: Any) -> Exchange:
    return called("POST", "a.b.put", answer, json={"record": record, **more})


@pytest.mark.parametrize(
    "good",
    [
        put(NOTE),
        put(
            {**NOTE, "mood": None, "stars": 5, "seen": True, "image": IMAGE, "link": {"$link": "x"}, "who": ["did:a:b"]}
        ),
        put({**NOTE, "embed": {"$type": "a.b.defs#tag", "tag": "x"}}, key="3kabcdefghijk"),
        put({**NOTE, "anything": {"$type": "later.on#thing"}}),
        called("POST", "a.b.put", {"error": "InvalidRequest"}, 400, json={"record": NOTE}),
        called("POST", "a.b.send", None, content=b"1", headers={"Content-Type": "video/mp4"}),
        called("GET", "a.b.list?who=ann.test&who=bob.test&limit=9&new=true", {"notes": [NOTE, {"no": "type"}]}),
    ],
)
def test_what_is_right_is_let_through(lexicons: Lexicons, good: Exchange) -> None:
    assert lexicons.judge(good) == []


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ({"text": ""}, "/text: 0 bytes"),
        ({"text": "ééé"}, "/text: 6 bytes"),
        ({"text": "abc"}, "/text: 3 graphemes"),
        ({"text": 1}, "/text: no text"),
        ({"at": "2026-11-23"}, "is no datetime"),
        ({"at": "2026-11-23T15:00:00"}, "is no datetime"),
        ({"at": None}, "/at: no text"),
        ({"mood": "wild"}, "'wild' is not allowed"),
        ({"stars": 6}, "/stars: 6 is out of range"),
        ({"stars": True}, "/stars: no whole number"),
        ({"seen": 1}, "/seen: no such truth value"),
        ({"who": "did:a:b"}, "/who: no list"),
        ({"who": ["ann.test"]}, "/who/0: 'ann.test' is no did"),
        ({"who": ["did:a:b", "did:a:c"]}, "/who: 2 items"),
        ({"image": {**IMAGE, "mimeType": "video/mp4"}}, "/image: video/mp4 is not accepted"),
        ({"image": {**IMAGE, "size": 10}}, "/image: size 10"),
        ({"image": {**IMAGE, "ref": "bafkreiabcdef"}}, "/image: no blob"),
        ({"link": "x"}, "/link: no link to a CID"),
        ({"embed": {"uri": "https://a.test"}}, "/embed: a union needs $type"),
        ({"embed": {"$type": "later.on#thing"}}, "/embed: later.on#thing is none of"),
        ({"embed": {"$type": "a.b.note#card"}}, "/embed/uri: missing"),
        ({"embed": {"$type": "a.b.defs#tag", "tag": "y"}}, "'y' is not allowed"),
        ({"colour": "red"}, "/record/colour: unknown"),
        ({"$type": "a.b.song"}, "/record: no record a.b.song"),
    ],
)
def test_what_is_wrong_with_a_record_is_named(lexicons: Lexicons, bad: dict[str, Any], problem: str) -> None:
    assert [told for told in lexicons.judge(put({**NOTE, **bad})) if problem in told] != []


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (called("GET", "a.b.nothing", {}), "a.b.nothing: no such lexicon"),
        (called("GET", "a.b.put", PUT, json={"record": NOTE}), "method GET"),
        (called("POST", "a.b.put", PUT), "a body where none is"),
        (put(NOTE, key="short"), "/key: 'short' is no tid"),
        (put(NOTE, swap=1), "/swap: unknown"),
        (called("POST", "a.b.put?dry=1", PUT, json={"record": NOTE}), "where nothing is expected"),
        (called("POST", "a.b.put", PUT, form={"record": "x"}), "x-www-form-urlencoded where application/json"),
        (called("POST", "a.b.send", None, json={}), "application/json where video/mp4"),
        (called("POST", "a.b.send", {"a": 1}, content=b"1", headers={"Content-Type": "video/mp4"}), "none is told"),
        (put(NOTE, None), "answer: no object"),
        (put(NOTE, {}), "answer/uri: missing"),
        (put(NOTE, {"uri": "https://a.test"}), "is no at-uri"),
        (called("POST", "a.b.put", {"message": "?"}, 400, json={"record": NOTE}), "error: has no name"),
        (called("GET", "a.b.list", {"notes": []}), "parameters/who: missing"),
        (called("GET", "a.b.list?who=ann.test&limit=10", {"notes": []}), "/limit: 10 is out of range"),
        (called("GET", "a.b.list?who=ann.test&limit=many", {"notes": []}), "/limit: no whole number"),
        (called("GET", "a.b.list?who=ann.test&new=yes", {"notes": []}), "/new: no such truth value"),
        (called("GET", "a.b.list?who=ann.test&old=1", {"notes": []}), "/old: unknown"),
        (
            called("GET", "a.b.list?who=ann.test", {"notes": [{**NOTE, "stars": 9}]}),
            "/notes/0/stars: 9 is out of range",
        ),
    ],
)
def test_what_is_wrong_with_a_call_is_named(lexicons: Lexicons, bad: Exchange, problem: str) -> None:
    assert [told for told in lexicons.judge(bad) if problem in told] != []


def test_files_are_not_kept() -> None:
    sent = called("POST", "a.b.send", None, content=b"1", headers={"Content-Type": "video/mp4"})
    assert (sent.kind, sent.body) == ("video/mp4", BYTES)
