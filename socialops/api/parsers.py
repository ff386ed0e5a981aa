"""What a JSON body may hold."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

DEPTH = 32  # our deepest body has five levels


class JSONParser(parsers.JSONParser):
    """JSON that PostgreSQL can keep: no NUL, no half of a surrogate pair, no bottomless nesting. ParseError (400) otherwise."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        encoding = (parser_context or {}).get("encoding") or "utf-8"
        try:
            codecs.lookup(encoding)
            body = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("This body is nested too deeply.")) from error
        except LookupError as error:
            raise ParseError(_("Send JSON in UTF-8.")) from error
        _check(body, DEPTH)
        return body


def _check(value: Any, levels: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ParseError(_("The body holds a character that is no text (NUL, or half of a surrogate pair)."))
    elif isinstance(value, dict | list):
        if not levels:
            raise ParseError(_("This body is nested too deeply."))
        for inner in value if isinstance(value, list) else [*value.keys(), *value.values()]:
            _check(inner, levels - 1)
