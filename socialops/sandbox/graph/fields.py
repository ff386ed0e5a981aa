"""Graph's `fields` language and its paged lists."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from socialops.sandbox.graph.call import Call, GraphError, token_value

TOKEN = re.compile(r"\s*([\w]+|[,.{}()])")
Item = TypeVar("Item")


@dataclass(slots=True)
class Field:
    """`comments.limit(0).summary(total_count){message}` → name, modifiers, fields of its items."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)


def parse_fields(text: str) -> list[Field]:
    """GraphError 2500 where the expression is malformed."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise GraphError(2500, "Syntax error in the fields parameter.")
    fields, rest = _parse(tokens)
    if rest:
        raise GraphError(2500, f'Syntax error "Expected end of string instead of \\"{rest[0]}\\"."')
    return fields


def _parse(tokens: list[str]) -> tuple[list[Field], list[str]]:
    found: list[Field] = []
    while tokens and tokens[0] != "}":
        name, *tokens = tokens
        if not name.isidentifier():
            raise GraphError(2500, f'Syntax error near "{name}" in the fields parameter.')
        current = Field(name)
        while tokens and tokens[0] == ".":
            if len(tokens) < 4 or tokens[2] != "(" or ")" not in tokens:
                raise GraphError(2500, f'Syntax error after "{name}" in the fields parameter.')
            end = tokens.index(")")
            current.modifiers[tokens[1]] = "".join(tokens[3:end])
            tokens = tokens[end + 1 :]
        if tokens and tokens[0] == "{":
            current.fields, tokens = _parse(tokens[1:])
            if not tokens:
                raise GraphError(2500, "Syntax error: a brace isn't closed in the fields parameter.")
            tokens = tokens[1:]
        found.append(current)
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    return found, tokens


def select(
    values: dict[str, Callable[[Field], Any]], fields: list[Field], default: Sequence[str], kind: str
) -> dict[str, Any]:
    """The object with the wanted fields and `id`; fields without a value are left out, as Graph does."""
    body: dict[str, Any] = {}
    for wanted in fields or [Field(name) for name in default]:
        if wanted.name not in values:
            raise GraphError(100, f"(#100) Tried accessing nonexisting field ({wanted.name}) on node type ({kind})")
        value = values[wanted.name](wanted)
        if value is not None:
            body[wanted.name] = value
    body["id"] = values["id"](Field("id"))
    return body


def paged(
    call: Call, items: Sequence[Item], show: Callable[[Item], dict[str, Any]], *, default: int = 25, most: int = 100
) -> dict[str, Any]:
    """One page by `limit` and `after`, with cursors and the address of the next page."""
    text = call.params.text("limit")
    limit = min(int(text), most) if text.isdecimal() else default
    start = _offset(call.params.text("after"))
    shown = items[start : start + limit]
    body: dict[str, Any] = {"data": [show(item) for item in shown]}
    if shown:
        cursors = {"before": _cursor(start), "after": _cursor(start + len(shown))}
        body["paging"] = {"cursors": cursors}
        if start + limit < len(items):
            query = {k: v for k, v in call.request.query_params.items() if k not in {"after", "access_token"}}
            query.update(access_token=token_value(call.request, call.params), limit=str(limit), after=cursors["after"])
            body["paging"]["next"] = f"{call.base}/v26.0{call.request.url.path}?{urlencode(query)}"
    return body


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"at:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("at:"))
    except ValueError as error:
        raise GraphError(100, "(#100) Invalid cursors values") from error
