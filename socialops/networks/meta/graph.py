"""Every Graph API call of Facebook and Instagram, and what its refusals mean: by code and subcode, since the status is mostly 400."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
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

META = "meta"
GONE = (100, 33)  # (code, subcode) of an object that isn't there or isn't ours to see
UNKNOWN_FIELD = (100, 0)  # ... of a field that this version, or this account, doesn't have
ANY = 1_000_000_000  # whatever the code, in `accept`

_CLASSES: Mapping[Code, type[NetworkError]] = {
    Code.TOKEN_EXPIRED: AuthError,
    Code.TOKEN_REVOKED: AuthError,
    Code.ACCOUNT_DISABLED: AuthError,
    Code.ROLE_LOST: AuthError,
    Code.SCOPE_MISSING: AuthError,
    Code.TOO_MANY_REQUESTS: RateLimitError,
    Code.QUOTA_SPENT: RateLimitError,
    Code.ACCOUNT_BLOCKED: PolicyError,
    Code.CONTENT_POLICY: PolicyError,
    Code.REPLY_NOT_ALLOWED: PolicyError,
    Code.DUPLICATE_POST: DuplicateError,
    Code.MEDIA_REFUSED: MediaError,
    Code.MEDIA_EXPIRED: OutageError,  # another container will do
    Code.MEDIA_UNREACHABLE: MediaError,
    Code.MEDIA_PROCESSING: OutageError,
    Code.SERVER_ERROR: OutageError,
}


def origin(network: str, base_url: str, host: str) -> str:
    """Where a host of Meta's is; <NETWORK>_BASE_URL (or a channel's base_url) stands in for all of them."""
    return http.origin_of(base_url or network_settings(network)["base_url"] or network_data(META)["hosts"][host])


def root(network: str, base_url: str = "", host: str = "graph") -> str:
    """The versioned API root."""
    return f"{origin(network, base_url, host)}/{network_data(META)['hosts']['version']}"


def send(
    network: str,
    token: str,
    method: str,
    url: str,
    *,
    accept: tuple[tuple[int, int], ...] = (),
    report: Report | None = None,
    secret: str | None = None,
    scheme: str = "Bearer",
    headers: Mapping[str, str] | None = None,
    **request: Any,
) -> http.Answer:
    """A call with a token in the header, never in the URL. `accept`: (code, subcode) refusals the caller reads itself. `secret`: the app's, for the proof that
    the token is used by its own app; None for the environment's, "" for no proof.
    """
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    params = dict(request.pop("params", None) or {})
    secret = network_settings(network)["client_secret"] if secret is None else secret
    if secret:
        params["appsecret_proof"] = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    every = {"Authorization": f"{scheme} {token}", **(headers or {})}
    answer = http.call(method, url, headers=every, params=params or None, secrets=(token,), **request)
    if report is not None:
        for quota in read_usage(answer.headers):
            report(quota)
    if not answer.ok or "error" in answer.error_object():
        code, subcode = error_code(answer)
        if (code, subcode) not in accept and (ANY, subcode) not in accept:
            refuse(answer)
    return answer


def call(target: Target, method: str, path: str, *, token: str = "", **request: Any) -> http.Answer:
    """An authorised call with the account's token, or with `token`. What was connected by the Instagram login has a host of its own, which knows no proof. See `send`."""
    own = by_instagram_login(target)
    api = root(target.network, target.base_url, "instagram_graph" if own else "graph")
    secret = "" if own else target.app.get("client_secret")
    return send(
        target.network,
        token or token_of(target),
        method,
        f"{api}/{path}",
        report=target.report,
        secret=secret,
        **request,
    )


def by_instagram_login(target: Target) -> bool:
    """Connected without a Page, by Instagram's own login."""
    return target.credentials.values.get("login") == "instagram"


def token_of(target: Target) -> str:
    return str(target.credentials.values.get("access_token") or "")


def error_code(answer: http.Answer) -> tuple[int, int]:
    """(code, subcode) of a refusal, 0 where missing."""
    error = answer.error_object().get("error")
    if not isinstance(error, dict):
        return 0, 0
    code, subcode = error.get("code"), error.get("error_subcode")
    return (code if isinstance(code, int) else 0), (subcode if isinstance(subcode, int) else 0)


def rows(answer: http.Answer) -> list[dict[str, Any]]:
    """The objects of a list."""
    found = answer.object().get("data")
    return found if isinstance(found, list) else answer.unexpected()


def next_page(answer: http.Answer) -> str:
    """The cursor of the next page, "" after the last. The address in the answer is never followed: it carries the token and could lead anywhere."""
    paging = answer.object().get("paging") or {}
    return str((paging.get("cursors") or {}).get("after") or "") if paging.get("next") else ""


def pages(target: Target, path: str, params: Mapping[str, Any], most: int, **request: Any) -> Iterator[http.Answer]:
    """The pages of an edge, `most` of them. What `accept` lets through ends the list."""
    asked = dict(params)
    for _page in range(most):
        answer = call(target, "GET", path, params=asked, **request)
        if not answer.ok:
            return
        yield answer
        after = next_page(answer)
        if not after:
            return
        asked["after"] = after


def moment_of(row: Mapping[str, Any], name: str = "created_time") -> datetime | None:
    """`2026-03-10T07:00:00+0000`, as Graph writes it."""
    try:
        moment = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# ---------------------------------------------------------------- what is left


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


# ---------------------------------------------------------------- refusals


def refuse(answer: http.Answer) -> NoReturn:
    code, subcode = error_code(answer)
    error = answer.error_object().get("error")
    said = error if isinstance(error, dict) else {}
    message = str(said.get("error_user_msg") or said.get("message") or "")[:500]
    if answer.status == 429:
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=_come_back_at(answer), raw=answer.raw())
    known = meaning(code, subcode, message)
    if known is None and (answer.status >= 500 or said.get("is_transient")):
        known = Code.SERVER_ERROR
    if known is not None:
        raise problem(
            known, message, raw=answer.raw(), until=_until(answer, known), lost=answer.one_shot, status=answer.status
        )
    if said and 400 <= answer.status < 500:
        detail = {"field": "text", "message": message}
        raise ValidationError(Code.CONTENT_REFUSED, detail=detail, raw=answer.raw())
    if answer.one_shot and (answer.ok or answer.status == 408):
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=answer.raw())
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=answer.raw())


def meaning(code: int, subcode: int, message: str = "") -> Code | None:
    """Our code for Meta's, None for one that isn't known."""
    table = network_data(META)["errors"]
    if exact := table["subcodes"].get(str(subcode)):
        return Code(exact)
    usual = table["codes"].get(str(code))
    if usual == Code.TOKEN_REVOKED and "expired" in message.lower():
        return Code.TOKEN_EXPIRED
    usual = usual or next((name for name, (first, last) in table["ranges"].items() if first <= code <= last), None)
    return Code(usual) if usual else None


def problem(
    code: Code,
    message: str,
    *,
    raw: RawAnswer | None = None,
    until: datetime | None = None,
    lost: bool = False,
    status: int = 0,
) -> NetworkError:
    """The error of a code. `lost`: it answers a one shot, which may have published although the answer says that something broke."""
    kind = _CLASSES.get(code, ValidationError)
    if code == Code.SERVER_ERROR:
        kind = UnknownOutcomeError if lost else kind
        return kind(code, detail={"status": status}, raw=raw)
    detail = {"message": message}
    if kind is MediaError:
        detail["field"] = "media"
    elif kind is ValidationError:
        detail["field"] = "link" if code == Code.LINK_INVALID else "text"
    elif code == Code.QUOTA_SPENT:
        detail["bucket"] = "posts"
    return kind(code, detail=detail, until=until, raw=raw)


def _until(answer: http.Answer, code: Code) -> datetime | None:
    facts, now = network_data(META), datetime.now(UTC)
    if code == Code.QUOTA_SPENT:
        return now + timedelta(seconds=facts["rate_limit"]["quota_wait_seconds"])
    if code == Code.MEDIA_PROCESSING:
        return now + timedelta(seconds=facts["processing"]["wait_seconds"])
    return _come_back_at(answer) if code == Code.TOO_MANY_REQUESTS else None


def _come_back_at(answer: http.Answer) -> datetime:
    now = datetime.now(UTC)
    told = [quota.resets_at for quota in read_usage(answer.headers) if quota.resets_at and quota.resets_at > now]
    seconds = answer.headers.get("retry-after", "")
    if seconds.isdigit():
        told.append(now + timedelta(seconds=int(seconds)))
    return max(told) if told else now + timedelta(seconds=network_data(META)["rate_limit"]["default_wait_seconds"])
