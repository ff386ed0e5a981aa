"""Every call to TikTok, and what its refusals mean: by the code in the body, since some come with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NoReturn

from socialops.networks import http
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import (
    AuthError,
    Code,
    ErrorKind,
    InternalError,
    MediaError,
    NetworkError,
    OutageError,
    PolicyError,
    RateLimitError,
    RawAnswer,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Target

NETWORK = "tiktok"
OK = "ok"
_CLASSES: Mapping[str, type[NetworkError]] = {
    ErrorKind.AUTH: AuthError,
    ErrorKind.RATE_LIMIT: RateLimitError,
    ErrorKind.VALIDATION: ValidationError,
    ErrorKind.MEDIA: MediaError,
    ErrorKind.POLICY: PolicyError,
}


def api(base_url: str = "") -> str:
    """The API's root; TIKTOK_BASE_URL (or a channel's base_url) stands in for dialog, API and profile pages alike."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["api"])


def call_with(
    token: str, method: str, url: str, *, accept: tuple[str, ...] = (), one_shot: bool = False, **request: Any
) -> http.Answer:
    """A call with a token. `accept`: error codes the caller reads itself."""
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    headers = {"Authorization": f"Bearer {token}"}
    if method == "POST":
        headers["Content-Type"] = "application/json; charset=UTF-8"
    answer = http.call(method, url, headers=headers, one_shot=one_shot, secrets=(token,), **request)
    code, _message = error_of(answer)
    if answer.ok and not code:  # no envelope: a proxy, or a contract that changed
        answer.json()
        answer.unexpected()
    if (not answer.ok or code != OK) and code not in accept:
        refuse(answer)
    return answer


def call(target: Target, method: str, path: str, **request: Any) -> http.Answer:
    """An authorised call; `path` begins and ends with a slash. See `call_with`."""
    token = str(target.credentials.values.get("access_token") or "")
    return call_with(token, method, f"{api(target.base_url)}{path}", **request)


def data_of(answer: http.Answer) -> dict[str, Any]:
    data = answer.object().get("data")
    return data if isinstance(data, dict) else answer.unexpected()


def error_of(answer: http.Answer) -> tuple[str, str]:
    """(code, message); both "" where the answer has no envelope. The token endpoint's errors are flat."""
    body = answer.error_object()
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("code") or ""), str(error.get("message") or "")[:500]
    return str(error or ""), str(body.get("error_description") or "")[:500]


def known_error(table: str, name: str, message: str, raw: RawAnswer | None) -> NetworkError | None:
    """What a code of `[errors.<table>]` means, None for one that isn't there."""
    entry = network_data(NETWORK)["errors"][table].get(name)
    if entry is None:
        return None
    detail = {key: value for key, value in entry.items() if key not in ("kind", "code")}
    until = _come_back_at(entry) if entry["kind"] == ErrorKind.RATE_LIMIT else None
    words = {"message": f"{name}: {message}" if message else name}
    return _CLASSES[entry["kind"]](Code(entry["code"]), detail={**words, **detail}, until=until, raw=raw)


def _come_back_at(entry: Mapping[str, Any]) -> datetime:
    """A day's cap: the next day in UTC, as TikTok tells no hour. The windows of calls are of a minute."""
    now = datetime.now(UTC)
    if entry["code"] == Code.QUOTA_SPENT:
        return datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return now + timedelta(seconds=network_data(NETWORK)["rate_limit"]["default_wait_seconds"])


def refuse(answer: http.Answer) -> NoReturn:
    name, message = error_of(answer)
    raw, detail = answer.raw(), {"message": f"{name}: {message}" if message else name}
    if known := known_error("codes", "rate_limit_exceeded" if answer.status == 429 else name, message, raw):
        raise known
    if answer.status == 401:
        raise AuthError(Code.TOKEN_EXPIRED, detail=detail, raw=raw)
    if answer.status >= 500 or name == "internal_error":
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": answer.status}, raw=raw)
    if name and name != OK:
        raise ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)
    if answer.one_shot and (answer.ok or answer.status == 408):
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)
