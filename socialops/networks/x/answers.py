"""Every call of X's API, what its refusals mean, and what a call cost.

A refusal comes in three shapes: a problem (title, detail, type), a list of numbered errors, or errors beside data in a 200. We go by status and the last part of `type`, and
read the words only where one status has several meanings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Charge, Target
from socialops.networks.quota import come_back_at, read_quota

NETWORK = "x"
PREFIX = "x-rate-limit"
DAY_PREFIX = "x-user-limit-24hour"  # where the account's day is counted too
NO_SUBSCRIPTION = "None"  # an account's `subscription_type`
EPOCH_MS = 1_288_834_974_657  # of X's snowflakes; the 22 bits under the time number posts of one millisecond


def root(base_url: str = "") -> str:
    """The API's root; X_BASE_URL (or a channel's base_url) stands in for API, consent and what people see alike."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["api"])


def site(base_url: str = "") -> str:
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["app"])


def post_url(target: Target, handle: str, post_id: str) -> str:
    return f"{site(target.base_url)}/{handle.removeprefix('@') or 'i/web'}/status/{post_id}"


def posted_at(post_id: str) -> datetime | None:
    """When a post was made, told by its id."""
    if not post_id.isdigit() or int(post_id) >> 22 == 0:
        return None
    return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) / 1000, UTC)


def fields(*more: str, expansions: tuple[str, ...] = (), basic: bool = True) -> dict[str, str]:
    """Query parameters that ask for a post's fields (all we read, or just `more`), in the names that `[vocabulary]` chooses."""
    rule = network_data(NETWORK)["vocabulary"]
    name = rule["parameter"]
    wanted = [*(rule[name]["post"] if basic else ()), *more]
    expanded = dict.fromkeys([*(rule[name]["expansions"] if basic else ()), *expansions])
    asked = {name: ",".join(wanted), "expansions": ",".join(expanded)}
    return {key: value for key, value in asked.items() if value}


def call(
    target: Target,
    method: str,
    path: str,
    *,
    scope: str = "",
    accept: tuple[int, ...] = (),
    one_shot: bool = False,
    bucket: str = "requests",
    **request: Any,
) -> http.Answer:
    """An authorised call. `scope`: what it needs beyond reading; `accept`: refusals the caller reads itself; `bucket` names the rate limit that X tells of."""
    token = str(target.credentials.values.get("access_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    answer = http.call(
        method,
        root(target.base_url) + path,
        headers={"Authorization": f"Bearer {token}"},
        one_shot=one_shot,
        secrets=(token,),
        **request,
    )
    if quota := read_quota(answer.headers, prefix=_window(answer), bucket=bucket):
        target.report(quota)
    if not answer.ok and answer.status not in accept:
        refuse(answer, scope=scope, granted=target.credentials.scopes)
    return answer


def _window(answer: http.Answer) -> str:
    """Which of the windows that X tells of is spent, or counts."""
    return DAY_PREFIX if answer.headers.get(f"{DAY_PREFIX}-remaining") == "0" else PREFIX


def price(name: str) -> Decimal:
    """US dollars, of `[prices]`."""
    return Decimal(network_data(NETWORK)["prices"][name])


def charge_reads(target: Target, answer: http.Answer) -> None:
    """Tell what a read costs: each post, person and message it gave, those that came along too; the monthly cap counts posts only."""
    body = answer.object()
    data = body.get("data")
    rows = data if isinstance(data, list) else [data] if isinstance(data, dict) else []
    included = included_of(body)
    messages = sum("event_type" in row for row in rows)
    people = sum("username" in row for row in rows) + len(included.get("users") or ())
    posts = len(rows) - messages - sum("username" in row for row in rows)
    posts += len(included.get("posts") or included.get("tweets") or ())
    amount = posts * price("post_read") + people * price("user_read") + messages * price("message_read")
    if amount:
        target.report(Charge("reads", posts, amount))


def included_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    included = body.get("includes")
    return included if isinstance(included, dict) else {}


def rows_of(answer: http.Answer) -> list[dict[str, Any]]:
    """The objects of a list; X leaves `data` out where there are none."""
    data = answer.object().get("data", [])
    return data if isinstance(data, list) and all(isinstance(row, dict) for row in data) else answer.unexpected()


# ---------------------------------------------------------------- refusals


def problem_of(answer: http.Answer) -> tuple[str, str]:
    """(last part of the problem's type, X's own words)."""
    error = answer.error_object()
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    words = error.get("detail") or first.get("detail") or first.get("message") or error.get("title") or ""
    if first.get("message") and str(first["message"]) not in str(words):
        words = f"{words} {first['message']}"
    kind = str(error.get("type") or first.get("type") or "")
    return kind.rpartition("/")[2], str(words)[:500]


def refuse(answer: http.Answer, *, scope: str = "", granted: tuple[str, ...] = ()) -> NoReturn:
    """Raise what the refusal means."""
    kind, message = problem_of(answer)
    status, raw, detail = answer.status, answer.raw(), {"message": message}
    rule = network_data(NETWORK)["rate_limit"]
    if status == 429:
        capped = kind == "usage-capped"
        wait = rule["capped_wait_seconds"] if capped else rule["default_wait_seconds"]
        until = datetime.now(UTC) + timedelta(seconds=wait)
        if not capped:
            until = come_back_at(answer.headers, prefix=_window(answer), default_seconds=wait)
        code = Code.QUOTA_SPENT if capped else Code.TOO_MANY_REQUESTS
        raise RateLimitError(code, detail={"bucket": "reads"} if capped else {}, until=until, raw=raw)
    if status >= 500 or status == 408:
        # A 503 has been seen for posts that were made all the same.
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": status}, raw=raw)
    if status == 401:  # X says the same of a token that has ended and of one taken back: renewing it tells
        raise AuthError(Code.TOKEN_EXPIRED, raw=raw)
    if status == 402:  # nothing goes out until somebody buys credits: trying again by itself would only hammer
        raise PolicyError(Code.CREDITS_SPENT, detail=detail, raw=raw)
    if status == 403:
        raise _forbidden(answer, kind, message, scope=scope, granted=granted)
    if status in (400, 404, 409, 413, 422):
        raise _about_content(answer, message)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": status}, raw=raw)


def _forbidden(answer: http.Answer, kind: str, message: str, *, scope: str, granted: tuple[str, ...]) -> NetworkError:
    raw, detail = answer.raw(), {"message": message}
    if says(message, "duplicate"):
        return DuplicateError(Code.DUPLICATE_POST, detail=detail, raw=raw)
    if says(message, "parent"):
        return ValidationError(Code.PARENT_GONE, detail={"field": "parent", **detail}, raw=raw)
    if says(message, "reply"):
        return ValidationError(Code.REPLY_NOT_ALLOWED, detail=detail, raw=raw)
    if says(message, "video"):
        return MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail}, raw=raw)
    if says(message, "disabled"):
        return AuthError(Code.ACCOUNT_DISABLED, detail=detail, raw=raw)
    if says(message, "policy"):
        return PolicyError(Code.CONTENT_POLICY, detail=detail, raw=raw)
    if says(kind, "app"):
        return AuthError(Code.APP_NOT_APPROVED, detail=detail, raw=raw)
    if says(message, "long"):
        return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)
    # A token made elsewhere doesn't say what it may do: then X's words have to.
    if scope and scope not in granted and (granted or says(message, "scope")):
        return AuthError(Code.SCOPE_MISSING, detail={"scope": scope, **detail}, raw=raw)
    return PolicyError(Code.CONTENT_POLICY, detail=detail, raw=raw)


def _about_content(answer: http.Answer, message: str) -> NetworkError:
    raw, detail = answer.raw(), {"message": message}
    if says(message, "parent"):
        return ValidationError(Code.PARENT_GONE, detail={"field": "parent", **detail}, raw=raw)
    if says(message, "media") or answer.status == 413:
        return MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail}, raw=raw)
    return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)


def says(words: str, name: str) -> bool:
    """Whether a refusal has one of the fragments that `[errors]` lists under this name."""
    lowered = words.lower()
    return any(fragment in lowered for fragment in network_data(NETWORK)["errors"][name])
