"""The judges of OpenAPI documents, discovery documents and our own tables, on good and bad samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from socialops.networks.http import Answer
from tests.contracts.discovery import Discovery
from tests.contracts.exchanges import Exchange, exchange
from tests.contracts.openapi import OpenApi
from tests.contracts.sheet import Sheet

NOTE = {"id": "1", "at": "2026-11-23T15:00:00Z", "mood": None}
OPENAPI = {
    "openapi": "3.0.0",
    "paths": {
        "/notes/mine": {"get": {"responses": {"200": {"description": "Nothing to read"}}}},
        "/notes/{id}": {
            "parameters": [{"$ref": "#/components/parameters/fields"}],
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "ids[]", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                    {"name": "all", "in": "query", "required": True, "schema": {"type": "boolean"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}},
                    "404": {"description": "Gone"},
                },
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["text"],
                                "properties": {"text": {"type": "string"}, "stars": {"type": "integer"}},
                            }
                        }
                    },
                },
                "responses": {"200": {"description": "Done"}},
            },
        },
    },
    "components": {
        "parameters": {
            "fields": {
                "name": "fields",
                "in": "query",
                "explode": False,
                "schema": {"type": "array", "items": {"type": "string", "enum": ["text", "at"]}},
            }
        },
        "schemas": {
            "Note": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "mood": {"type": "string", "nullable": True, "enum": ["calm"]},
                },
            }
        },
    },
}


def called(method: str, where: str, answer: Any = None, status: int = 200, **request: Any) -> Exchange:
    body = b"" if answer is None else json.dumps(answer).encode()
    return exchange(method, request, Answer(method, f"https://api.test{where}", status, {}, body))


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (called("GET", "/notes/7?all=true&limit=9&ids[]=1&ids[]=2&fields=text,at", NOTE), ""),
        (called("GET", "/notes/7?all=true", {**NOTE, "more": 1}), ""),
        (called("GET", "/notes/mine"), ""),
        (called("PUT", "/notes/7", json={"text": "Oui"}), ""),
        (called("PUT", "/notes/7", form={"text": "Oui", "stars": 3}), ""),
        (called("GET", "/notes/7", NOTE), "parameter all is missing"),
        (called("GET", "/notes/7?all=1", NOTE), "parameter all $: '1' is not of type 'boolean'"),
        (called("GET", "/notes/7?all=true&limit=10", NOTE), "10 is greater than the maximum"),
        (called("GET", "/notes/7?all=true&ids[]=x", NOTE), "'x' is not of type 'integer'"),
        (called("GET", "/notes/7?all=true&fields=text,mood", NOTE), "'mood' is not one of"),
        (called("GET", "/notes/7?all=true&colour=1", NOTE), "unknown parameter colour"),
        (called("GET", "/notes/7?all=true", {"at": "2026"}), "'id' is a required property"),
        (called("GET", "/notes/7?all=true", {**NOTE, "at": "yesterday"}), "is not a 'date-time'"),
        (called("GET", "/notes/7?all=true", {**NOTE, "mood": "wild"}), "'wild' is not one of"),
        (called("GET", "/notes/7?all=true", NOTE, 201), "no answer 201"),
        (called("PUT", "/notes/7"), "a body where none is, or none where one is"),
        (called("GET", "/notes/mine", json={}), "a body where none is, or none where one is"),
        (called("PUT", "/notes/7", json={"text": "Oui", "colour": 1}), "unknown field colour"),
        (called("PUT", "/notes/7", json={"stars": 1}), "'text' is a required property"),
        (called("PUT", "/notes/7", content=b"1"), "a body of application/octet-stream"),
    ],
)
def test_openapi(tmp_path: Path, made: Exchange, problem: str) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(OPENAPI), encoding="utf-8")
    told = OpenApi(file).judge(made)
    assert (told == []) if not problem else any(problem in one for one in told), told


def test_a_call_that_no_document_has(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(OPENAPI), encoding="utf-8")
    with pytest.raises(AssertionError):
        OpenApi(file).judge(called("DELETE", "/notes/7"))


COMMENT = {"snippet": {"parentId": "1", "textOriginal": "Oui"}}
MODERATE = "/youtube/v3/comments/setModerationStatus?id=1&moderationStatus="


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (called("POST", "/youtube/v3/comments?part=snippet", {"id": "2"}, json=COMMENT), ""),
        (called("POST", f"{MODERATE}rejected", status=204), ""),
        (called("DELETE", "/youtube/v3/comments?id=1", {"error": {"code": 404, "message": "Gone"}}, 404), ""),
        (called("GET", "/youtube/v3/songs"), "no such method"),
        (called("POST", f"{MODERATE}hidden", status=204), "parameter moderationStatus can't be hidden"),
        (called("POST", f"{MODERATE}rejected&banAuthor=1", status=204), "parameter banAuthor can't be 1"),
        (called("GET", "/youtube/v3/commentThreads?part=snippet&maxResults=101", {}), "maxResults 101 is out of range"),
        (called("GET", "/youtube/v3/comments?parentId=1", {}), "parameter part is missing"),
        (called("GET", "/youtube/v3/comments?part=snippet,songs", {}), "no part songs"),
        (called("GET", "/youtube/v3/comments?part=id&colour=1", {}), "unknown parameter colour"),
        (called("POST", "/youtube/v3/comments?part=snippet", {}), "a body where none is, or none where one is"),
        (called("POST", "/youtube/v3/comments?part=snippet", {}, json={"text": 1}), "'text' was unexpected"),
        (called("GET", "/youtube/v3/comments?part=id", {"items": {}}), "{} is not of type 'array'"),
        (called("DELETE", "/youtube/v3/comments?id=1", {"done": True}), "says something where nothing is told"),
        (called("DELETE", "/youtube/v3/comments?id=1", {"error": "gone"}, 404), "is no refusal of Google's"),
    ],
)
def test_discovery(made: Exchange, problem: str) -> None:
    told = Discovery("youtube.v3").judge(made)
    assert (told == []) if not problem else any(problem in one for one in told), told


HIDE = {"access_token": "t", "hide": "true"}
QUOTA = "/v1.0/7/threads_publishing_limit?access_token=t&fields=quota_usage,config"
ROW = {"quota_usage": 4, "config": {"quota_total": 250, "quota_duration": 86400}}
REFUSAL = {"error": {"message": "No", "type": "OAuthException", "code": 100, "fbtrace_id": "A"}}


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, form=HIDE), ""),
        (called("POST", "/v1.0/7/manage_reply", REFUSAL, 400, form=HIDE), ""),
        (called("GET", QUOTA, {"data": [ROW]}), ""),
        (called("POST", "/v1.0/7/sing", {"success": True}), "no such call"),
        (called("POST", "/v1.0/7/manage_reply", {"success": "yes"}, form=HIDE), "success.: 'yes' is no bool"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True, "more": 1}, form=HIDE), "answer more: unknown"),
        (called("POST", "/v1.0/7/manage_reply", {}, form=HIDE), "answer success: missing"),
        (called("POST", "/v1.0/7/manage_reply", form=HIDE), "no answer where one is told"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, 201, form=HIDE), "status 201"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, json=HIDE), "a body of application/json"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, form={"hide": "true"}), "access_token: missing"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, form={**HIDE, "hide": "1"}), "'1' is no true|false"),
        (called("POST", "/v1.0/7/manage_reply", {"success": True}, form={**HIDE, "why": "1"}), "body why: unknown"),
        (called("POST", "/v1.0/7/manage_reply", {"error": "No"}, 400, form=HIDE), "refusal error.: no object"),
        (called("GET", QUOTA + ",songs", {"data": [ROW]}), "is no fields:"),
        (called("GET", QUOTA + "&colour=1", {"data": [ROW]}), "parameter colour: unknown"),
        (called("GET", QUOTA, {"data": [{**ROW, "quota_usage": "4"}]}), "'4' is no int"),
        (called("GET", QUOTA, {"data": ROW}), "no list"),
    ],
)
def test_our_own_tables(made: Exchange, problem: str) -> None:
    sheet = Sheet("threads")
    told = sheet.judge(made)
    assert (told == []) if not problem else any(problem in one for one in told), told


def test_calls_that_were_never_made_are_named() -> None:
    sheet = Sheet("threads")
    made = called("POST", "/v1.0/7/manage_reply", {"success": True}, form=HIDE)
    missing = sheet.never_made([made])
    assert len(missing) == len(sheet.calls) - 1
    assert "POST /v1.0/{}/threads_publish (2. Publish)" in missing
