"""Every call to Google, what it costs of our quota, and what its refusals mean: by reason first, then by status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from socialops.networks import http
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import (
    AuthError,
    Code,
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
from socialops.networks.ports import Charge, Target
from socialops.networks.quota import come_back_at

NETWORK = "youtube"
UNITS, UPLOADS = "units", "uploads"
V3 = "/youtube/v3"
DATA_API, ANALYTICS = "api", "analytics"


def host(name: str, base_url: str = "") -> str:
    """An origin of Google's: consent, oauth, api, analytics or app. YOUTUBE_BASE_URL (or a channel's base_url) stands in for all of them."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"][name])


def token_of(target: Target) -> str:
    token = str(target.credentials.values.get("access_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    return token


def call(
    target: Target,
    method: str,
    name: str,
    *,
    url: str = "",
    accept: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
    **request: Any,
) -> http.Answer:
    """An authorised call. `name` is its name in Google's price list (videos.list), or "" for what is free. `accept`: reasons the caller reads itself."""
    token = token_of(target)
    headers = {"Authorization": f"Bearer {token}", **(request.pop("headers", None) or {})}
    url = url or f"{host(DATA_API, target.base_url)}{V3}/{name.partition('.')[0]}"
    answer = http.call(method, url, headers=headers, secrets=(token, *secrets), **request)
    if name:
        report_cost(target, name, answer)
    if not answer.ok and reason_of(answer) not in accept:
        refuse(answer)
    return answer


def report_cost(target: Target, name: str, answer: http.Answer) -> None:
    """What an accepted call counted; an invalid one counts too, but for one that the quota itself refused."""
    costs, errors = network_data(NETWORK)["costs"], network_data(NETWORK)["errors"]
    if answer.ok:
        target.report(Charge(UPLOADS) if name == "videos.insert" else Charge(UNITS, costs[name]))
    elif 400 <= answer.status < 500 and reason_of(answer) not in (*errors["spent"], *errors["throttled"]):
        target.report(Charge(UNITS, costs["refused"]))


def reason_of(answer: http.Answer) -> str:
    """The first reason of a refusal, "" where there is none."""
    error = answer.error_object().get("error")
    rows = error.get("errors") if isinstance(error, dict) else None
    return str(rows[0].get("reason") or "") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else ""


def message_of(answer: http.Answer) -> str:
    error = answer.error_object().get("error")
    if isinstance(error, dict):
        return str(error.get("message") or "")[:500]
    return str(answer.error_object().get("error_description") or error or "")[:500]


def quota_returns_at() -> datetime:
    """The next midnight in California."""
    zone = ZoneInfo(network_data(NETWORK)["rate_limit"]["zone"])
    tomorrow = datetime.now(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)


def refuse(answer: http.Answer) -> NoReturn:
    status, raw, reason = answer.status, answer.raw(), reason_of(answer)
    if about_limits := _about_limits(answer, reason, raw):
        raise about_limits
    if status >= 500 or status == 408:
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": status}, raw=raw)
    if about_account := _about_account(answer, reason, raw):
        raise about_account
    if 400 <= status < 500 and (reason or answer.error_object()):
        raise _about_content(answer, reason, raw)
    if answer.one_shot:
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": status}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": status}, raw=raw)


def _about_limits(answer: http.Answer, reason: str, raw: RawAnswer) -> NetworkError | None:
    table, waits = network_data(NETWORK)["errors"], network_data(NETWORK)["rate_limit"]
    if reason in table["spent"]:
        bucket = UPLOADS if answer.method == "POST" and "/upload/" in answer.url and "/videos" in answer.url else UNITS
        return RateLimitError(Code.QUOTA_SPENT, detail={"bucket": bucket}, until=quota_returns_at(), raw=raw)
    if reason in table["channel_spent"]:
        until = datetime.now(UTC) + timedelta(seconds=waits["channel_wait_seconds"])
        return RateLimitError(Code.QUOTA_SPENT, detail={"bucket": "channel"}, until=until, raw=raw)
    if reason in table["throttled"] or answer.status == 429:
        until = come_back_at(answer.headers, prefix="x-ratelimit", default_seconds=waits["default_wait_seconds"])
        return RateLimitError(Code.TOO_MANY_REQUESTS, until=until, raw=raw)
    return None


def _about_account(answer: http.Answer, reason: str, raw: RawAnswer) -> NetworkError | None:
    """Token, permission or standing; None when the refusal is about something else."""
    table, detail = network_data(NETWORK)["errors"], {"message": message_of(answer)}
    if reason in table["no_channel"]:
        return AuthError(Code.NO_CHANNEL, detail=detail, raw=raw)
    if reason in table["blocked"]:
        return PolicyError(Code.ACCOUNT_BLOCKED, detail=detail, raw=raw)
    if reason in table["app"]:
        return AuthError(Code.APP_NOT_APPROVED, detail=detail, raw=raw)
    if answer.status == 401:
        # expired, revoked and unknown are one answer; renewing the token tells them apart
        return AuthError(Code.TOKEN_EXPIRED, detail=detail, raw=raw)
    if reason in table["scope"]:
        return AuthError(Code.SCOPE_MISSING, detail=detail, raw=raw)
    return None


def _about_content(answer: http.Answer, reason: str, raw: RawAnswer) -> NetworkError:
    table, detail = network_data(NETWORK)["errors"], {"message": message_of(answer)}
    if reason in table["playlist_gone"]:
        return ValidationError(Code.PLAYLIST_GONE, detail=detail, raw=raw)
    if reason in table["playlist_full"]:
        return ValidationError(Code.PLAYLIST_FULL, detail=detail, raw=raw)
    if reason in table["gone"]:
        return ValidationError(Code.PARENT_GONE, detail={"field": "parent", **detail}, raw=raw)
    if reason in table["closed"]:
        return ValidationError(Code.REPLY_NOT_ALLOWED, detail=detail, raw=raw)
    if reason in table["media"] or answer.status == 413:
        return MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail}, raw=raw)
    if answer.status == 403:
        return PolicyError(Code.CONTENT_POLICY, detail=detail, raw=raw)
    return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)
