"""Every call to the Threads API, and what its refusals mean: Graph's shape, by code and subcode."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

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
from socialops.networks.ports import Target

NETWORK = "threads"
GONE = (100, 33)  # (code, subcode) of an object that isn't there or isn't ours to see


def root(base_url: str = "") -> str:
    """The host of the API, where tokens are made; THREADS_BASE_URL (or a channel's base_url) stands in for dialog, API and pages alike."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"]["graph"])


def graph(base_url: str = "") -> str:
    return f"{root(base_url)}/{network_data(NETWORK)['hosts']['version']}"


def call(
    target: Target, method: str, path: str, *, accept: tuple[tuple[int, int], ...] = (), **request: Any
) -> http.Answer:
    """An authorised call. The token is a parameter: Meta documents no header for this host. `accept`: (code, subcode) refusals the caller reads itself."""
    token = str(target.credentials.values.get("access_token") or "")
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    url = f"{graph(target.base_url)}/{path}"
    place = "form" if method == "POST" else "params"
    request[place] = {**request.get(place, {}), "access_token": token}
    answer = http.call(method, url, secrets=(token,), **request)
    if (not answer.ok or "error" in answer.error_object()) and error_code(answer) not in accept:
        refuse(answer)
    return answer


def rows_of(answer: http.Answer) -> list[dict[str, Any]]:
    rows = answer.object().get("data")
    return rows if isinstance(rows, list) else answer.unexpected()


def next_page(answer: http.Answer, size: int) -> str:
    """The cursor of the next page, "" on the last: Meta's samples show no `next`, so a full page counts as one that may be followed.
    The address in the answer carries the token, so it is built anew.
    """
    paging = answer.object().get("paging") or {}
    goes_on = paging.get("next") or len(rows_of(answer)) >= size
    return str((paging.get("cursors") or {}).get("after") or "") if goes_on else ""


def error_code(answer: http.Answer) -> tuple[int, int]:
    """(code, subcode) of a refusal, 0 where missing."""
    error = answer.error_object().get("error")
    if not isinstance(error, dict):
        return 0, 0
    code, subcode = error.get("code"), error.get("error_subcode")
    return (code if isinstance(code, int) else 0), (subcode if isinstance(subcode, int) else 0)


def message_of(answer: http.Answer) -> str:
    """The network's words; the exchange of a code has a shape of its own."""
    body = answer.error_object()
    error = body.get("error")
    said = error if isinstance(error, dict) else {"message": body.get("error_message")}
    return str(said.get("error_user_msg") or said.get("message") or "")[:500]


def refuse(answer: http.Answer) -> NoReturn:
    table, raw = network_data(NETWORK)["errors"], answer.raw()
    (code, subcode), message = error_code(answer), message_of(answer)
    error = answer.error_object().get("error")
    said = error if isinstance(error, dict) else {}
    if answer.status == 429 or code in table["throttled"]:
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=_come_back_at(answer), raw=raw)
    if subcode in table["too_early"]:
        raise OutageError(Code.MEDIA_PROCESSING, detail={"message": message}, raw=raw)
    if about_account := _about_account(code, subcode, message, raw):
        raise about_account
    if answer.status >= 500 or code in table["unknown"] or said.get("is_transient"):
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": answer.status}, raw=raw)
    if said and 400 <= answer.status < 500:
        raise _about_content(message, raw)
    if answer.one_shot and (answer.ok or answer.status == 408):
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)


def _about_account(code: int, subcode: int, message: str, raw: RawAnswer) -> NetworkError | None:
    """Token, permission or standing; None when the refusal is about something else."""
    table, detail = network_data(NETWORK)["errors"], {"message": message}
    if code in table["token"]:
        usual = Code.TOKEN_EXPIRED if "expired" in message.lower() else Code.TOKEN_REVOKED
        return AuthError(Code(table["token_subcodes"].get(str(subcode), usual)), detail=detail, raw=raw)
    if subcode in table["blocked_subcodes"]:
        return PolicyError(Code.ACCOUNT_BLOCKED, detail=detail, raw=raw)
    if subcode in table["policy_subcodes"]:
        return PolicyError(Code.CONTENT_POLICY, detail=detail, raw=raw)
    if code in table["permission"] or table["permission_range"][0] <= code <= table["permission_range"][1]:
        return AuthError(Code.SCOPE_MISSING, detail=detail, raw=raw)
    return None


def _about_content(message: str, raw: RawAnswer) -> NetworkError:
    table, detail, data = network_data(NETWORK)["errors"], {"message": message}, network_data(NETWORK)["limits"]
    if table["link_limit"] in message:
        most = data["text"]["max_links"]
        return ValidationError(
            Code.TOO_MANY_LINKS, detail={"field": "text", "count": most + 1, "limit": most, **detail}, raw=raw
        )
    if table["unfetched"] in message:
        return MediaError(Code.MEDIA_UNREACHABLE, detail={"field": "media", **detail}, raw=raw)
    return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)


def _come_back_at(answer: http.Answer) -> datetime:
    """No header tells it for sure; Retry-After where a proxy sends it."""
    seconds = answer.headers.get("retry-after", "")
    wait = int(seconds) if seconds.isdecimal() else network_data(NETWORK)["rate_limit"]["default_wait_seconds"]
    return datetime.now(UTC) + timedelta(seconds=wait)
