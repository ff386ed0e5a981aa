"""Every call to a Mastodon API server, and what its refusals mean.

Forks (GoToSocial, Hollo, Pleroma) answer the same API with other statuses and error shapes: we go by status first and
read the words only where one status has two meanings.
"""

from __future__ import annotations

from typing import Any, NoReturn

from socialops.networks import http
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import (
    AuthError,
    Code,
    InternalError,
    OutageError,
    PolicyError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Target
from socialops.networks.quota import come_back_at, read_quota

NETWORK = "mastodon"
PREFIX = "x-ratelimit"
NOT_READY = "not finished processing"


def origin(base_url: str) -> str:
    """The instance to talk to: the caller's, else MASTODON_BASE_URL."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"])


def call(
    target: Target,
    method: str,
    path: str,
    *,
    accept: tuple[int, ...] = (),
    one_shot: bool = False,
    bucket: str = "requests",
    headers: dict[str, str] | None = None,
    **request: Any,
) -> http.Answer:
    """An authorised call. A status that is neither 2xx nor in `accept` raises the NetworkError it means."""
    token = str(target.credentials.values.get("access_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    answer = http.call(
        method,
        origin(target.base_url) + path,
        headers={"Authorization": f"Bearer {token}", **(headers or {})},
        one_shot=one_shot,
        secrets=(token,),
        **request,
    )
    if quota := read_quota(answer.headers, prefix=PREFIX, bucket=bucket):
        target.report(quota)
    if not answer.ok and answer.status not in accept:
        refuse(answer)
    return answer


def message_of(answer: http.Answer) -> str:
    """The server's own words, whatever shape the fork gives them."""
    error = answer.error_object().get("error")
    if isinstance(error, dict):
        error = error.get("message") or error.get("name")
    described = answer.error_object().get("error_description")
    return str(described or error or "")[:500]


def refuse(answer: http.Answer) -> NoReturn:
    status, message, raw = answer.status, message_of(answer), answer.raw()
    lowered = message.lower()
    if status == 429:
        wait = network_data(NETWORK)["rate_limit"]["default_wait_seconds"]
        raise RateLimitError(
            Code.TOO_MANY_REQUESTS, until=come_back_at(answer.headers, prefix=PREFIX, default_seconds=wait), raw=raw
        )
    if status >= 500 or status == 408:
        # 503 is also the answer to a second request with an Idempotency-Key still at work: it may yet be published.
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": status}, raw=raw)
    if status == 401:
        revoked = "revoked" in lowered or "invalid" in lowered
        raise AuthError(
            Code.TOKEN_EXPIRED if "expired" in lowered else Code.TOKEN_REVOKED if revoked else Code.TOKEN_EXPIRED,
            raw=raw,
        )
    if status == 403:
        if "scope" in lowered:
            raise AuthError(Code.SCOPE_MISSING, raw=raw)
        if "disabled" in lowered or "suspended" in lowered or "login" in lowered:
            raise AuthError(Code.ACCOUNT_DISABLED, raw=raw)
        raise PolicyError(Code.CONTENT_POLICY, detail={"message": message}, raw=raw)
    if NOT_READY in lowered:
        raise OutageError(Code.MEDIA_PROCESSING, raw=raw)
    if status in (400, 413, 422):
        raise ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", "message": message}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": status}, raw=raw)
