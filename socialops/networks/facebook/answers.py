"""Every Graph API call, and what its refusals mean: by code and subcode, since the status is mostly 400."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from socialops.networks import http
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import (
    AuthError,
    Code,
    DuplicateError,
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
from socialops.networks.ports import Quota, Report, Target

NETWORK = "facebook"
GONE = (100, 33)  # (code, subcode) of an object that isn't there or isn't ours to see


def graph(base_url: str = "") -> str:
    """The versioned API root; FACEBOOK_BASE_URL (or a channel's base_url) stands in for dialog and API alike."""
    hosts = network_data(NETWORK)["hosts"]
    base = base_url or network_settings(NETWORK)["base_url"] or hosts["graph"]
    return f"{http.origin_of(base)}/{hosts['version']}"


def call_with(
    token: str,
    method: str,
    url: str,
    *,
    accept: tuple[tuple[int, int], ...] = (),
    report: Report | None = None,
    secret: str | None = None,
    **request: Any,
) -> http.Answer:
    """A call with a token in the header, never in the URL. `accept`: (code, subcode) refusals the caller reads itself."""
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    params = dict(request.pop("params", None) or {})
    secret = network_settings(NETWORK)["client_secret"] if secret is None else secret
    if secret:
        params["appsecret_proof"] = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    answer = http.call(
        method, url, headers={"Authorization": f"Bearer {token}"}, params=params or None, secrets=(token,), **request
    )
    if report is not None:
        for quota in read_usage(answer.headers):
            report(quota)
    if (not answer.ok or "error" in answer.error_object()) and error_code(answer) not in accept:
        refuse(answer)
    return answer


def call(target: Target, method: str, path: str, **request: Any) -> http.Answer:
    """An authorised call with the Page's token. See `call_with`."""
    token = str(target.credentials.values.get("access_token") or "")
    return call_with(token, method, f"{graph(target.base_url)}/{path}", report=target.report, **request)


def error_code(answer: http.Answer) -> tuple[int, int]:
    """(code, subcode) of a refusal, 0 where missing."""
    error = answer.error_object().get("error")
    if not isinstance(error, dict):
        return 0, 0
    code, subcode = error.get("code"), error.get("error_subcode")
    return (code if isinstance(code, int) else 0), (subcode if isinstance(subcode, int) else 0)


def read_usage(headers: Mapping[str, str]) -> list[Quota]:
    """X-App-Usage and X-Business-Use-Case-Usage, in percent of what is allowed."""
    quotas = []
    usage = _json_header(headers, "x-app-usage")
    if isinstance(usage, dict) and (used := _highest(usage)) is not None:
        quotas.append(Quota("app", 100, max(0, 100 - used), None))
    business = _json_header(headers, "x-business-use-case-usage")
    for entries in business.values() if isinstance(business, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            used = _highest(entry) if isinstance(entry, dict) else None
            if used is None:
                continue
            minutes = entry.get("estimated_time_to_regain_access")
            back = (
                datetime.now(UTC) + timedelta(minutes=minutes) if isinstance(minutes, int | float) and minutes else None
            )
            quotas.append(Quota(str(entry.get("type") or "business"), 100, max(0, 100 - used), back))
    return quotas


def _json_header(headers: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(headers.get(name) or "null")
    except ValueError:
        return None


def _highest(usage: Mapping[str, Any]) -> int | None:
    values = [
        usage[name]
        for name in ("call_count", "total_time", "total_cputime")
        if isinstance(usage.get(name), int | float)
    ]
    return int(max(values)) if values else None


def refuse(answer: http.Answer) -> NoReturn:
    table, raw = network_data(NETWORK)["errors"], answer.raw()
    code, subcode = error_code(answer)
    error = answer.error_object().get("error")
    said = error if isinstance(error, dict) else {}
    message = str(said.get("error_user_msg") or said.get("message") or "")[:500]
    if answer.status == 429 or code in table["throttled"] or subcode in table["throttled_subcodes"]:
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=_come_back_at(answer), raw=raw)
    if about_account := _about_account(code, subcode, message, raw):
        raise about_account
    if answer.status >= 500 or code in table["unknown"] or said.get("is_transient"):
        # "Please retry your request later" has published before: a create is never repeated on these.
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": answer.status}, raw=raw)
    if said and 400 <= answer.status < 500:
        raise _about_content(code, subcode, message, raw)
    if answer.one_shot and (answer.ok or answer.status == 408):
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)


def _about_account(code: int, subcode: int, message: str, raw: RawAnswer) -> NetworkError | None:
    """Token, permission or standing; None when the refusal is about something else."""
    table, detail = network_data(NETWORK)["errors"], {"message": message}
    if code in table["token"]:
        usual = Code.TOKEN_EXPIRED if "expired" in message.lower() else Code.TOKEN_REVOKED
        return AuthError(Code(table["token_subcodes"].get(str(subcode), usual)), detail=detail, raw=raw)
    if code in table["policy"]:
        return PolicyError(Code.ACCOUNT_BLOCKED, detail=detail, raw=raw)
    if subcode in table["policy_subcodes"]:
        return PolicyError(Code.CONTENT_POLICY, detail=detail, raw=raw)
    if code in table["permission"] or table["permission_range"][0] <= code <= table["permission_range"][1]:
        return AuthError(Code.SCOPE_MISSING, detail=detail, raw=raw)
    return None


def _about_content(code: int, subcode: int, message: str, raw: RawAnswer) -> NetworkError:
    table, detail = network_data(NETWORK)["errors"], {"message": message}
    if code in table["duplicate"] or subcode in table["duplicate_subcodes"]:
        return DuplicateError(Code.DUPLICATE_POST, detail=detail, raw=raw)
    if subcode in table["media_subcodes"]:
        return MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail}, raw=raw)
    if code in table["link"] or subcode in table["link"]:
        return ValidationError(Code.LINK_INVALID, detail={"field": "link", **detail}, raw=raw)
    return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)


def _come_back_at(answer: http.Answer) -> datetime:
    now = datetime.now(UTC)
    told = [quota.resets_at for quota in read_usage(answer.headers) if quota.resets_at and quota.resets_at > now]
    seconds = answer.headers.get("retry-after", "")
    if seconds.isdigit():
        told.append(now + timedelta(seconds=int(seconds)))
    return max(told) if told else now + timedelta(seconds=network_data(NETWORK)["rate_limit"]["default_wait_seconds"])
