"""What a connector sends and what comes back, as the judges of this folder read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from socialops.networks import http

BYTES = "(bytes)"
JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
RELATED = "multipart/related"  # a description in JSON, which is the body here, and the file it is of


@dataclass(frozen=True)
class Exchange:
    """One call of a connector with its answer. `body` is None where nothing is sent, `BYTES` where a file is; a form's values are text, its parts without a file's name too."""

    method: str
    url: str  # as it went out, with its query
    headers: dict[str, str]  # what the connector set, names in lower case
    kind: str  # media type of the body, "" for none
    body: Any
    answer: http.Answer

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def where(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def query(self) -> dict[str, list[str]]:
        """Every value of each parameter, lists without the brackets that some networks want after their names."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(urlsplit(self.url).query, keep_blank_values=True):
            found.setdefault(name.removesuffix("[]"), []).append(value)
        return found


def exchange(method: str, request: dict[str, Any], answer: http.Answer) -> Exchange:
    """From what `http.call` was given and what it gave."""
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    kind, body = _body(request, headers)
    return Exchange(method, answer.url, headers, kind, body, answer)


def _body(request: dict[str, Any], headers: dict[str, str]) -> tuple[str, Any]:
    if request.get("files"):
        files = {name: BYTES if file[0] is not None else file[1] for name, file in request["files"].items()}
        return MULTIPART, {**_form(request), **files}
    if request.get("json") is not None:
        return JSON, request["json"]
    if request.get("form") is not None:
        return FORM, _form(request)
    if request.get("content") is not None:
        kind = headers.get("content-type", "application/octet-stream")
        if kind.startswith(RELATED):
            return RELATED, json.loads(request["content"].split(b"\r\n\r\n")[1].partition(b"\r\n--")[0])
        return kind, BYTES
    return "", None


def _form(request: dict[str, Any]) -> dict[str, Any]:
    """As httpx writes it."""
    texts = {True: "true", False: "false"}
    return {
        name: texts[value] if isinstance(value, bool) else value if isinstance(value, list) else str(value)
        for name, value in (request.get("form") or {}).items()
    }
