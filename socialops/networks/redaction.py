"""What may be kept of a request and its answer: no token, no password, no cookie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HIDDEN = "***"
BODY_CHARACTERS = 4_000
KEPT_HEADERS = re.compile(
    r"content-type|date|retry-after|server|x-request-id|x-fb-trace-id|.*rate-?limit.*|x-.*-usage", re.IGNORECASE
)
PRIVATE_NAMES = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|code|code_verifier|password|token|fb_exchange_token|"
    "input_token|appsecret_proof|accessJwt|refreshJwt|state|authFactorToken"
)
IN_URL = re.compile(rf"(?:{PRIVATE_NAMES})", re.IGNORECASE)
# "code" alone is left in JSON: Facebook's error code is a number, and authorization codes never come back in a body.
IN_JSON = re.compile(rf'("(?:{PRIVATE_NAMES.replace("|code|", "|")})"\s*:\s*")[^"]*', re.IGNORECASE)
IN_FORM = re.compile(rf"(\b(?:{PRIVATE_NAMES.replace('|state', '')})=)[^&\s\"'<>]+", re.IGNORECASE)


def redact_url(url: str, secrets: tuple[str, ...] = ()) -> str:
    parts = urlsplit(url)
    query = [
        (name, HIDDEN if IN_URL.fullmatch(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    shown = urlunsplit(
        (parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(query, safe="*,:/{}().@"), "")
    )
    return _without(shown, secrets)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Only headers known to be harmless: a list of what is kept can't miss a new secret."""
    return {name: value for name, value in headers.items() if KEPT_HEADERS.fullmatch(name)}


def redact_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Redacted first and cut after, so that a token never survives as its first half."""
    shown = IN_FORM.sub(rf"\g<1>{HIDDEN}", IN_JSON.sub(rf"\g<1>{HIDDEN}", text))
    return _without(shown, secrets)[:BODY_CHARACTERS]


def _without(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text
