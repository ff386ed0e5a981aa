"""The post to quote: whether the instance knows quotes, which of its statuses an address means, and what became of the quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from socialops.networks.errors import Code
from socialops.networks.mastodon.answers import NETWORK, call, origin
from socialops.networks.options import options_of
from socialops.networks.ports import Content, Option, Target
from socialops.networks.quotes import OPTION, quote_of, refused


def options(limits: Mapping[str, Any]) -> Sequence[Option]:
    """The network's, without the quote where the instance says that it has none: an older one drops the field and publishes the rest."""
    known = (limits.get("quote") or {}).get("known", True)
    return [option for option in options_of(NETWORK) if known or option.name != OPTION]


def read(address: str) -> str | None:
    """The address itself, None for what can be none: every server, and every kind of server, has pages of its own shape."""
    parts = urlsplit(address)
    whole = parts.scheme in ("http", "https") and parts.hostname and len(parts.path) > 1
    return address if whole and " " not in address else None


def resolve(target: Target, address: str) -> str:
    """The id of the status on the account's own server, which fetches it from elsewhere where it must. ValidationError quote_not_found or quote_refused."""
    status = _on_our_server(target, address) or _found(target, address)
    if status is None:
        raise refused(Code.QUOTE_NOT_FOUND, address)
    if (status.get("quote_approval") or {}).get("current_user") == "denied":
        raise refused(Code.QUOTE_REFUSED, address)
    return str(status["id"])


def _on_our_server(target: Target, address: str) -> dict[str, Any] | None:
    """A page of the account's own server ends in the id: no search is needed."""
    if not address.startswith(f"{origin(target.base_url)}/"):
        return None
    key = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    answer = call(target, "GET", f"/api/v1/statuses/{quote(key, safe='')}", accept=(404, 410))
    return answer.object() if answer.ok else None


def _found(target: Target, address: str) -> dict[str, Any] | None:
    """By search, which fetches what the server does not know yet. An address that finds several was taken for words."""
    params = {"q": address, "type": "statuses", "resolve": "true", "limit": 2}
    rows = call(target, "GET", "/api/v2/search", params=params).object().get("statuses") or ()
    found = [status for status in rows if isinstance(status, dict)]
    same = [status for status in found if address.rstrip("/") in (status.get("url"), status.get("uri"))]
    return next(iter(same), found[0] if len(found) == 1 else None)


def quoted_by(status: Mapping[str, Any]) -> str:
    """The id of what a status quotes, "" for nothing, "?" where the server doesn't tell it (it awaits its author, or was refused)."""
    shown = status.get("quote")
    if not shown:
        return ""
    return str((shown.get("quoted_status") or {}).get("id") or shown.get("quoted_status_id") or "?")


def unfinished(content: Content, status: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be told of the quote of a status that is out, {} where it stands under it."""
    address, state = quote_of(content), (status.get("quote") or {}).get("state")
    if not address or state == "accepted":
        return {}
    code = Code.QUOTE_PENDING if state == "pending" else Code.QUOTE_REFUSED
    return {"unfinished": [{"field": OPTION, "code": str(code), "detail": {"option": OPTION, "address": address}}]}
