"""Reading Rest.li 2.0 addresses as strictly as LinkedIn does: structure is literal, everything else is percent-encoded."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

PRIMITIVE = re.compile(r"[^()',:]*")


class SyntaxProblem(ValueError):
    """An address that isn't Rest.li."""


def parse(text: str) -> Any:
    """A string, a list or a dict (a complex key) from its raw, still encoded form. SyntaxProblem where it is malformed, for example a URN with bare colons."""
    value, rest = _value(text)
    if rest:
        raise SyntaxProblem(f"unexpected {rest!r} in {text!r}")
    return value


def _value(text: str) -> tuple[Any, str]:
    if text.startswith("List("):
        return _list(text[5:])
    if text.startswith("("):
        return _object(text[1:])
    match = PRIMITIVE.match(text)
    raw = match[0] if match else ""
    return unquote(raw), text[len(raw) :]


def _list(text: str) -> tuple[list[Any], str]:
    found: list[Any] = []
    if text.startswith(")"):
        return found, text[1:]
    while True:
        value, text = _value(text)
        found.append(value)
        if text.startswith(","):
            text = text[1:]
        elif text.startswith(")"):
            return found, text[1:]
        else:
            raise SyntaxProblem(f"a list isn't closed: {text!r}")


def _object(text: str) -> tuple[dict[str, Any], str]:
    found: dict[str, Any] = {}
    while True:
        match = PRIMITIVE.match(text)
        name = match[0] if match else ""
        if not text[len(name) :].startswith(":"):
            raise SyntaxProblem(f"a key without a value: {text!r}")
        value, text = _value(text[len(name) + 1 :])
        found[unquote(name)] = value
        if text.startswith(","):
            text = text[1:]
        elif text.startswith(")"):
            return found, text[1:]
        else:
            raise SyntaxProblem(f"an object isn't closed: {text!r}")


def parse_query(raw: str) -> dict[str, Any]:
    """`fields` keeps the older protocol's commas, as on LinkedIn."""
    found: dict[str, Any] = {}
    for pair in filter(None, raw.split("&")):
        name, _, value = pair.partition("=")
        found[unquote(name)] = unquote(value) if name == "fields" else parse(value)
    return found
