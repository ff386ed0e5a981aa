"""Every XRPC call, and what its refusals mean: by the error's name, then by status."""

from __future__ import annotations

from typing import Any, NoReturn

from socialops.networks import http
from socialops.networks.bluesky import dpop
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import (
    AuthError,
    Code,
    InternalError,
    MediaError,
    OutageError,
    RateLimitError,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Target
from socialops.networks.quota import come_back_at, read_quota

NETWORK = "bluesky"
PREFIX = "ratelimit"
DISABLED = frozenset(
    {"AccountTakedown", "AccountDeactivated", "AccountSuspended", "RepoTakendown", "RepoDeactivated", "RepoSuspended"}
)
BLOB_ERRORS = frozenset({"BlobTooLarge", "InvalidMimeType", "InvalidSize", "PayloadTooLarge", "BlobNotFound"})


def origin(base_url: str) -> str:
    """The server to start from: the caller's, else BLUESKY_BASE_URL, else the entryway."""
    return http.origin_of(
        base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["entryway"]
    )


def pds(target: Target) -> str:
    """The account's own server, as its DID document named it when it was connected."""
    return origin(str(target.credentials.values.get("pds") or target.base_url))


def call(
    target: Target,
    method: str,
    nsid: str,
    *,
    accept: tuple[str, ...] = (),
    bucket: str = "requests",
    **request: Any,
) -> http.Answer:
    """An authorised call to the account's PDS, by session token or with DPoP. `accept` names errors the caller reads itself."""
    values = target.credentials.values
    token = str(values.get("access_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    url = f"{pds(target)}/xrpc/{nsid}"
    if values.get("mode") == "oauth":
        answer = dpop.call(method, url, key=values["dpop_key"], token=token, secrets=(token,), **request)
    else:
        headers = {"Authorization": f"Bearer {token}", **(request.pop("headers", None) or {})}
        answer = http.call(method, url, headers=headers, secrets=(token,), **request)
    if quota := read_quota(answer.headers, prefix=PREFIX, bucket=bucket):
        target.report(quota)
    if not answer.ok and answer.error_object().get("error") not in accept:
        refuse(answer)
    return answer


def refuse(answer: http.Answer) -> NoReturn:
    status, raw, body = answer.status, answer.raw(), answer.error_object()
    name = str(body.get("error") or "")
    message = str(body.get("message") or body.get("error_description") or "")[:500]
    if status == 429:
        wait = network_data(NETWORK)["rate_limit"]["default_wait_seconds"]
        until = come_back_at(answer.headers, prefix=PREFIX, default_seconds=wait)
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=until, raw=raw)
    if status >= 500 or status == 408:
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": status}, raw=raw)
    if name in DISABLED:
        raise AuthError(Code.ACCOUNT_DISABLED, detail={"message": message}, raw=raw)
    if name == "ExpiredToken" or (name == "invalid_token" and "exp" in message):
        raise AuthError(Code.TOKEN_EXPIRED, raw=raw)
    if status == 403 or name in ("ScopeMissingError", "InsufficientScope", "insufficient_scope"):
        raise AuthError(Code.SCOPE_MISSING, detail={"message": message}, raw=raw)
    if status == 401 or name in ("InvalidToken", "invalid_token", "AuthMissing"):
        raise AuthError(Code.TOKEN_REVOKED, detail={"message": message}, raw=raw)
    if status == 413 or name in BLOB_ERRORS:
        raise MediaError(Code.MEDIA_REFUSED, detail={"field": "media", "message": message}, raw=raw)
    if status == 400:
        raise ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", "message": message}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": status}, raw=raw)
