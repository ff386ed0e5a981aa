"""What can go wrong with a network, as classes: the publishing engine decides by class, never by message."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class ErrorKind(enum.StrEnum):
    """DESIGN section 6.4. Only RATE_LIMIT and OUTAGE are retried without a person."""

    AUTH = "auth"
    RATE_LIMIT = "rate_limit"
    VALIDATION = "validation"
    MEDIA = "media"
    POLICY = "policy"
    DUPLICATE = "duplicate"
    OUTAGE = "outage"
    UNKNOWN_OUTCOME = "unknown_outcome"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What the network answered, redacted: no token, no cookie, body cut to 4,000 characters."""

    method: str
    url: str
    status: int | None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class NetworkError(Exception):
    """A network refused, failed, or fell silent.

    `code` is a stable name of the cause (`text_too_long`, `token_revoked`, …) under which the people-facing
    sentences in French and English are kept (`publishing.errors`); `detail` holds their values (limit, length, field).
    `until` is an aware datetime before which trying again is pointless. `raw` is safe to store and show.
    """

    kind: ErrorKind = ErrorKind.INTERNAL

    def __init__(
        self,
        code: str,
        *,
        detail: dict[str, Any] | None = None,
        until: datetime | None = None,
        raw: RawAnswer | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail or {}
        self.until = until
        self.raw = raw


class AuthError(NetworkError):
    """Token missing, expired beyond refresh, revoked, or lacking a scope: a person must reconnect."""

    kind = ErrorKind.AUTH


class RateLimitError(NetworkError):
    """Too many calls; `until` says when to come back (always set)."""

    kind = ErrorKind.RATE_LIMIT


class ValidationError(NetworkError):
    """The content breaks a rule of the network; `detail["field"]` names what to change."""

    kind = ErrorKind.VALIDATION


class MediaError(NetworkError):
    """A file the network can't take."""

    kind = ErrorKind.MEDIA


class PolicyError(NetworkError):
    """Refused for policy, spam or a blocked account: trying again makes it worse."""

    kind = ErrorKind.POLICY


class DuplicateError(NetworkError):
    """The network says the same content is already there."""

    kind = ErrorKind.DUPLICATE


class OutageError(NetworkError):
    """The network certainly did nothing (connection refused, DNS, 503 before acceptance, a failed read)."""

    kind = ErrorKind.OUTAGE


class UnknownOutcomeError(NetworkError):
    """A one-shot call was sent and its answer lost or unreadable: it may have happened. Never resent."""

    kind = ErrorKind.UNKNOWN_OUTCOME


class InternalError(NetworkError):
    """Our own fault: an answer that breaks the contract in a read, a missing setting."""

    kind = ErrorKind.INTERNAL
