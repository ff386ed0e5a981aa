"""Every call to LinkedIn, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

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
    RateLimitError,
    RawAnswer,
    UnknownOutcomeError,
    ValidationError,
)
from socialops.networks.ports import Target
from socialops.networks.quota import parse_reset

NETWORK = "linkedin"
GONE = (404,)
POST_URN = re.compile(r"urn:li:(?:share|ugcPost):\d+")


def host(base_url: str, kind: str) -> str:
    """The origin of `api` or `web`; LINKEDIN_BASE_URL (or a channel's base_url) stands in for both."""
    return http.origin_of(base_url or network_settings(NETWORK)["base_url"] or network_data(NETWORK)["hosts"][kind])


def is_own_host(url: str, base_url: str) -> bool:
    """Whether an address that LinkedIn gave leads to LinkedIn, so that our token may go there."""
    name = urlsplit(url).hostname or ""
    if name == urlsplit(host(base_url, "api")).hostname:
        return True
    return any(name == own or name.endswith(f".{own}") for own in network_data(NETWORK)["hosts"]["own"])


def is_organization(target: Target) -> bool:
    return target.external_id.startswith("urn:li:organization:")


def has_role(target: Target, what: str) -> bool:
    """Whether the person who connected a Page has one of the roles that may do this (`[roles]`), as far as we know; True for a member's own profile."""
    roles = target.credentials.values.get("roles")
    return not isinstance(roles, list) or bool(set(roles) & set(network_data(NETWORK)["roles"][what]))


def call_with(
    token: str,
    method: str,
    url: str,
    *,
    accept: tuple[int, ...] = (),
    headers: Mapping[str, str] | None = None,
    author: Target | None = None,
    **request: Any,
) -> http.Answer:
    """A call with a token and the version headers. `accept`: refusals the caller reads itself; `author`: for whom, so that a refusal can be told from a lost role."""
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    sent = {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": network_data(NETWORK)["hosts"]["version"],
        "X-Restli-Protocol-Version": "2.0.0",
        **(headers or {}),
    }
    answer = http.call(method, url, headers=sent, secrets=(token,), **request)
    if not answer.ok and answer.status not in accept:
        refuse(answer, author)
    return answer


def call(target: Target, method: str, address: str, **request: Any) -> http.Answer:
    """An authorised call; `address` from `restli.address`, under the API's root. See `call_with`."""
    token = str(target.credentials.values.get("access_token") or "")
    return call_with(token, method, f"{host(target.base_url, 'api')}/rest/{address}", author=target, **request)


def elements(answer: http.Answer) -> list[dict[str, Any]]:
    """What a finder found."""
    found = answer.object().get("elements")
    rows = found if isinstance(found, list) else answer.unexpected()
    return [row for row in rows if isinstance(row, dict)]


def moment_of(value: Any) -> datetime | None:
    """Epoch milliseconds, as everywhere on LinkedIn."""
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) and value > 0 else None


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def message_of(answer: http.Answer) -> str:
    return str(answer.error_object().get("message") or "")[:500]


def refuse(answer: http.Answer, author: Target | None = None) -> NoReturn:
    """By status, then by LinkedIn's own code and words."""
    table, raw, said = network_data(NETWORK)["errors"], answer.raw(), answer.error_object()
    code, message = str(said.get("code") or ""), message_of(answer)
    if answer.status == 429:
        raise RateLimitError(Code.TOO_MANY_REQUESTS, until=_come_back_at(answer, message), raw=raw)
    if answer.status == 426 or code in table["outdated"]:
        raise InternalError(Code.APP_OUTDATED, detail={"message": message}, raw=raw)
    if answer.status >= 500 or answer.status == 408:
        lost = UnknownOutcomeError if answer.one_shot else OutageError
        raise lost(Code.SERVER_ERROR, detail={"status": answer.status}, raw=raw)
    if answer.status == 401:
        service_code = str(said.get("serviceErrorCode") or "")
        usual = Code.TOKEN_EXPIRED if "expired" in message.lower() else Code.TOKEN_REVOKED
        known = table["token"].get(code) or table["token"].get(service_code) or usual
        raise AuthError(Code(known), detail={"message": message}, raw=raw)
    if answer.status == 403:
        raise _denied(author, message, raw)
    if 400 <= answer.status < 500 and said:
        raise _about_content(answer, code, message, raw)
    if answer.one_shot and answer.ok:
        raise UnknownOutcomeError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)
    raise InternalError(Code.UNEXPECTED_ANSWER, detail={"status": answer.status}, raw=raw)


def _denied(author: Target | None, message: str, raw: RawAnswer) -> NetworkError:
    """One refusal for two causes. With all a Page needs granted, what is missing is the person's role there: a new token would fail alike."""
    needed = set(network_data(NETWORK)["oauth"]["organization"])
    granted = set(author.credentials.scopes) if author is not None and is_organization(author) else set()
    code = Code.ROLE_LOST if needed <= granted else Code.SCOPE_MISSING
    return AuthError(code, detail={"message": message}, raw=raw)


def _about_content(answer: http.Answer, code: str, message: str, raw: RawAnswer) -> NetworkError:
    table, detail = network_data(NETWORK)["errors"], {"message": message}
    if answer.status in (409, 422) and table["duplicate"] in message.lower():
        found = POST_URN.search(message)
        return DuplicateError(Code.DUPLICATE_POST, detail={**detail, "post": found[0] if found else ""}, raw=raw)
    if table["processing"] in (code, message) or table["processing"] in message:
        return OutageError(Code.MEDIA_PROCESSING, detail=detail, raw=raw)
    if any(name == code or name in message for name in table["media"]):
        return MediaError(Code.MEDIA_REFUSED, detail={"field": "media", **detail}, raw=raw)
    return ValidationError(Code.CONTENT_REFUSED, detail={"field": "text", **detail}, raw=raw)


def _come_back_at(answer: http.Answer, message: str) -> datetime:
    """Retry-After where it comes (the documents name none); a daily quota starts anew at midnight UTC; other throttles pass in a minute."""
    now, rule = datetime.now(UTC), network_data(NETWORK)["rate_limit"]
    told = parse_reset(answer.headers.get("retry-after") or "", now=now)
    if told is not None and told > now:
        return told
    if rule["daily"].lower() in message.lower():
        return datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return now + timedelta(seconds=rule["default_wait_seconds"])
